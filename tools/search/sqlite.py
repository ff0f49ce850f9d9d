"""Embedded hybrid search: SQLite FTS5 for words, one numpy matrix for vectors. No server."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tools.embed import Embedder
from tools.errors import ConfigError
from tools.search.base import Progress, Vector
from tools.search.matrix import QUESTION, WHOLE
from tools.search.ranking import Ranking
from tools.search.reader import IndexReader
from tools.search.schema import FORMAT
from tools.search.store import IndexFile, digest
from tools.search.texts import entry_vectors
from tools.search.types import Changes, Entry, Filters, IndexHealth, SearchResult
from tools.text.segment import Segmenter

BATCH = 32  # entries per transaction: the most a kill in the middle can cost
BUSY_TIMEOUT_S = 5.0  # how long a write waits for another program's


class SqliteSearch:
    """One index with any number of tenants, one writer at a time and any number of readers.

    Every process keeps the vectors in memory and follows the others' writes by version number.
    Without an embedder it answers by words only, and keeps the vectors of entries that did not
    change.
    """

    def __init__(
        self, file: IndexFile, reader: IndexReader, ranking: Ranking, embedder: Embedder | None
    ) -> None:
        self._file = file
        self._reader = reader
        self._ranking = ranking
        self._embedder = embedder

    @classmethod
    async def open(
        cls,
        folder: Path,
        embedder: Embedder | None,
        *,
        segmenter: Segmenter = "bigrams",
        dense_weight: float = 0.75,
        is_rebuild: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> "SqliteSearch":
        """Open or create the index in `folder`.

        `is_rebuild` drops what another embedder or segmenter built; call `rebuild` next.

        Raises:
            IndexMismatch: if another embedder or segmenter built it; names the command that mends.
            ConfigError: if the file can't be opened or is no index.
            StoreUnavailable: if the index is new and another program has it locked.
        """

        def opened() -> SqliteSearch:
            path = folder / "index.db"
            file = IndexFile.open(path, busy_timeout_s=busy_timeout_s)
            try:
                if is_rebuild:
                    file.forget_build()
                file.claim("segmenter", segmenter)
                if embedder is not None:
                    if not embedder.dims:
                        raise ConfigError(f"{embedder.name}: vector length unknown; ask it first")
                    file.claim("embedder", embedder.name)
                    file.claim("dims", str(embedder.dims))
                reader = IndexReader.open(path, busy_timeout_s=busy_timeout_s)
            except BaseException:
                file.close()
                raise
            try:
                ranking = Ranking(reader, embedder, dense_weight)
                ranking.warm_up()
            except BaseException:
                reader.close()
                file.close()
                raise
            return cls(file, reader, ranking, embedder)

        return await asyncio.to_thread(opened)

    async def search(
        self,
        question: str,
        vector: Vector | None,
        *,
        k: int,
        filters: Filters,
        dense_weight: float | None = None,
    ) -> SearchResult:
        """Return at most `k` passages, best first; see SearchBackend."""
        return await asyncio.to_thread(
            self._ranking.search, question, vector, k, filters, dense_weight
        )

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id, durably after every batch; see SearchBackend.

        Raises:
            IndexMismatch: if another process has rebuilt the index with another embedder.
            StoreUnavailable: if the file is locked or read-only; earlier batches are kept.
        """
        changes = Changes()
        known, segmenter = await asyncio.to_thread(self._known, tenant)
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            fresh: dict[str, Entry] = {}
            for entry in batch:
                before = known.get(entry["id"])
                now = digest(entry, segmenter, has_vectors=self._embedder is not None)
                whole = digest(entry, segmenter, has_vectors=True)
                if before is not None and before in (now, whole):
                    changes.unchanged += 1
                    continue
                changes.changed += before is not None
                changes.added += before is None
                changes.by_id[entry["id"]] = "added" if before is None else "changed"
                known[entry["id"]] = now
                fresh[entry["id"]] = entry
            if fresh:
                vectors = await self._embed(list(fresh.values()))
                await asyncio.to_thread(
                    self._write, list(fresh.values()), tenant, vectors, segmenter
                )
            if progress is not None:
                progress(start + len(batch), len(entries))
        return changes

    def _known(self, tenant: str) -> tuple[dict[str, str], Segmenter]:
        with self._reader.snapshot():
            return self._reader.digests(tenant), self._reader.segmenter()

    async def _embed(self, entries: Sequence[Entry]) -> list[tuple[Vector, list[int]]]:
        """Return vectors and their kinds for every entry; none without an embedder."""
        if self._embedder is None:
            return [(np.zeros((0, 0), np.float32), []) for _ in entries]
        vectors = await entry_vectors(entries, self._embedder)
        return [(rows, [QUESTION] * (len(rows) - 1) + [WHOLE]) for rows in vectors]

    def _write(
        self,
        entries: Sequence[Entry],
        tenant: str,
        vectors: Sequence[tuple[Vector, list[int]]],
        segmenter: Segmenter,
    ) -> None:
        with self._file.transaction():
            self._file.demand("segmenter", segmenter)
            if self._embedder is not None:
                self._file.demand("embedder", self._embedder.name)
            for entry, (rows, kinds) in zip(entries, vectors, strict=True):
                self._file.write(entry, tenant, rows, kinds, segmenter)

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Remove entries and return how many there were.

        Raises:
            StoreUnavailable: if the file is locked or read-only; nothing is removed.
        """

        def deleted() -> int:
            with self._file.transaction():
                return sum(self._file.remove(entry_id, tenant) for entry_id in ids)

        return await asyncio.to_thread(deleted)

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        known, _ = await asyncio.to_thread(self._known, tenant)
        return set(known)

    async def get(self, entry_id: str, *, tenant: str) -> Entry | None:
        """Return one entry whole, or None."""

        def got() -> Entry | None:
            with self._reader.snapshot():
                return self._reader.entry(entry_id, tenant)

        return await asyncio.to_thread(got)

    async def rebuild(self, progress: Progress | None = None) -> Changes:
        """Make all vectors and terms anew from the stored entries."""

        def stored() -> dict[str, list[Entry]]:
            with self._reader.snapshot():
                return {name: self._reader.entries(name) for name in self._reader.tenants()}

        total = Changes()
        for name, entries in (await asyncio.to_thread(stored)).items():
            changes = await self.upsert(entries, tenant=name, progress=progress)
            total.changed += changes.changed
            total.unchanged += changes.unchanged
        return total

    async def health(self) -> IndexHealth:
        """Return what the index holds."""

        def looked() -> IndexHealth:
            with self._reader.snapshot():
                legs = self._ranking.follow()
                return IndexHealth(
                    backend=f"sqlite {sqlite3.sqlite_version}, format {FORMAT}",
                    entries=self._reader.count(),
                    vectors=self._ranking.vectors,
                    embedder=self._reader.meta("embedder"),
                    dims=int(self._reader.meta("dims") or 0),
                    version=self._reader.version(),
                    legs=legs,
                )

        return await asyncio.to_thread(looked)

    async def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._file.close()
