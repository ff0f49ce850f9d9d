"""Embedded hybrid search: one SQLite file, words and vectors in memory as arrays. No server."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from tools.embed import Embedder
from tools.errors import ConfigError, SearchUnavailable
from tools.reading import Reading
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.meant import meant, read
from tools.search.ranking import Ranking, Said
from tools.search.reader import IndexReader
from tools.search.schema import FORMAT
from tools.search.sqlite_write import Writer
from tools.search.store import IndexFile
from tools.search.synonyms import NONE, Synonyms
from tools.search.types import Changes, Entry, Filters, IndexHealth, SearchResult, plain
from tools.search.weights import MEASURED, Weights
from tools.text.segment import Segmenter

T = TypeVar("T")

FILE = "index.db"
BUSY_TIMEOUT_S = 5.0  # how long a write waits for another program's


class SqliteSearch(SearchBackend):
    """One index with any number of tenants, one writer at a time and any number of readers.

    Every process keeps the vectors in memory and follows the others' writes by version number.
    Without an embedder it answers by words only, and keeps the vectors of entries that did not
    change.
    """

    def __init__(
        self,
        file: IndexFile,
        reader: IndexReader,
        ranking: Ranking,
        embedder: Embedder | None,
        names: float,
    ) -> None:
        self._file = file
        self._reader = reader
        self._ranking = ranking
        self._embedder = embedder
        self._names = names
        self._writer = Writer(file, embedder, self._take_over)

    @classmethod
    async def open(
        cls,
        folder: Path,
        embedder: Embedder | None,
        *,
        segmenter: Segmenter = "bigrams",
        dense_weight: float = 0.75,
        synonyms: Synonyms = NONE,
        weights: Weights = MEASURED,
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
            path = folder / FILE
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
                ranking = Ranking(reader, embedder, dense_weight, synonyms, weights)
                ranking.warm_up()
            except BaseException:
                reader.close()
                file.close()
                raise
            return cls(file, reader, ranking, embedder, weights.names)

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
        """Return at most `k` passages, best first; see SearchBackend.

        It is looked for as it is well spelt. What it means, not which words it has, is looked for
        by the usual names as well.
        """
        limits = (k, filters, dense_weight)
        own = await self._read(vector, question)
        found = await asyncio.to_thread(self._ranking.search, question, vector, *limits, own)
        if not isinstance(found, Said):
            return found
        if vector is not None and self._embedder is not None:
            both = question, found.said
            vector = await meant(vector, *both, self._embedder, share=self._names)
        usual = await self._read(vector, found.said)
        again = partial(self._ranking.search, found.spelt, vector, *limits, usual, is_said=True)
        return cast(SearchResult, await asyncio.to_thread(again))

    async def _read(self, vector: Vector | None, said: str) -> Reading | None:
        return None if vector is None or not self._embedder else await read(said, self._embedder)

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id, durably after every batch; see SearchBackend.

        Raises:
            IndexMismatch: if another process has rebuilt the index with another embedder.
            StoreUnavailable: if the file is locked or read-only; earlier batches are kept.
        """
        return await self._writer.upsert(entries, plain(tenant), progress)

    def _take_over(self) -> None:
        """Do now what the next search would have to wait for; if it can't be, that one says so."""
        with suppress(SearchUnavailable):
            self._ranking.warm_up()

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Remove entries and return how many there were.

        Raises:
            StoreUnavailable: if the file is locked or read-only; nothing is removed.
        """
        tenant = plain(tenant)

        def deleted() -> int:
            with self._file.transaction():
                removed = self._file.remove(ids, tenant)
            self._take_over()
            return removed

        return await asyncio.to_thread(deleted)

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        return await self._look(lambda: self._reader.ids(plain(tenant)))

    async def get_all(self, ids: Sequence[str], *, tenant: str) -> list[Entry]:
        """Return those of these entries that there are, whole."""
        return await self._look(lambda: self._reader.some(ids, plain(tenant)))

    async def rebuild(self, progress: Progress | None = None) -> Changes:
        """Make all vectors and terms anew from the stored entries."""
        reader, total = self._reader, Changes()
        stored = await self._look(lambda: {n: reader.entries(n) for n in reader.tenants()})
        for name, entries in stored.items():
            changes = await self.upsert(entries, tenant=name, progress=progress)
            total.changed += changes.changed
            total.unchanged += changes.unchanged
        return total

    async def health(self) -> IndexHealth:
        """Return what the index holds."""

        def looked() -> IndexHealth:
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

        return await self._look(looked)

    async def _look(self, read: Callable[[], T]) -> T:
        """Return what `read` makes of one state of the file."""

        def looked() -> T:
            with self._reader.snapshot():
                return read()

        return await asyncio.to_thread(looked)

    async def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._file.close()
