"""The section that a passage was cut from, as far as whoever sees the passage may see it."""

from typing import Any

from tools.search.base import SearchBackend
from tools.search.types import Entry

FOR_WHOM = ("audience", "region", "channel", "effective_from", "effective_to", "lang")
MOST_OVERLAP = 300  # characters that a part repeats of the one before


async def section(search: SearchBackend, passage_id: str, *, tenant: str) -> str:
    """Return a passage with the parts before and after it; "" where there are none.

    Parts of a section are `refund`, `refund~2`, `refund~3` (tools/ingest/split.py). One that is
    for others, or holds at another time, is left out.

    Raises:
        SearchUnavailable: if the index does not answer.
    """
    base, _, number = passage_id.rpartition("~")
    if not base or not number.isdecimal():
        base, number = passage_id, "1"
    own = await search.get(passage_id, tenant=tenant)
    if own is None or own.get("kind") != "doc":
        return ""
    around = []
    for part in (int(number) - 1, int(number) + 1):
        found = await search.get(_name(base, part), tenant=tenant) if part > 0 else None
        around.append(found["answer"] if found and _is_for_the_same(found, own) else "")
    before, after = around
    return joined(joined(before, own["answer"]), after) if before or after else ""


def joined(text: str, more: str) -> str:
    """Return two texts in one, without what the second repeats of the first."""
    if not text or not more:
        return text or more
    for size in range(min(len(text), len(more), MOST_OVERLAP), 0, -1):
        if text.endswith(more[:size]):
            return text + more[size:]
    return f"{text}\n{more}"


def _name(base: str, part: int) -> str:
    return base if part == 1 else f"{base}~{part}"


def _is_for_the_same(one: Entry, other: Entry) -> bool:
    def whom(entry: Any) -> list[str]:  # noqa: ANN401 keys are names here
        return [entry.get(name) or "" for name in ("kind", "question", *FOR_WHOM)]

    return whom(one) == whom(other)
