"""How knowledge lies in Chroma, and the one place where a customer's filters become a `where`.

One record a vector: an entry's wordings, then question and answer together. Each carries what the
filters ask for, and the whole entry. Pure.
"""

import json
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple
from zlib import crc32

from tools.errors import ConfigError
from tools.search.base import Vector
from tools.search.texts import entry_language
from tools.search.types import Entry, Filters, clean, key

ALWAYS = (0, 99991231)  # open ends of validity; Chroma compares numbers only
LOTS = 2**32

Where = dict[str, Any]


class Record(NamedTuple):
    """One line of the collection."""

    id: str
    vector: Vector
    metadata: dict[str, str | int | bool]


def where(filters: Filters) -> Where:
    """Return the condition for what a customer may see."""
    clauses: list[Where] = [
        {"tenant": {"$eq": filters.tenant}},
        {"region": {"$in": ["", clean(filters.region)]}},
        {"channel": {"$in": ["", clean(filters.channel)]}},
    ]
    if filters.audience == "public":
        clauses.append({"audience": {"$eq": "public"}})
    if filters.today:
        today = day(filters.today, 0)
        clauses += [{"effective_from": {"$lte": today}}, {"effective_to": {"$gte": today}}]
    if filters.lang:
        clauses.append({"lang": {"$eq": clean(filters.lang)}})
    return {"$and": clauses}


def first_records(tenant: str | None) -> Where:
    """Return the condition for one record of every entry, of one tenant or all."""
    first: Where = {"at": {"$eq": 0}}
    return first if tenant is None else {"$and": [{"tenant": {"$eq": tenant}}, first]}


def wordings_of_some(entries: int, wanted: int) -> Where:
    """Return the condition for the wordings of about `wanted` of `entries` entries, by lot."""
    below = min(LOTS, LOTS * wanted // max(1, entries))
    return {"$and": [{"is_whole": {"$eq": False}}, {"lot": {"$lt": below}}]}


def records(entry: Entry, tenant: str, vectors: Vector, stamp: int) -> list[Record]:
    """Return the records of an entry; `vectors` as entry_vectors gives them.

    Raises:
        ConfigError: if a date in it is none.
    """
    at_key = key(tenant, entry["id"])
    shared: dict[str, str | int | bool] = {
        "tenant": tenant,
        "key": at_key,
        "id": clean(entry["id"]),
        "stamp": stamp,
        "hash": digest(entry),
        "lot": crc32(at_key.encode()),
        "audience": entry.get("audience", "public"),
        "region": clean(entry.get("region", "")),
        "channel": clean(entry.get("channel", "")),
        "lang": entry_language(entry),
        "effective_from": day(entry.get("effective_from", ""), ALWAYS[0]),
        "effective_to": day(entry.get("effective_to", ""), ALWAYS[1]),
        "body": clean(json.dumps(entry, ensure_ascii=False)),
    }
    last = len(vectors) - 1
    return [
        Record(record_id(at_key, at), row, shared | {"at": at, "is_whole": at == last})
        for at, row in enumerate(vectors)
    ]


def record_id(at_key: str, at: int) -> str:
    """Return the id of an entry's record number `at`."""
    return f"{at_key}-{at}"


def digest(entry: Entry) -> str:
    """Return a hash of everything that decides what the collection holds for `entry`."""
    return sha256(json.dumps(entry, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def day(text: str, missing: int) -> int:
    """Return an ISO date as the number YYYYMMDD, `missing` for "".

    Raises:
        ConfigError: if it is none.
    """
    if not text:
        return missing
    try:
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError as exc:
        raise ConfigError(f"expected a date YYYY-MM-DD, got {text!r}") from exc


def body(text: str) -> Entry:
    """Return the entry that a record carries as JSON."""
    entry: Entry = json.loads(text)
    return entry


def nearest(keys: Sequence[str], distances: Sequence[float], *, most: int) -> list[str]:
    """Return the entries of a query's records, nearest first, each once; of equals by key."""
    ranked = sorted(zip(distances, keys, strict=True))
    return list(dict.fromkeys(at_key for _, at_key in ranked))[:most]
