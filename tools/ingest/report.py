"""What an ingestion did, for people and as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from os.path import commonpath, dirname
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.errors import BadEntry
from tools.ingest.duplicates import Duplicate

NAMED = 5  # ids in one line
SHOWN = 50  # lines of one kind in the table; --json has all


@dataclass(slots=True)
class FileReport:
    """What became of one file's entries."""

    entries: int = 0  # readable ones
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    duplicates: int = 0  # left out, since another entry says the same word for word


@dataclass(slots=True)
class Report:
    """What an ingestion did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    stale: int = 0  # not written because a newer run wrote them first
    kept: int = 0  # in no file any more, but not removed
    kept_because: str = ""  # why
    left_over: list[str] = field(default_factory=list)  # stored, not in their pages any more
    edited: int = 0  # left as an editor changed them, since their files have not changed since then
    overruled: int = 0  # edits that a newer text of a file took the place of; the journal has them
    superseded: dict[str, str] = field(default_factory=dict)  # place of an edition that is never in
    # force -> version of the one that is instead
    outranked: dict[str, str] = field(default_factory=dict)  # place of an edition -> version of a
    # higher one that the index has and these files have not
    files: dict[str, FileReport] = field(default_factory=dict)
    rejected: list[BadEntry] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)  # files in folders by type not read
    ignored_fields: dict[str, str] = field(default_factory=dict)  # name -> where it came first
    duplicates: list[Duplicate] = field(default_factory=list)  # the second is left out
    near_duplicates: list[Duplicate] = field(default_factory=list)  # both are stored
    notes: dict[str, list[str]] = field(default_factory=dict)  # place -> what was left out there
    personal: dict[str, list[str]] = field(default_factory=dict)  # place -> kinds, never values
    seconds: float = 0.0


def as_json(report: Report) -> dict[str, Any]:
    """Return the report in plain values."""
    rejected = [{"place": bad.place, "reason": bad.reason} for bad in report.rejected]
    plain = asdict(_without_errors(report))
    return plain | {"rejected": rejected}


def from_json(plain: Mapping[str, Any]) -> Report:
    """Return the report that as_json gave; its files stay out."""
    lists = {
        name: [Duplicate(**one) for one in plain[name]]
        for name in ("duplicates", "near_duplicates")
    }
    rejected = [BadEntry(bad["place"], bad["reason"]) for bad in plain["rejected"]]
    return Report(**{**plain, **lists, "files": {}, "rejected": rejected})


def _without_errors(report: Report) -> Report:
    """Return a copy whose errors, which can't be copied deeply, are left out."""
    names = (name for name in Report.__slots__ if name != "rejected")
    return Report(**{name: getattr(report, name) for name in names})


def complaints(report: Report) -> list[str]:
    """Return in a line each what of the files does not count, or not as they say."""
    rejected = [f"rejected {bad}" for bad in report.rejected]
    return [*rejected, *_outranked(report), *_notes(report)]


def _notes(report: Report) -> list[str]:
    return [f"note {place}: {note}" for place, notes in report.notes.items() for note in notes]


def _outranked(report: Report) -> list[str]:
    return [
        f"not the highest edition: {place}; the index holds {version!r}, which none of these files "
        "does. Load that too, or remove it with --prune"
        for place, version in report.outranked.items()
    ]


def show(report: Report, console: Console) -> None:
    """Print the report as tables and lines."""
    counts = ("added", "changed", "unchanged", "removed")
    _table(
        console,
        f"{report.seconds:.1f} s",
        (*counts, "rejected"),
        [[*(str(getattr(report, name)) for name in counts), str(len(report.rejected))]],
    )
    of_file = ("entries", "added", "changed", "unchanged", "rejected", "duplicates")
    folder = _common_folder(list(report.files))
    rows = [
        [name.removeprefix(folder), *(str(getattr(facts, count)) for count in of_file)]
        for name, facts in report.files.items()
    ]
    if len(rows) > 1:
        _table(console, folder, ("file", *of_file), rows[:SHOWN])
        _more(console, len(rows))
    if report.skipped:
        types = ", ".join(f"{count} {suffix}" for suffix, count in report.skipped.items())
        console.print(f"skipped {types}: files of these types are not read", markup=False)
    for lines in (
        [f"rejected {bad}" for bad in report.rejected],
        _outranked(report),
        _left_over(report),
        _notes(report),
        [f"left out {d.second}: the same as {d.first}" for d in report.duplicates],
        [
            f"nearly the same ({d.similarity:.0%}): {d.first} and {d.second}"
            for d in report.near_duplicates
        ],
        [f"personal data in {place}: {', '.join(of)}" for place, of in report.personal.items()],
        [
            f"never in force: {place}, since edition {version!r} begins no later"
            for place, version in report.superseded.items()
        ],
        [
            f"ignored unknown field {name!r}, first at {place}"
            for name, place in report.ignored_fields.items()
        ],
        _kept(report),
    ):
        _lines(console, lines)


def _kept(report: Report) -> list[str]:
    """Return how many entries are not as these files say, and why."""
    told = (
        (report.stale, "were changed by a newer run meanwhile; kept its"),
        (report.edited, "stay as they were changed on the knowledge page"),
        (
            report.overruled,
            "that were changed on the knowledge page follow their files again, which have changed "
            "since; the page's history has the earlier texts",
        ),
        (report.kept, f"are in no file any more; nothing was removed: {report.kept_because}"),
    )
    return [f"{count} entries {what}" for count, what in told if count]


def _left_over(report: Report) -> list[str]:
    if not report.left_over:
        return []
    ids = ", ".join(report.left_over[:NAMED])
    more = f" and {len(report.left_over) - NAMED} more" if len(report.left_over) > NAMED else ""
    return [
        f"no longer in their pages, but still answering: {ids}{more}; --prune with all files and "
        "folders of the knowledge removes them"
    ]


def _common_folder(files: Sequence[str]) -> str:
    """Return the start that all paths share, with its "/" at the end; "" where there is none."""
    try:
        head = commonpath([dirname(file) for file in files])
    except ValueError:  # some paths begin at the root, others do not
        return ""
    return head and f"{head}/"


def _table(console: Console, title: str, names: tuple[str, ...], rows: list[list[str]]) -> None:
    table = Table(title=Text(title) if title else None)
    for name in names:
        is_text = name == "file"
        table.add_column(
            name, justify="left" if is_text else "right", overflow="fold" if is_text else "ellipsis"
        )
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _lines(console: Console, lines: list[str]) -> None:
    counts = Counter(lines)  # passages of one section have one place
    for line, count in [*counts.items()][:SHOWN]:
        times = f" ({count} times)" if count > 1 else ""
        console.print(line + times, markup=False, highlight=False)
    _more(console, len(counts))


def _more(console: Console, count: int) -> None:
    if count > SHOWN:
        console.print(f"… and {count - SHOWN} more (--json shows all)")
