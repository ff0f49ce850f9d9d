"""Vector search in Chroma, in a folder, without a server. By meaning only: it ranks no words."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from chromadb.api.models.Collection import Collection
from chromadb.errors import ChromaError

from tools.embed import Embedder
from tools.errors import (
    ConfigError,
    SearchUnavailable,
    StoreUnavailable,
    TransientError,
)
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.chroma_folder import (
    NAME,
    Client,
    digests,
    held,
    next_collection,
    opened,
    remove,
    replace,
)
from tools.search.chroma_read import Reader
from tools.search.chroma_records import body, digest, first_records, record_id
from tools.search.texts import entry_vectors
from tools.search.types import Changes, Entry, Filters, IndexHealth, SearchResult, key, plain
from tools.text.segment import Segmenter

T = TypeVar("T")

BATCH = 32  # entries embedded and written at a time
READ = 500  # entries read at a time


class ChromaSearch(SearchBackend):
    """One folder with any number of tenants, for one process: others do not see its writes.

    The words leg is off. A passage's `words` is the plain share of the question's terms that the
    entry holds, each of the same weight.
    """

    def __init__(
        self,
        client: Client,
        collection: Collection,
        folder: Path,
        embedder: Embedder,
        segmenter: Segmenter,
    ) -> None:
        self._client = client
        self._collection = collection
        self._folder = folder
        self._embedder = embedder
        self._segmenter: Segmenter = segmenter
        self._reader = Reader(collection, segmenter)
        self._lock = threading.Lock()
        self._is_closed = False

    @classmethod
    async def open(
        cls,
        folder: Path,
        embedder: Embedder | None,
        *,
        segmenter: Segmenter = "bigrams",
        is_rebuild: bool = False,
    ) -> "ChromaSearch":
        """Open or create the collection in `folder`/chroma.

        `is_rebuild` accepts what another embedder built; call `rebuild` next.

        Raises:
            ConfigError: if there is no embedder, or the folder can't be used.
            IndexMismatch: if another embedder built it; names the command that mends.
        """
        if embedder is None:
            raise ConfigError(
                "KEFU_SEARCH__KIND=chroma searches by vectors: expected an embedder, got none; "
                "set KEFU_EMBED__KIND, or KEFU_SEARCH__KIND=sqlite"
            )

        path = folder / "chroma"
        client, collection = await asyncio.to_thread(opened, path, embedder, is_rebuild=is_rebuild)
        return cls(client, collection, path, embedder, segmenter)

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

        Raises:
            SearchUnavailable: if the question has no vector, or Chroma fails.
        """
        if vector is None:
            raise SearchUnavailable(f"{self._folder}: no vector of the question to search with")
        asked: Vector = vector
        found = await self._alone(
            SearchUnavailable, lambda: self._reader.search(question, asked, k, filters)
        )
        return SearchResult(found, {"words": "off", "dense": "ok"})

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id, durably after every batch; see SearchBackend.

        Raises:
            StoreUnavailable: if Chroma can't write; earlier batches are kept.
            ConfigError: if an entry has a date that is none.
        """
        tenant = plain(tenant)
        changes = Changes()
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            known = await self._alone(
                StoreUnavailable, partial(digests, self._collection, batch, tenant)
            )
            fresh: dict[str, Entry] = {}
            for entry in batch:
                was, now = known.get(entry["id"]), digest(entry)
                if was == now:
                    changes.unchanged += 1
                    continue
                changes.put(entry["id"], is_new=was is None)
                known[entry["id"]] = now
                fresh[entry["id"]] = entry
            if fresh:
                await self._write(self._collection, list(fresh.values()), tenant)
            if progress is not None:
                progress(start + len(batch), len(entries))
        return changes

    async def _write(self, into: Collection, entries: Sequence[Entry], tenant: str) -> None:
        vectors = await entry_vectors(entries, self._embedder)
        await self._alone(StoreUnavailable, lambda: replace(into, entries, tenant, vectors))

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Remove entries and return how many there were.

        Raises:
            StoreUnavailable: if Chroma can't write.
        """
        tenant = plain(tenant)
        return await self._alone(StoreUnavailable, lambda: remove(self._collection, ids, tenant))

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        tenant = plain(tenant)
        return {entry["id"] for _, entry in await self._stored(tenant)}

    async def get_all(self, ids: Sequence[str], *, tenant: str) -> list[Entry]:
        """Return those of these entries that there are, whole."""
        tenant = plain(tenant)
        firsts = [record_id(key(tenant, entry_id), 0) for entry_id in dict.fromkeys(ids)]

        def got() -> list[Entry]:
            return [
                body(str(facts["body"]))
                for start in range(0, len(firsts), READ)
                for facts in self._collection.get(
                    ids=firsts[start : start + READ], include=["metadatas"]
                )["metadatas"]
                or []
            ]

        return await self._alone(StoreUnavailable, got)

    async def _stored(self, tenant: str | None = None) -> list[tuple[str, Entry]]:
        """Return tenant and entry of everything stored, or of what a tenant has."""
        found = await self._alone(
            StoreUnavailable,
            lambda: self._collection.get(where=first_records(tenant), include=["metadatas"]),
        )
        return [(str(m["tenant"]), body(str(m["body"]))) for m in found["metadatas"] or []]

    async def rebuild(self, progress: Progress | None = None) -> Changes:
        """Make all vectors anew from the stored entries, beside the old ones until all are made."""

        def begun() -> Collection:
            version = int(self._collection.metadata["version"])
            return next_collection(self._client, self._embedder, version)

        fresh = await self._alone(StoreUnavailable, begun)
        stored = await self._stored()
        for name in dict.fromkeys(tenant for tenant, _ in stored):
            entries = [entry for tenant, entry in stored if tenant == name]
            for start in range(0, len(entries), BATCH):
                await self._write(fresh, entries[start : start + BATCH], name)
                if progress is not None:
                    progress(min(start + BATCH, len(entries)), len(entries))

        def swapped() -> None:
            self._client.delete_collection(NAME)
            fresh.modify(name=NAME)
            self._collection, self._reader = fresh, Reader(fresh, self._segmenter)

        await self._alone(StoreUnavailable, swapped)
        return Changes(changed=len(stored))

    async def health(self) -> IndexHealth:
        """Return what the collection holds.

        Raises:
            SearchUnavailable: if Chroma fails.
        """
        return await self._alone(SearchUnavailable, lambda: held(self._collection))

    async def _alone(self, error: type[TransientError], work: Callable[[], T]) -> T:
        """Return what `work` returns, one at a time, off the event loop."""

        def worked() -> T:
            with self._lock:
                if self._is_closed:
                    raise error(f"{self._folder}: closed")
                try:
                    return work()
                except ChromaError as exc:
                    raise error(f"{self._folder}: {exc}") from exc

        return await asyncio.to_thread(worked)

    async def close(self) -> None:
        """Close the folder."""
        self._is_closed = True
        self._client.close()
