"""What the knowledge page shows of an upload, as HTML."""

import re
from collections.abc import Mapping, Sequence

from tools.errors import BadEntry
from tools.ingest.report import Report
from ui.knowledge_views import quiet, said
from ui.words import Locale
from ui.words.knowledge import KnowledgeWords, knowledge_words, refused

SHOWN = 100  # lines of one kind


def report(locale: Locale, reports: Mapping[str, Report]) -> str:
    """Return what was done with every uploaded file, by its name."""
    w = knowledge_words(locale)
    names = ("added", "changed", "unchanged", "removed", "rejected")
    head = "".join(f'<th scope="col">{said(w["report"][name])}</th>' for name in ("file", *names))
    rows = []
    for name, done in reports.items():
        counts = (done.added, done.changed, done.unchanged, done.removed, len(done.rejected))
        cells = "".join(f"<td>{count}</td>" for count in counts)
        rows.append(f"<tr><td>{said(name)}</td>{cells}</tr>")
    unknown = sorted({name for done in reports.values() for name in done.ignored_fields})
    ignored = quiet(w["ignored"] + ", ".join(unknown)) if unknown else ""
    bad = [(one.place, reason(locale, one)) for done in reports.values() for one in done.rejected]
    return (
        f'<table class="kefu-facts"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f"</table>{ignored}{_list(w, w['rejected'], bad)}"
        f"{_list(w, w['to_check'], _doubts(locale, w, [*reports.values()]))}"
    )


def reason(locale: Locale, bad: BadEntry) -> str:
    """Return why something was rejected in the page's words; as it came where it has none."""
    return _in_words(locale, bad.reason)


def _in_words(locale: Locale, text: str) -> str:
    labels = knowledge_words(locale)["fields"]
    for pattern, words in refused(locale).items():
        if found := re.fullmatch(pattern, text, re.DOTALL):
            name = found.groupdict().get("field", "")
            return words.format(*found.groups(), field=labels.get(name, name))
    return text


def _doubts(locale: Locale, w: KnowledgeWords, reports: Sequence[Report]) -> list[tuple[str, str]]:
    """Return place and remark of what should be looked at."""
    found = []
    for done in reports:
        found += [(at, w["superseded"].format(version=v)) for at, v in done.superseded.items()]
        found += [(at, w["outranked"].format(version=v)) for at, v in done.outranked.items()]
        found += [
            (at, _in_words(locale, note)) for at, notes in done.notes.items() for note in notes
        ]
        found += [(place, w["has_personal"]) for place in done.personal]
        found += [(d.second, w["same_as"].format(place=d.first)) for d in done.duplicates]
        found += [(d.second, w["nearly_as"].format(place=d.first)) for d in done.near_duplicates]
    return found


def _list(w: KnowledgeWords, title: str, lines: Sequence[tuple[str, str]]) -> str:
    if not lines:
        return ""
    rows = "".join(
        f"<tr><td>{said(place)}</td><td>{said(text)}</td></tr>" for place, text in lines[:SHOWN]
    )
    left = len(lines) - SHOWN
    more = quiet(w["more_rejected"].format(count=left)) if left > 0 else ""
    return (
        f"<h3>{said(title)}</h3><table class='kefu-facts kefu-rejected'><thead><tr>"
        f"<th scope='col'>{said(w['place'])}</th><th scope='col'>{said(w['reason'])}</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>{more}"
    )
