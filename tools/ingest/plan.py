"""What is to be written to the index and deleted from it, given entries and what it holds."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tools.errors import BadEntry
from tools.ingest.editions import (
    Key,
    Rank,
    as_stored,
    as_written,
    edition_id,
    group,
    is_older,
    key,
    with_editions,
)
from tools.ingest.read import Found
from tools.search.base import SearchBackend
from tools.search.texts import wordings
from tools.search.types import Entry

READ = 1024  # entries of the index read at a time
_CUTS = re.compile(r"[#~.@]|$")  # where the id of a passage may leave that of its page


@dataclass(slots=True)
class Plan:
    """Entries as the index is to hold them, and what becomes of those that it is not to hold."""

    write: list[Found] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)  # ids, after all is written
    ids: set[str] = field(default_factory=set)  # under which the given entries are stored
    refused: dict[Key, BadEntry] = field(default_factory=dict)
    never: dict[Key, str] = field(default_factory=dict)  # given, not in force on any day -> why
    superseded: dict[str, str] = field(default_factory=dict)  # see Report
    outranked: dict[str, str] = field(default_factory=dict)  # see Report
    renumbered: dict[str, str] = field(default_factory=dict)  # by file, see `_renumbered`


async def planned(
    entries: Mapping[Key, Found],
    search: SearchBackend,
    *,
    tenant: str,
    gone: Collection[Entry] = (),
    is_whole: bool = False,
) -> Plan:
    """Put entries, as they are written, among the editions of them that the index holds.

    `gone` leaves the index. With `is_whole`, `entries` are all that is to be in it.

    Raises:
        TransientError: if the index does not answer.
    """
    given = [found.entry for found in entries.values()]
    if is_whole:
        return await asyncio.to_thread(_planned, entries, (), gone)
    held, replaced = await _held([*given, *gone], entries.keys(), search, tenant)
    plan = await asyncio.to_thread(_planned, entries, held, gone)
    plan.renumbered = _renumbered(entries, replaced)
    return plan


def _renumbered(entries: Mapping[Key, Found], replaced: Collection[Entry]) -> dict[str, str]:
    """Say by file which of its numbers were those of other questions, as where two sheets count.

    Who only words a question anew leaves its answer, or a similar question, as it was.
    """
    others: dict[str, list[Entry]] = {}
    for before in replaced:
        now = entries[key(before)].entry
        is_same = {*wordings(before), before["answer"]} & {*wordings(now), now["answer"]}
        if before["id"].isdecimal() and not is_same:
            others.setdefault(entries[key(before)].file, []).append(before)
    return {
        file: f"{len(gone)} of its ids, as {gone[0]['id']!r}, were those of other questions, as "
        f"{gone[0]['question'][:40]!r}, which it replaces; give sheets that are numbered alike ids "
        "of their own, or no column of ids"
        for file, gone in others.items()
    }


def _planned(
    entries: Mapping[Key, Found], held: Collection[Entry], gone: Collection[Entry]
) -> Plan:
    before = {key(as_written(entry)): entry for entry in held}
    lost = {key(entry) for entry in gone}
    others = {
        at: Found("", "", as_written(entry))
        for at, entry in before.items()
        if at not in entries and at not in lost
    }
    known = {**others, **entries}
    settled = as_stored(found.entry for found in known.values())
    older = {e["id"]: e["edition"]["of"] for e in settled.stored.values() if is_older(e)}
    plan = Plan(never={at: settled.never[at] for at in entries if at in settled.never})
    for at, entry in settled.stored.items():
        if at.id in older:
            plan.refused[at] = _taken(known[at].place, at.id, older[at.id])
        elif at in entries or before[at] != entry:
            plan.write.append(known[at]._replace(entry=entry))
    plan.ids = {settled.stored[at]["id"] for at in entries if at in settled.stored}
    stored = {entry["id"] for entry in settled.stored.values()}
    plan.delete = sorted({entry["id"] for entry in held} - stored)
    _remark(plan, entries, others)
    return plan


def _taken(place: str, own: str, of: str) -> BadEntry:
    return BadEntry(
        place, f"id: {own!r} is what an older edition of {of!r} is stored under; choose another"
    )


def _remark(plan: Plan, entries: Mapping[Key, Found], others: Mapping[Key, Found]) -> None:
    """Note which entries are never in force, and where only the index has a higher edition."""
    first: dict[str, dict[Rank, Key]] = {}  # of every edition
    for at, found in entries.items():
        first.setdefault(group(found.entry), {}).setdefault(at.rank, at)
    highest: dict[str, Key] = {}  # of those that only the index has
    for at, found in others.items():
        name = group(found.entry)
        highest[name] = max(at, highest.get(name, at), key=lambda one: one.rank)
    for name, editions in first.items():
        top = max(editions)
        if name in highest and highest[name].rank > top:
            version = others[highest[name]].entry.get("version", "")
            plan.outranked[entries[editions[top]].place] = version
        never = [at for at in editions.values() if at in plan.never]
        plan.superseded |= {entries[at].place: plan.never[at] for at in never}


async def _held(
    entries: Collection[Entry], keys: Collection[Key], search: SearchBackend, tenant: str
) -> tuple[list[Entry], list[Entry]]:
    """Return, as stored, what the index holds of the same ids and pages as these entries.

    What is simply replaced comes apart: the only edition of `keys`, and the index has no other.
    """
    ids = {entry["id"] for entry in entries}
    several = with_editions(entries)

    def is_replaced(entry: Entry) -> bool:
        return "edition" not in entry and key(entry) in keys and group(entry) not in several

    stored = [e async for e in _read(ids, search, tenant)]
    found = [e for e in stored if not is_replaced(e)]
    names = {group(entry) for entry in (*entries, *map(as_written, found))}
    siblings = {at for entry in found for at in _siblings(entry)}
    if any("document" in entry for entry in (*entries, *found)):
        siblings |= {at for at in await search.ids(tenant=tenant) if names & _starts(at)}
    found += [e async for e in _read(siblings - ids, search, tenant) if not is_replaced(e)]
    kept = [entry for entry in found if group(as_written(entry)) in names]
    return kept, [entry for entry in stored if is_replaced(entry)]


def _siblings(entry: Entry) -> Iterator[str]:
    """Yield the ids under which all editions of a stored entry lie, if it has several."""
    if "edition" in entry:
        yield entry["edition"]["of"]
        for version in entry["edition"]["versions"]:
            yield edition_id(Entry(**{**as_written(entry), "version": version}))


def _starts(at: str) -> set[str]:
    """Return the ids of pages that a passage with this id may be part of."""
    return {at[: cut.start()] for cut in _CUTS.finditer(at)}


async def _read(ids: Collection[str], search: SearchBackend, tenant: str) -> AsyncIterator[Entry]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), READ):
        for entry in await search.get_all(wanted[start : start + READ], tenant=tenant):
            yield entry
