"""What the knowledge page shows as HTML. All that knowledge, files and editors say is data."""

import html
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from tools.ingest.editions import follower
from tools.ingest.edits import Edit
from tools.search.types import Entry, IndexHealth, Passage, SearchResult
from ui.words.knowledge import KnowledgeWords

PREVIEW_CHARS = 60
CONTEXT_CHARS = 12  # of unchanged text around a change
SCORES = ("score", "dense", "words", "fit")
Version = tuple[str, Entry]  # its name and what the entry said


def said(text: object) -> str:
    """Return text that is shown as it is."""
    return html.escape(str(text), quote=True)


def note(text: str, *, is_good: bool = False) -> str:
    """Return a banner; "" for no text."""
    kind = "good" if is_good else "level-3"
    return f'<div class="kefu-banner kefu-{kind}" role="status">{said(text)}</div>' if text else ""


def quiet(text: str) -> str:
    """Return a remark."""
    return f'<p class="kefu-quiet">{said(text)}</p>'


def hits(
    w: KnowledgeWords,
    result: SearchResult,
    entries: Mapping[str, Entry],
    today: str,
    took_ms: float,
) -> str:
    """Return the passages found as a table; `entries` are the same ones whole, by id."""
    if not result.passages:
        return quiet(w["nothing"])
    head = "".join(
        f'<th class="kefu-{name}" scope="col">{said(w["columns"][name])}</th>'
        for name in ("rank", "entry", *SCORES)
    )
    rows = []
    for rank, passage in enumerate(result.passages, start=1):
        scores = "".join(_score(w, name, float(passage[name])) for name in SCORES)  # type: ignore[literal-required]
        rows.append(
            f'<tr><td class="kefu-rank">{rank}</td><td class="kefu-entry">'
            f"{_title(w, passage, entries.get(passage['id']), today)}"
            f"<p>{said(_short(passage['answer']))}</p></td>{scores}</tr>"
        )
    legs = " · ".join(f"{w['legs'][leg]} {w['legs'][state]}" for leg, state in result.legs.items())
    return (
        f'<table class="kefu-hits"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        f'<p class="kefu-quiet">{said(legs)} · {took_ms:.0f} ms</p>'
        f"{quiet(w['columns_help'])}"
    )


def _title(w: KnowledgeWords, passage: Passage, entry: Entry | None, today: str) -> str:
    marks = "".join(
        f'<span class="kefu-badge kefu-{mark}">{said(w["badges"][mark])}</span>'
        for mark in badges(entry, today)
    )
    asked = "" if passage["matched"] == passage["question"] else f"≈ {passage['matched']} · "
    where = " · ".join(filter(None, (passage["id"], passage["category"], passage["source"])))
    return (
        f'<button type="button" data-id="{said(passage["id"])}">{said(passage["question"])}'
        f"</button>{marks}<small>{said(asked)}{said(where)}</small>"
    )


def badges(entry: Entry | None, today: str) -> list[str]:
    """Return what sets an entry apart; `today` is an ISO date."""
    if entry is None:
        return []
    is_over = "" < entry.get("effective_to", "") < today
    is_of = {
        "doc": entry.get("kind") == "doc",
        "internal": entry.get("audience") == "internal",
        "ended": is_over and not follower(entry),
        "superseded": is_over and bool(follower(entry)),
        "later": entry.get("effective_from", "") > today,
    }
    return [mark for mark, holds in is_of.items() if holds]


def edition(w: KnowledgeWords, entry: Entry, today: str) -> str:
    """Return which edition a stored entry is, and what follows or when it begins; "" of one."""
    if "edition" not in entry:
        return ""
    names = ", ".join(version or "–" for version in entry["edition"]["versions"])
    text = w["edition"].format(version=entry.get("version") or "–", versions=names)
    if above := follower(entry):
        begins = date.fromisoformat(entry["effective_to"]) + timedelta(days=1)
        text += w["followed"].format(version=above, day=begins.isoformat())
    elif (begin := entry.get("effective_from", "")) > today:
        text += w["begins"].format(day=begin)
    return quiet(text)


def _score(w: KnowledgeWords, name: str, value: float) -> str:
    share = max(0.0, min(1.0, value)) * 100
    return (
        f'<td class="kefu-score kefu-{name}" data-label="{said(w["columns"][name])}">{value:.3f}'
        f'<i style="width:{share:.0f}%"></i></td>'
    )


def versions(w: KnowledgeWords, edits: Sequence[Edit], zone: tzinfo | None) -> list[Version]:
    """Return every text an entry has had, the first one first, from its edits, latest first."""
    found: list[Version] = []
    for edit in reversed(edits):
        if not found and edit["before"] is not None:
            found.append((w["original"], edit["before"]))
        if edit["entry"] is not None:
            found.append((moment(edit["at"], zone), edit["entry"]))
    return found


