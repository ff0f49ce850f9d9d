"""Editions: entries of one id and several versions, of which at most one is in force on any day.

An edition ends on the eve of the day on which a higher one begins, and never comes back. Files,
the journal and the knowledge page speak of editions as they are written, all under one id. The
index holds them as stored: with that eve as their last day, so that any engine's filter by date
picks the right one, and all but the highest under an id of their own, `nz-022@1`. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from tools.search.types import Edition, Entry

Rank = tuple[tuple[str, int, str], ...]
_PARTS = re.compile(r"([^0-9]*)([0-9]*)")
_LABEL = re.compile(r"[\w.-]{0,40}")  # nothing that parts the ids of passages: # and ~
_DIGEST_CHARS = 12
_FIRST = date.min.isoformat()
_NEVER = ""  # last day of what is never in force; sorts before all dates


class Key(NamedTuple):
    """What tells an edition from all others: its id as it is written, and its version's rank."""

    id: str
    rank: Rank


class Settled(NamedTuple):
    """Editions side by side."""

    stored: dict[Key, Entry]  # as the index is to hold them
    never: dict[Key, str]  # never in force, not stored: the version of the one that is instead


def key(entry: Entry) -> Key:
    """Return which edition an entry is; the entry as it is written."""
    return Key(entry["id"], rank(entry.get("version", "")))


@lru_cache(maxsize=1024)  # a company has few versions, and asks for each entry's several times
def rank(version: str) -> Rank:
    """Return what versions are compared by: "" lowest, runs of digits as numbers.

    Case, width and leading zeros make no difference.
    """
    found = _PARTS.findall(unicodedata.normalize("NFKC", version).strip().casefold())
    parts = [(text, digits, digits.lstrip("0")) for text, digits in found if text or digits]
    return tuple((text, len(number) + bool(digits), number) for text, digits, number in parts)


def group(entry: Entry) -> str:
    """Return what an entry is an edition of, or part of an edition of: an id, or a page's."""
    page = entry.get("document") if entry.get("kind") == "doc" else None
    return page or entry["id"]


def with_editions(entries: Iterable[Entry]) -> set[str]:
    """Return the groups of these entries that have several editions among them."""
    ranks: dict[str, set[Rank]] = {}
    for entry in entries:
        ranks.setdefault(group(entry), set()).add(key(entry).rank)
    return {name for name, found in ranks.items() if len(found) > 1}


def edition_id(entry: Entry) -> str:
    """Return the id under which an entry is stored when a higher edition has its own."""
    name, version = group(entry), entry.get("version", "")
    digest = sha256(version.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARS]
    label = version if _LABEL.fullmatch(version) else digest
    return f"{name}@{label}{entry['id'].removeprefix(name)}"


def is_older(entry: Entry) -> bool:
    """Tell whether an entry, as stored, has a higher edition."""
    return "edition" in entry and entry["edition"]["of"] != entry["id"]


def follower(entry: Entry) -> str:
    """Return the version that ends a stored entry, "" where none does or its own date comes first.

    That is the next one: what begins after a higher one is never in force.
    """
    if not is_older(entry) or entry["effective_to"] == entry["edition"]["effective_to"]:
        return ""
    own = rank(entry.get("version", ""))
    return next(version for version in entry["edition"]["versions"] if rank(version) > own)


def as_written(entry: Entry) -> Entry:
    """Return a stored entry as its file or editor wrote it."""
    if "edition" not in entry:
        return entry
    edition = entry["edition"]
    written = Entry(**{**entry, "id": edition["of"], "effective_to": edition["effective_to"]})
    del written["edition"]
    if not written["effective_to"]:
        del written["effective_to"]
    return written


def as_stored(entries: Iterable[Entry]) -> Settled:
    """Return entries as the index is to hold them, given all editions of each; each edition once.

    What has one edition only is stored as it is written.
    """
    settled = Settled({}, {})
    groups: dict[str, dict[Rank, list[Entry]]] = {}
    for entry in _with_page(list(entries)):
        groups.setdefault(group(entry), {}).setdefault(key(entry).rank, []).append(entry)
    for editions in groups.values():
        _settle([editions[at] for at in sorted(editions, reverse=True)], settled)
    return settled


def _with_page(entries: list[Entry]) -> Iterator[Entry]:
    """Yield entries; a passage goes with the page that another edition of it is part of."""
    pages = {e["id"]: e["document"] for e in entries if "document" in e and group(e) != e["id"]}
    for entry in entries:
        is_lost = entry.get("kind") == "doc" and "document" not in entry
        page = pages.get(entry["id"]) if is_lost else None
        yield Entry(**{**entry, "document": page}) if page else entry


def _settle(editions: list[list[Entry]], settled: Settled) -> None:
    """Add the editions of one entry or page, highest first, each with all its passages."""
    last: str | None = None  # day on which the next lower one ends; None = it does not
    taken_by = ""  # version of the one that begins then
    kept: list[tuple[Entry, str | None]] = []
    versions: list[str] = []
    for passages in editions:
        version, before = passages[0].get("version", ""), len(kept)
        for entry in passages:
            if last is None or entry.get("effective_from", _FIRST) <= last:
                kept.append((entry, last))
            else:
                settled.never[key(entry)] = taken_by
        if len(kept) > before:
            versions.insert(0, version)
        eve = _eve(min(entry.get("effective_from", "") for entry in passages))
        if last is None or eve < last:
            last, taken_by = eve, version
    for entry, until in kept:
        settled.stored[key(entry)] = _stored(entry, until, versions) if versions[1:] else entry


def _stored(entry: Entry, until: str | None, versions: list[str]) -> Entry:
    written = entry.get("effective_to", "")
    edition = Edition(of=entry["id"], versions=versions, effective_to=written)
    stored = Entry(**{**entry, "edition": edition})
    if until is not None:
        stored["id"] = edition_id(entry)
        stored["effective_to"] = min(written or until, until)
    return stored


def _eve(day: str) -> str:
    """Return the day before an ISO date, _NEVER of none and of the first day there is."""
    if day in ("", _FIRST):
        return _NEVER
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
