"""What every search engine must do; the contract suite in tests/contract holds them to it."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tools.search.types import Changes, Entry, Filters, IndexHealth, SearchResult

Vector = NDArray[np.float32]
Progress = Callable[[int, int], None]  # entries done, entries in all

REBUILD = "python -m tools.ingest --rebuild"  # what mends an index made in another way


class Searching(Protocol):
    """What answers questions."""

    async def search(
        self,
        question: str,
        vector: Vector | None,
        *,
        k: int,
        filters: Filters,
        dense_weight: float | None = None,
    ) -> SearchResult:
        """Return at most `k` passages, one per entry, best first.

        `vector` is the question's unit vector, shape (dims,); None searches by words only.
        `dense_weight` replaces the configured share of the vectors for this search, 0..1.
        One failing leg is reported in `legs`; a write is visible to the next call.

        Raises:
            SearchUnavailable: if no leg answered.
        """
        ...


class SearchBackend(Searching, Protocol):
    """Hybrid search over knowledge entries; one index may hold many tenants."""

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id; equal content is counted as unchanged and costs nothing."""
        ...

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Remove entries and return how many there were; unknown ids are ignored."""
        ...

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        ...

    async def get(self, entry_id: str, *, tenant: str) -> Entry | None:
        """Return one entry whole, or None."""
        return next(iter(await self.get_all([entry_id], tenant=tenant)), None)

    async def get_all(self, ids: Sequence[str], *, tenant: str) -> list[Entry]:
        """Return those of these entries that there are, whole, each once, in any order."""
        ...

    async def health(self) -> IndexHealth:
        """Return what the index holds."""
        ...

    async def close(self) -> None:
        """Release files and connections; the backend is unusable afterwards."""
        ...
