"""Write entries into the embedded index in batches, and only what it does not hold like that."""

import asyncio
import time
from collections.abc import Callable, Sequence

import numpy as np

from tools.embed import Embedder
from tools.search.base import Progress, Vector
from tools.search.matrix import QUESTION, WHOLE
from tools.search.rows import Fresh, body, digest, rows_of
from tools.search.store import IndexFile
from tools.search.texts import encoded
from tools.search.types import Changes, Entry

BATCH, MOST = 32, 1024  # entries per transaction: what a kill in the middle can cost
QUICK_S = 0.5  # batches grow as long as one takes less


class Writer:
    """Writes to one file; `take_over` brings what is in memory up to date after each batch."""

    def __init__(
        self, file: IndexFile, embedder: Embedder | None, take_over: Callable[[], None]
    ) -> None:
        self._file = file
        self._embedder = embedder
        self._take_over = take_over
        self._reads = embedder.reader if embedder else None
        self._batch = BATCH

    async def upsert(
        self, entries: Sequence[Entry], tenant: str, progress: Progress | None
    ) -> Changes:
        """Add or replace entries by id, durably after every batch."""
        changes = Changes()
        start = 0
        following: asyncio.Task[None] | None = None
        try:
            while start < len(entries):
                started = time.perf_counter()
                batch = entries[start : start + self._batch]
                fresh = await asyncio.to_thread(self._fresh, batch, tenant, changes)
                if fresh.entries:
                    made = await self._embed(fresh.entries)
                    await asyncio.to_thread(self._write, fresh, tenant, *made)
                    if following is not None:
                        await following
                    following = asyncio.create_task(asyncio.to_thread(self._take_over))
                start += len(batch)
                if progress is not None:
                    progress(start, len(entries))
                if len(batch) == self._batch < MOST and time.perf_counter() - started < QUICK_S:
                    self._batch *= 2
        finally:
            if following is not None:
                await following
        return changes

    def _fresh(self, batch: Sequence[Entry], tenant: str, changes: Changes) -> Fresh:
        """Return the entries that are to be written, the last of each id, and count all."""
        ids = [entry["id"] for entry in batch]
        known, segmenter = self._file.digests(ids, tenant)
        unread = self._file.unread(ids, tenant, self._reads.name) if self._reads else set()
        fresh: dict[str, tuple[Entry, str, str]] = {}
        for entry in batch:
            before = known.get(entry["id"])
            text = body(entry)
            now = digest(text, segmenter, has_vectors=self._embedder is not None)
            whole = now if self._embedder else digest(text, segmenter, has_vectors=True)
            if before is not None and before in (now, whole) and entry["id"] not in unread:
                changes.unchanged += 1
                continue
            changes.put(entry["id"], is_new=before is None)
            known[entry["id"]] = now
            unread.discard(entry["id"])
            fresh[entry["id"]] = entry, text, now
        rows = fresh.values()
        return Fresh([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], segmenter)

    async def _embed(
        self, entries: Sequence[Entry]
    ) -> tuple[list[tuple[Vector, list[int]]], list[bytes]]:
        """Return every entry's vectors and their kinds, and its readings; none without a model."""
        if self._embedder is None:
            nothing = np.zeros((0, 0), np.float32)
            return [(nothing, []) for _ in entries], [b""] * len(entries)
        vectors, readings = await encoded(entries, self._embedder)
        return [(rows, [QUESTION] * (len(rows) - 1) + [WHOLE]) for rows in vectors], readings

    def _write(
        self,
        fresh: Fresh,
        tenant: str,
        vectors: Sequence[tuple[Vector, list[int]]],
        readings: Sequence[bytes],
    ) -> None:
        rows = rows_of(fresh, vectors, readings)
        with self._file.transaction():
            self._file.demand("segmenter", fresh.segmenter)
            if self._embedder is not None:
                self._file.demand("embedder", self._embedder.name)
            self._file.write(rows, tenant)
