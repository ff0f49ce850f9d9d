"""What the index file keeps of an entry, made ready before the file is locked for writing. Pure."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from tools.search.base import Vector
from tools.search.codes import coded
from tools.search.names import names
from tools.search.texts import searched_text
from tools.search.types import Entry, clean
from tools.text.segment import Segmenter

_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False)


class Fresh(NamedTuple):
    """Entries that the file does not hold like that."""

    entries: list[Entry]
    bodies: list[str]
    hashes: list[str]  # their `digest`
    segmenter: Segmenter


class Row(NamedTuple):
    """One entry, ready to be written."""

    entry: Entry
    body: str
    hash: str
    terms: bytes
    counts: bytes
    vectors: Vector  # (n, dims)
    kinds: list[int]
    names: str  # that it gives, as JSON; "" = none
    reading: bytes  # of its texts, as tools.reading.stored; b"" = none


def body(entry: Entry) -> str:
    """Return the entry as the file keeps it."""
    return _JSON.encode(entry)


def digest(body: str, segmenter: Segmenter, *, has_vectors: bool) -> str:
    """Return a hash of everything that decides what the file holds for an entry.

    An entry written without vectors gets another one, so that the next run with an embedder
    takes it for changed and adds them.
    """
    facts = f"{segmenter}\0{has_vectors}\0{body}"
    return sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()


def rows_of(
    fresh: Fresh, vectors: Sequence[tuple[Vector, list[int]]], readings: Sequence[bytes]
) -> list[Row]:
    """Return what is to be written, in the order of the entries."""
    words = coded([searched_text(entry) for entry in fresh.entries], fresh.segmenter)
    return [
        Row(
            *(entry, clean(text), hashed, terms.tobytes(), counts.tobytes(), rows, kinds),
            *(given(entry), reading),
        )
        for entry, text, hashed, (terms, counts), (rows, kinds), reading in zip(
            fresh.entries, fresh.bodies, fresh.hashes, words, vectors, readings, strict=True
        )
    ]


def given(entry: Entry) -> str:
    """Return the names that an entry gives as the file keeps them, "" for none."""
    found = sorted(names(entry))
    return _JSON.encode(found) if found else ""
