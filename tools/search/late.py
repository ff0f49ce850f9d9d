"""A search engine that may come late: Kefu starts without it and searches once it is there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.embed import Embedder
from tools.errors import KefuError, SearchUnavailable
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.factory import is_embedded, open_search
from tools.search.sqlite import FILE
from tools.search.types import Changes, Entry, Filters, IndexHealth, SearchResult


class LateSearch(SearchBackend):
    """Opens its engine at the first call that finds it.

    Customers never wait for that: searches and health look only, every other call opens. Searches
    are served as soon as the index holds entries, or `serve` says that it is complete: an index
    that is still empty must not pass for knowledge without an answer.
    """

    def __init__(self, open_engine: Callable[[], Awaitable[SearchBackend]]) -> None:
        self._open_engine = open_engine
        self._opening = asyncio.Lock()
        self._engine: SearchBackend | None = None
        self._is_serving = False
        self._why = "not opened yet"

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
            SearchUnavailable: if no leg answered, or the engine is not there or not filled yet.
        """
        return await self._served().search(
            question, vector, k=k, filters=filters, dense_weight=dense_weight
        )

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id; see SearchBackend."""
        return await (await self._opened()).upsert(entries, tenant=tenant, progress=progress)

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Remove entries and return how many there were; see SearchBackend."""
        return await (await self._opened()).delete(ids, tenant=tenant)

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        return await (await self._opened()).ids(tenant=tenant)

    async def get_all(self, ids: Sequence[str], *, tenant: str) -> list[Entry]:
        """Return those of these entries that there are, whole."""
        return await (await self._opened()).get_all(ids, tenant=tenant)

    async def health(self) -> IndexHealth:
        """Return what the index holds.

        Raises:
            SearchUnavailable: if the engine is not there or not filled yet, or does not answer.
        """
        return await self._served().health()

    def serve(self) -> None:
        """Answer searches from now on, even from an empty index."""
        self._is_serving = True

    async def close(self) -> None:
        """Close the engine, if it was opened."""
        if self._engine is not None:
            await self._engine.close()

    def _served(self) -> SearchBackend:
        if self._engine is None:
            raise SearchUnavailable(self._why)
        if not self._is_serving:
            raise SearchUnavailable("the index is being filled for the first time")
        return self._engine

    async def _opened(self) -> SearchBackend:
        """Return the engine, opened now if need be.

        Raises:
            ConfigError: if it answers and can't be used; says what to change.
            TransientError: if it does not answer.
        """
        async with self._opening:
            if self._engine is None:
                try:
                    engine = await self._open_engine()
                except KefuError as exc:
                    self._why = str(exc)
                    raise
                self._engine = engine
        if not self._is_serving:
            self._is_serving = (await self._engine.health()).entries > 0
        return self._engine


def embedded_beside(
    folder: Path, embedder: Embedder | None, config: Mapping[str, Any]
) -> LateSearch | None:
    """Return the embedded index of the same knowledge, to compare with what serves.

    None where that is the embedded engine itself, or left no index in `folder`. Nothing is opened
    before the first call.
    """
    if is_embedded(config["kind"], config["url"]) or not (folder / FILE).exists():
        return None
    return LateSearch(lambda: open_search(folder, embedder, **{**config, "kind": "sqlite"}))
