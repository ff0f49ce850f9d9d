"""Hybrid search in Elasticsearch: BM25 and vectors in one request, scored and merged here."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import orjson
from elasticsearch import AsyncElasticsearch

from tools.embed import Embedder
from tools.errors import IndexMismatch
from tools.search.base import REBUILD, Progress, SearchBackend, Searching, Vector
from tools.search.elastic_aliases import Aliases, Standing
from tools.search.elastic_build import ONE_NODE, Build, Plan
from tools.search.elastic_documents import reader_name
from tools.search.elastic_health import measured, told
from tools.search.elastic_legs import LegAsker
from tools.search.elastic_moves import Moves
from tools.search.elastic_read import Reader
from tools.search.elastic_server import Server, check_analyzer, connect, greet
from tools.search.elastic_store import Store
from tools.search.elastic_write import Writer
from tools.search.names import NAMES
from tools.search.synonyms import NONE, Synonyms
from tools.search.types import Changes, Entry, Filters, IndexHealth, SearchResult, key, plain
from tools.text.segment import Segmenter

logger = logging.getLogger(__name__)


class ElasticSearch(SearchBackend):
    """One index behind an alias, with any number of tenants, readers and writers.

    Its passages carry the same scores as the embedded engine's.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        url: str,
        server: Server,
        aliases: Aliases,
        reader: Reader,
        embedder: Embedder | None,
        wanted: Build,
        store: Store,
    ) -> None:
        self._client = client
        self._url = url
        self._server = server
        self._aliases = aliases
        self._reader = reader
        self._embedder = embedder
        self._wanted = wanted
        self._store = store
        self._writer = Writer(client, url)
        self._moves = Moves(self._writer, aliases, reader, embedder, wanted, now_us=store.now_us)

    @classmethod
    async def open(
        cls,
        url: str,
        embedder: Embedder | None,
        *,
        index: str = "kefu",
        api_key: str = "",
        ca_certs: Path | None = None,
        segmenter: Segmenter = "bigrams",
        analyzer: str = "terms",
        plan: Plan = ONE_NODE,
        dense_weight: float = 0.75,
        synonyms: Synonyms = NONE,
        timeout_s: float = 1.5,
        breaker_failures: int = 3,
        breaker_reset_s: float = 10.0,
        is_rebuild: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> "ElasticSearch":
        """Connect, and open or create the index behind the alias `index`.

        `is_rebuild` accepts what another embedder or segmenter built; call `rebuild` next.

        Raises:
            SearchUnavailable: if nobody answers at `url`.
            IndexMismatch: if another embedder or segmenter built it; names the command that mends.
            ConfigError: if address, key, analyzer or index can't be used; says what to change.
        """
        client = connect(url, api_key=api_key, ca_certs=ca_certs, timeout_s=timeout_s)
        try:
            server = await greet(client, url)
            await check_analyzer(client, url, analyzer)
            name, dims = (embedder.name, embedder.dims) if embedder else ("", 0)
            wanted = Build(
                name,
                dims,
                segmenter,
                analyzer,
                names=NAMES,
                has_readings=True,
                **plan._asdict(),
            )
            aliases = Aliases(client, url, index)
            standing = await aliases.ensure(wanted, accepts_any=is_rebuild)
        except BaseException:
            await client.close()
            raise
        lacks = standing.build.lacks(wanted, reads=bool(reader_name(embedder)))
        if lacks and not is_rebuild:
            logger.warning("index %s lacks %s; %s", standing.index, lacks, REBUILD)
        legs = LegAsker(client, url, failures=breaker_failures, reset_s=breaker_reset_s)
        reader = Reader(
            client,
            url,
            aliases,
            standing,
            wanted,
            embedder,
            legs,
            dense_weight=dense_weight,
            synonyms=synonyms,
            timeout_s=timeout_s,
        )
        store = Store(client, url, index, embedder, clock)
        return cls(client, url, server, aliases, reader, embedder, wanted, store)

    @property
    def alias(self) -> str:
        """The name that stands for the index which answers now."""
        return self._aliases.alias

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
            SearchUnavailable: if no leg answered, whatever the reason.
        """
        await self._store.settle()
        return await self._reader.search(
            question, vector, k=k, filters=filters, dense_weight=dense_weight
        )

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id, durably after every batch; see SearchBackend.

        Raises:
            StoreUnavailable: if the index is read-only or stays busy; earlier batches are kept.
            SearchUnavailable: if nobody answers.
            IndexMismatch: if the index was rebuilt with another embedder meanwhile.
        """
        tenant = plain(tenant)
        return await self._store.upsert(entries, self._written_to, tenant, progress)

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Put tombstones in the place of entries and return how many there were.

        Raises:
            StoreUnavailable: if the index is read-only or stays busy.
            SearchUnavailable: if nobody answers.
        """
        tenant = plain(tenant)
        return await self._store.delete(ids, tenant)

    async def _written_to(self) -> Standing:
        """Return the index and how this process writes to it: its way, by our embedder."""
        self._reader.follow(await self._aliases.standing(self._wanted))
        standing = self._reader.standing
        build = standing.build
        await self._aliases.open_to_writes(standing)
        if self._embedder is None:
            return standing
        if not standing.fits:  # vectors of one length may still be of two embedders
            raise IndexMismatch(
                f"{self._url}: index {standing.index} was built with embedder "
                f"{build.embedder!r}, ours is "
                f"{self._wanted.embedder!r}; restart with it, or {REBUILD}"
            )
        ours = build._replace(embedder=self._wanted.embedder, dims=self._wanted.dims)
        return replace(standing, build=ours)

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        tenant = plain(tenant)
        query = {"bool": {"filter": [{"term": {"tenant": tenant}}, {"term": {"is_live": True}}]}}
        pages = self._writer.scan(self._aliases.alias, query, ["id"])
        return {source["id"] async for page in pages for source in page}

    async def get_all(self, ids: Sequence[str], *, tenant: str) -> list[Entry]:
        """Return those of these entries that there are, whole; sees writes at once."""
        tenant = plain(tenant)
        keys = [key(tenant, entry_id) for entry_id in ids]
        found = await self._writer.sources(self._aliases.alias, keys)
        return [orjson.loads(source["body"]) for source in found.values() if source["is_live"]]

    async def rebuild(
        self,
        progress: Progress | None = None,
        *,
        check: Callable[[Searching], Awaitable[None]] | None = None,
    ) -> Changes:
        """Make a new index from the stored entries and put the alias on it.

        Searches and writes go on meanwhile; writers are held for a moment while the alias moves.
        The old index stays, without the alias, as the way back; older ones are deleted. `check` may
        search the filled index before the alias moves; what it raises keeps the alias where it is.
        """
        return await self._moves.rebuild(progress, check=check)

    async def rollback(self, progress: Progress | None = None) -> Changes:
        """Put the alias back on the index before, with all that was written since.

        Raises:
            IndexMismatch: if that was built in another way than is configured; says what to set.
            ConfigError: if there is none.
        """
        return await self._moves.rollback(progress)

    async def health(self) -> IndexHealth:
        """Return what the index holds and which server, licence and cluster answer for it.

        Raises:
            SearchUnavailable: if nobody answers.
        """
        await self._store.settle()
        standing = self._reader.standing
        facts = await measured(self._client, self._url, self._aliases.alias)
        lacks = standing.build.lacks(self._wanted, reads=bool(reader_name(self._embedder)))
        return told(self._server, standing, facts, self._reader.leg_states(), lacks)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