def history(w: KnowledgeWords, edits: Sequence[Edit], zone: tzinfo | None) -> str:
    """Return what was changed when and by whom, latest first, each with a button to take it up."""
    title = f"<h3>{said(w['history'])}</h3>"
    if not edits:
        return title + quiet(w["no_history"])
    number = len(versions(w, edits, zone)) - 1
    lines = []
    for edit in edits:
        button = ""
        if edit["entry"] is not None:
            button, number = _take(w, number), number - 1
        lines.append(f"<li>{_line(w, edit, zone)}{button}{differences(w, edit)}</li>")
    if number == 0:
        lines.append(f"<li><b>{said(w['original'])}</b>{_take(w, 0)}</li>")
    return f'{title}<ol class="kefu-history">{"".join(lines)}</ol>'


def recent(w: KnowledgeWords, edits: Sequence[Edit], zone: tzinfo | None) -> str:
    """Return the latest changes of all entries."""
    lines = []
    for edit in edits:
        entry = edit["entry"] or edit["before"]
        question = _short(entry["question"]) if entry else ""
        lines.append(
            f"<li>{_line(w, edit, zone)} {said(question)} <small>{said(edit['id'])}</small></li>"
        )
    shown = f'<ol class="kefu-history">{"".join(lines)}</ol>' if lines else quiet(w["no_recent"])
    return f"<h3>{said(w['recent'])}</h3>{shown}"


def _line(w: KnowledgeWords, edit: Edit, zone: tzinfo | None) -> str:
    version = (edit["entry"] or edit["before"] or Entry()).get("version")
    which = f" <small>{said(w['fields']['version'])} {said(version)}</small>" if version else ""
    return (
        f"<time>{said(moment(edit['at'], zone))}</time> <b>{said(w['actions'][edit['action']])}</b>"
        f" {said(edit['by'] or w['nobody'])}{which}"
    )


def _take(w: KnowledgeWords, number: int) -> str:
    return f'<button type="button" data-version="{number}">{said(w["take"])}</button>'


def moment(at: str, zone: tzinfo | None) -> str:
    """Return a moment in the company's time zone, to the minute."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def differences(w: KnowledgeWords, edit: Edit) -> str:
    """Return which fields an edit changed, from what to what."""
    before, after = edit["before"], edit["entry"]
    if before is None or after is None:
        return ""
    lines = []
    for name in [field for field in w["fields"] if before.get(field) != after.get(field)]:
        old, new = _changed(_text(before.get(name)), _text(after.get(name)))
        lines.append(
            f"<dt>{said(w['fields'][name])}</dt><dd><del>{said(old or w['empty_value'])}</del> → "
            f"<ins>{said(new or w['empty_value'])}</ins></dd>"
        )
    return f"<dl>{''.join(lines)}</dl>"


def _changed(old: str, new: str) -> tuple[str, str]:
    """Return the part in which two texts differ, with a little of what is around it."""
    start = max(0, _shared(old, new) - CONTEXT_CHARS)
    old, new = (text if not start else f"…{text[start:]}" for text in (old, new))
    same = _shared(old[::-1], new[::-1]) - CONTEXT_CHARS
    if same > 0:
        old, new = (f"{text[: len(text) - same]}…" for text in (old, new))
    return _short(old), _short(new)


def _shared(one: str, other: str) -> int:
    """Return with how many same characters two texts begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _text(value: Any) -> str:  # noqa: ANN401 of any field
    return " | ".join(value) if isinstance(value, list) else str(value or "")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_CHARS else f"{line[:PREVIEW_CHARS]}…"


def facts(w: KnowledgeWords, index: IndexHealth, more: Mapping[str, object]) -> str:
    """Return what the index holds, as a table of two columns."""
    legs = " · ".join(f"{w['legs'][leg]} {w['legs'][state]}" for leg, state in index.legs.items())
    shown: dict[str, object] = {
        "backend": index.backend,
        "entries": f"{index.entries:,}",
        "vectors": f"{index.vectors:,}",
        "embedder": index.embedder or w["no_embedder"],
        "dims": index.dims,
        "legs": legs,
        "version": index.version,
        **more,
    }
    rows = "".join(
        f"<tr><th scope='row'>{said(w['facts'][name])}</th><td>{said(value)}</td></tr>"
        for name, value in shown.items()
    )
    return f'<table class="kefu-facts kefu-two"><tbody>{rows}</tbody></table>'
