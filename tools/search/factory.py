"""Open the search engine that the settings name."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from pydantic import SecretStr

from tools.embed import Embedder
from tools.errors import ConfigError
from tools.search.base import Progress, SearchBackend, Searching
from tools.search.elastic_build import REPLICAS, Plan
from tools.search.sqlite import SqliteSearch
from tools.search.synonyms import read_synonyms
from tools.search.types import Changes
from tools.text.segment import Segmenter

Kind = Literal["auto", "sqlite", "elastic", "chroma"]


class Index(SearchBackend, Protocol):
    """A search engine whose index can be made anew."""

    async def rebuild(self, progress: Progress | None = None) -> Changes:
        """Make all vectors and terms anew from the stored entries."""
        ...


@runtime_checkable
class Swapping(Protocol):
    """An engine that fills a new index beside the one that answers, and can go back."""

    async def rebuild(
        self,
        progress: Progress | None = None,
        *,
        check: Callable[[Searching], Awaitable[None]] | None = None,
    ) -> Changes:
        """Make a new index; what `check` raises about it leaves the old one in its place."""
        ...

    async def rollback(self, progress: Progress | None = None) -> Changes:
        """Go back to the index before, with all that was written since."""
        ...


def is_embedded(kind: Kind, url: str) -> bool:
    """Say whether these settings mean the engine that needs no server."""
    return kind == "sqlite" or (kind == "auto" and not url)


async def open_search(
    folder: Path,
    embedder: Embedder | None,
    *,
    kind: Kind = "auto",
    segmenter: Segmenter = "bigrams",
    dense_weight: float = 0.75,
    synonyms: Path | None = None,
    synonym_weight: float = 0.4,
    url: str = "",
    api_key: SecretStr | None = None,
    ca_certs: Path | None = None,
    index: str = "kefu",
    analyzer: str = "terms",
    shards: int = 1,
    replicas: str = REPLICAS,
    vectors: str = "auto",
    timeout_s: float = 1.5,
    breaker_failures: int = 3,
    breaker_reset_s: float = 10.0,
    is_rebuild: bool = False,
) -> Index:
    """Return the engine of that kind; "auto": Elasticsearch at `url`, without one the embedded.

    `synonyms` is a file of your own words, beside the general ones; Chroma reads no words.
    `is_rebuild` accepts what another embedder or segmenter built; call `rebuild` next.

    Raises:
        IndexMismatch: if another embedder or segmenter built the index; says how to mend it.
        ConfigError: if folder, address, key or index can't be used; says what to change.
        SearchUnavailable: if nobody answers at `url`.
    """
    if kind == "elastic" and not url:
        raise ConfigError(
            "KEFU_SEARCH__KIND=elastic: expected an address, got none; set KEFU_SEARCH__URL"
        )
    if kind == "chroma":
        return await _open_chroma(folder, embedder, segmenter, is_rebuild=is_rebuild)
    same = await asyncio.to_thread(read_synonyms, synonyms, synonym_weight)
    if is_embedded(kind, url):
        return await SqliteSearch.open(
            folder,
            embedder,
            segmenter=segmenter,
            dense_weight=dense_weight,
            synonyms=same,
            is_rebuild=is_rebuild,
        )
    from tools.search.elastic import ElasticSearch  # noqa: PLC0415 its client takes 0.4 s to import

    return await ElasticSearch.open(
        url,
        embedder,
        index=index,
        api_key=api_key.get_secret_value() if api_key else "",
        ca_certs=ca_certs,
        segmenter=segmenter,
        analyzer=analyzer,
        plan=Plan(shards, replicas, vectors),
        dense_weight=dense_weight,
        synonyms=same,
        timeout_s=timeout_s,
        breaker_failures=breaker_failures,
        breaker_reset_s=breaker_reset_s,
        is_rebuild=is_rebuild,
    )


async def _open_chroma(
    folder: Path, embedder: Embedder | None, segmenter: Segmenter, *, is_rebuild: bool
) -> Index:
    try:
        from tools.search.chroma import ChromaSearch  # noqa: PLC0415 an extra, seconds to import
    except ModuleNotFoundError as exc:
        raise ConfigError(
            f"KEFU_SEARCH__KIND=chroma: {exc}; install it: pip install 'chromadb>=1.5,<2'"
        ) from exc
    return await ChromaSearch.open(folder, embedder, segmenter=segmenter, is_rebuild=is_rebuild)
