"""What an index in Elasticsearch holds, and which server, licence and cluster answer for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from elasticsearch import ApiError, AsyncElasticsearch

from tools.search.base import REBUILD
from tools.search.elastic_aliases import Standing
from tools.search.elastic_server import Server, search_all, translated
from tools.search.types import IndexHealth, Leg, LegState

HEALTH_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What an index holds and how its cluster is."""

    entries: int
    vectors: int
    stamp: int  # of the last write, microseconds
    status: str  # "green", "yellow", "red", or "unknown" where the key may not ask


def told(
    server: Server, standing: Standing, facts: Facts, legs: Mapping[Leg, LegState], lacks: str
) -> IndexHealth:
    """Return it in words; `lacks` is what an index made today would have besides."""
    build = standing.build
    return IndexHealth(
        backend=f"elasticsearch {server.version}, {server.licence} licence, "
        f"cluster {server.cluster} {facts.status}, index {standing.index}, "
        f"analyzer {build.analyzer}, words by {build.words}, "
        f"vectors {build.vectors or 'none'}, shards {build.shards}, "
        f"replicas {build.replicas}" + (f"; lacks {lacks}: {REBUILD}" if lacks else ""),
        entries=facts.entries,
        vectors=facts.vectors,
        embedder=build.embedder,
        dims=build.dims,
        version=facts.stamp + standing.number,
        legs=dict(legs),
        lacks=lacks,
    )


async def measured(client: AsyncElasticsearch, url: str, index: str) -> Facts:
    """Return what an index holds.

    Raises:
        SearchUnavailable: if nobody answers.
    """
    client = client.options(request_timeout=HEALTH_TIMEOUT_S)
    with translated(url):
        found = await search_all(
            client,
            index=index,
            size=0,
            track_total_hits=True,
            query={"term": {"is_live": True}},
            aggs={
                "all": {"global": {}, "aggs": {"stamp": {"max": {"field": "stamp"}}}},
                "vectors": {"nested": {"path": "vectors"}},
            },
        )
        try:
            status = str((await client.cluster.health())["status"])
        except ApiError:
            status = "unknown"
    aggs = found["aggregations"]
    return Facts(
        entries=found["hits"]["total"]["value"],
        vectors=aggs["vectors"]["doc_count"],
        stamp=int(aggs["all"]["stamp"]["value"] or 0),
        status=status,
    )
