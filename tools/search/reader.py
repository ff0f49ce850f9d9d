"""The reading side of the index file, on a connection of its own. Synchronous."""

import json
import math
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tools.errors import SearchUnavailable
from tools.search.base import Vector
from tools.search.connect import connect
from tools.search.schema import recorded, where
from tools.search.types import Entry, Filters
from tools.text.segment import Segmenter

POSTINGS = (
    2000  # read per question at least; on kb_zh_cloud as good as reading all, in half the time
)
POSTINGS_SHARE = 0.25  # of all entries, where that is more


class Written(NamedTuple):
    """Vectors of one entry as they stand in the file."""

    num: int
    vectors: Vector  # (n, dims)
    kinds: list[int]


class IndexReader:
    """Reads while another connection writes; every call belongs inside `snapshot`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}  # entries that hold a term
        self._total: int | None = None
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
                raise SearchUnavailable(f"{self.path}: can't be read ({exc})") from exc

    def forget(self) -> None:
        """Drop what is remembered of an older state."""
        self._counts.clear()
        self._total = None

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

    def written_since(self, version: int, dims: int) -> Iterator[Written]:
        """Yield the vectors of entries written after `version`, in order of their numbers."""
        rows = self._db.execute(
            "SELECT vectors.num, kind, vector FROM entries JOIN vectors USING (num) "
            "WHERE seq > ? ORDER BY vectors.num",
            [version],
        )
        for num, group in groupby(rows, key=lambda row: int(row[0])):
            _, kinds, blobs = zip(*group, strict=True)
            flat = np.frombuffer(b"".join(blobs), np.float32)
            yield Written(num, flat.reshape(len(kinds), dims), list(kinds))

    def visible(self, filters: Filters) -> list[int]:
        """Return the numbers of all entries that pass the filters."""
        condition, params = where(filters)
        sql = f"SELECT num FROM entries WHERE {condition}"  # noqa: S608 see schema.where
        rows = self._db.execute(sql, params)
        return [num for (num,) in rows]

    def by_words(self, tokens: Sequence[str], filters: Filters, limit: int) -> dict[int, float]:
        """Return BM25 (higher is better) of the best entries by entry number, best first."""
        asked = self._telling(tokens)
        if not asked:
            return {}
        condition, params = where(filters)
        sql = (
            "SELECT words.rowid, -bm25(words) AS score FROM words "  # noqa: S608 see schema.where
            "JOIN entries ON num = words.rowid "
            f"WHERE words MATCH ? AND {condition} ORDER BY score DESC, num LIMIT ?"
        )
        match = " OR ".join(f'"{token}"' for token in asked)
        rows = self._db.execute(sql, [match, *params, limit])
        return dict(rows.fetchall())

    def _telling(self, tokens: Sequence[str]) -> list[str]:
        """Return the tokens worth reading, rarest first.

        BM25 costs 2 µs for every entry it looks at, and tokens that most entries have cost most
        and say least.
        """
        counts = self._count(tokens)
        left = max(POSTINGS, POSTINGS_SHARE * self.count())
        asked: list[str] = []
        for token in sorted((t for t in tokens if counts[t]), key=lambda t: counts[t]):
            left -= counts[token]
            if asked and left < 0:
                break
            asked.append(token)
        return asked

    def _count(self, tokens: Sequence[str]) -> dict[str, int]:
        """Return in how many entries each token occurs."""
        missing = [token for token in tokens if token not in self._counts]
        if missing:
            rows = self._db.execute(
                "SELECT term, doc FROM word_counts WHERE term IN (SELECT value FROM json_each(?))",
                [json.dumps(missing)],
            )
            self._counts |= dict(rows.fetchall())
        return {token: self._counts.get(token, 0) for token in tokens}

    def _weights(self, tokens: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each token; unseen ones weigh most."""
        total = self.count() + 1
        counts = self._count(tokens)
        return {t: math.log(1 + total / (0.5 + counts[t])) for t in tokens}

    def bodies(self, nums: Sequence[int]) -> dict[int, Entry]:
        """Return whole entries by entry number."""
        rows = self._db.execute(
            "SELECT num, body FROM entries WHERE num IN (SELECT value FROM json_each(?))",
            [json.dumps(nums)],
        )
        return {num: json.loads(body) for num, body in rows}

    def covers(self, nums: Sequence[int], tokens: Sequence[str]) -> dict[int, float]:
        """Return by entry number which share of the question, by rarity, it holds, 0..1."""
        weights = self._weights(tokens)
        total = sum(weights.values()) or 1.0
        rows = self._db.execute(
            "SELECT rowid, terms FROM words WHERE rowid IN (SELECT value FROM json_each(?))",
            [json.dumps(nums)],
        )
        held = {num: set(text.split()) for num, text in rows}
        return {
            num: sum(weight for token, weight in weights.items() if token in terms) / total
            for num, terms in held.items()
        }

    def digests(self, tenant: str) -> dict[str, str]:
        """Return the digest of every entry of a tenant by id."""
        rows = self._db.execute("SELECT id, hash FROM entries WHERE tenant = ?", [tenant])
        return dict(rows.fetchall())

    def entries(self, tenant: str) -> list[Entry]:
        """Return every entry of a tenant."""
        rows = self._db.execute("SELECT body FROM entries WHERE tenant = ? ORDER BY num", [tenant])
        return [json.loads(body) for (body,) in rows]

    def tenants(self) -> list[str]:
        """Return the names of all tenants with entries."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT tenant FROM entries")]

    def entry(self, entry_id: str, tenant: str) -> Entry | None:
        """Return one entry whole, or None."""
        row = self._db.execute(
            "SELECT body FROM entries WHERE tenant = ? AND id = ?", [tenant, entry_id]
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()
