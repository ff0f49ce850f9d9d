"""The reading side of the index file, on a connection of its own. Synchronous."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tools.errors import SearchUnavailable
from tools.search.base import Vector
from tools.search.codes import Codes
from tools.search.connect import connect, trouble
from tools.search.names import Name
from tools.search.postings import Block
from tools.search.schema import recorded, where
from tools.search.types import Entry, Filters
from tools.text.segment import Segmenter

BLOCK = 1024  # rows read at a time
KEPT = 2048  # entries of which bodies, terms and readings stay in memory, about 15 kB each

T = TypeVar("T")


class Vectors(NamedTuple):
    """Vectors of some entries as they stand in the file, an entry's side by side."""

    seq: int  # index version that wrote the last of them
    nums: NDArray[np.int64]  # (n,)
    kinds: NDArray[np.int8]  # (n,)
    vectors: Vector  # (n, dims)


class IndexReader:
    """Reads while another connection writes; every call belongs inside `snapshot`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._total: int | None = None
        self._kept: dict[str, dict[int, Any]] = {}  # by statement and entry number
        self.path = path

    @classmethod
    def open(cls, path: Path, *, busy_timeout_s: float) -> "IndexReader":
        """Open a file that an IndexFile has made."""
        return cls(connect(path, busy_timeout_s=busy_timeout_s), path)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See one state of the file, whatever is written meanwhile; one thread at a time.

        Raises:
            SearchUnavailable: if the file can't be read.
        """
        with self._lock:
            try:
                self._db.execute("BEGIN")
                try:
                    yield
                finally:
                    self._db.rollback()
            except sqlite3.Error as exc:
                raise SearchUnavailable(trouble(self.path, "read", exc)) from exc

    def forget(self) -> None:
        """Drop what is remembered of an older state."""
        self._total = None
        self._kept.clear()

    def meta(self, key: str) -> str:
        """Return a fact about the index, "" when there is none."""
        return recorded(self._db, key)

    def segmenter(self) -> Segmenter:
        """Return how the texts in the index were cut."""
        return "words" if self.meta("segmenter") == "words" else "bigrams"

    def version(self) -> int:
        """Return the number of the last change; it only rises."""
        return int(self.meta("version") or 0)

    def count(self) -> int:
        """Return the number of entries."""
        if self._total is None:
            row = self._db.execute("SELECT count(*) FROM entries").fetchone()
            self._total = int(row[0])
        return self._total

    def highest(self) -> int:
        """Return the highest entry number, 0 when empty."""
        return int(self._db.execute("SELECT coalesce(max(num), 0) FROM entries").fetchone()[0])

    def removed_since(self, version: int) -> list[int]:
        """Return the numbers of entries deleted after `version`."""
        rows = self._db.execute("SELECT num FROM removed WHERE seq > ?", [version])
        return [num for (num,) in rows]

    def vectors_since(self, version: int, dims: int) -> Iterator[Vectors]:
        """Yield the vectors of entries written after `version`, in the order of writing."""
        rows = self._db.execute(
            "SELECT seq, num, kind, vector FROM entries JOIN vectors USING (num) "
            "WHERE seq > ? ORDER BY seq",
            [version],
        )
        kept: list[tuple[int, int, int, bytes]] = []
        is_end = False
        while not is_end:
            block = rows.fetchmany(BLOCK)
            is_end = len(block) < BLOCK
            kept += block
            # The last entry's other vectors may come with the next block.
            end = len(kept)
            while end and not is_end and kept[end - 1][0] == kept[-1][0]:
                end -= 1
            if not end:
                continue
            seqs, nums, kinds, blobs = zip(*kept[:end], strict=True)
            kept = kept[end:]
            vectors = np.frombuffer(b"".join(blobs), np.float32).reshape(-1, dims)
            yield Vectors(seqs[-1], np.array(nums), np.array(kinds, np.int8), vectors)

    def words_since(self, version: int) -> Iterator[tuple[int, Block]]:
        """Yield the terms of entries written after `version`, in the order of writing.

        Each block with the index version that wrote the last of it.
        """
        rows = self._db.execute(
            "SELECT seq, num, terms, counts FROM entries JOIN words USING (num) "
            "WHERE seq > ? ORDER BY seq",
            [version],
        )
        while block := rows.fetchmany(BLOCK):
            seqs, nums, terms, counts = zip(*block, strict=True)
            yield (
                seqs[-1],
                Block(
                    np.array(nums, np.int64),
                    np.array([len(blob) for blob in counts], np.int64),
                    np.frombuffer(b"".join(terms), np.uint32),
                    np.frombuffer(b"".join(counts), np.uint8),
                ),
            )

    def names_since(self, version: int) -> Iterator[tuple[int, str, tuple[Name, ...]]]:
        """Yield number, tenant and names of entries written after `version` that give some."""
        rows = self._db.execute(
            "SELECT num, tenant, names FROM entries JOIN names USING (num) WHERE seq > ?",
            [version],
        )
        for num, tenant, found in rows:
            yield num, tenant, _given(found)

    def documents_since(self, version: int) -> list[int]:
        """Return the numbers of passages of documents written after `version`."""
        rows = self._db.execute(
            "SELECT num FROM entries WHERE seq > ? AND json_extract(body, '$.kind') = 'doc'",
            [version],
        )
        return [num for (num,) in rows]

    def visible(self, filters: Filters, since: int) -> list[int]:
        """Return the numbers of the entries written after `since` that pass the filters."""
        condition, params = where(filters)
        # Left to itself SQLite looks through all entries of the tenant.
        by = "INDEXED BY entries_seq " if since else ""
        sql = f"SELECT num FROM entries {by}WHERE seq > ? AND {condition}"  # noqa: S608 see schema.where
        rows = self._db.execute(sql, [since, *params])
        return [num for (num,) in rows]

    def bodies(self, nums: Sequence[int]) -> dict[int, Entry]:
        """Return whole entries by entry number."""
        sql = "SELECT num, body FROM entries WHERE num IN (SELECT value FROM json_each(?))"
        return self._of(sql, nums, json.loads)

    def terms(self, nums: Sequence[int]) -> dict[int, Codes]:
        """Return the terms of entries by entry number."""
        sql = "SELECT num, terms FROM words WHERE num IN (SELECT value FROM json_each(?))"
        return self._of(sql, nums, lambda blob: np.frombuffer(blob, np.uint32))

    def readings(self, nums: Sequence[int]) -> dict[int, bytes]:
        """Return the readings of those entries that have some, by entry number."""
        sql = "SELECT num, reading FROM readings WHERE num IN (SELECT value FROM json_each(?))"
        return self._of(sql, nums, bytes)

    def _of(self, sql: str, nums: Sequence[int], made: Callable[[Any], T]) -> dict[int, T]:
        """Return what is `made` of each row; popular entries are asked for again and again."""
        kept: dict[int, T] = self._kept.setdefault(sql, {})
        if missing := [num for num in nums if num not in kept]:
            if len(kept) > KEPT:
                kept.clear()
            rows = self._db.execute(sql, [json.dumps(missing)])
            kept |= {num: made(value) for num, value in rows}
        return {num: kept[num] for num in nums if num in kept}

    def ids(self, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        rows = self._db.execute("SELECT id FROM entries WHERE tenant = ?", [tenant])
        return {entry_id for (entry_id,) in rows}

    def entries(self, tenant: str) -> list[Entry]:
        """Return every entry of a tenant."""
        rows = self._db.execute("SELECT body FROM entries WHERE tenant = ? ORDER BY num", [tenant])
        return [json.loads(body) for (body,) in rows]

    def tenants(self) -> list[str]:
        """Return the names of all tenants with entries."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT tenant FROM entries")]

    def some(self, ids: Sequence[str], tenant: str) -> list[Entry]:
        """Return those of these entries that there are, whole."""
        rows = self._db.execute(
            "SELECT body FROM entries WHERE tenant = ? AND id IN (SELECT value FROM json_each(?))",
            [tenant, json.dumps(ids)],
        )
        return [json.loads(body) for (body,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()


@lru_cache(maxsize=KEPT)  # most entries of a product give the same
def _given(names: str) -> tuple[Name, ...]:
    return tuple(Name(*one) for one in json.loads(names))
