"""What an index costs the Elasticsearch that holds it, and what a bare client waits for there."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from elasticsearch import AsyncElasticsearch

from graph.setting_groups import SearchSettings
from tools.errors import SearchUnavailable
from tools.search.base import Vector
from tools.search.elastic_server import connect

PAUSE_S = 0.5  # between looks at the merges
BARE_HITS = 20  # of each leg

Bare = Callable[[str, Vector], Awaitable[float]]  # -> milliseconds waited beyond `took`


@asynccontextmanager
async def bare(found: SearchSettings, index: str) -> AsyncIterator[Bare]:
    """Yield a search that does nothing but ask: both legs in one request, hits as they come.

    The same client and serializer as Kefu's, no filters, no fusion, no scores of its own.
    """
    async with _client(found) as client:

        async def search(question: str, vector: Vector) -> float:
            shown = {"size": BARE_HITS, "_source": ["id", "body"]}
            near = {"field": "vectors.v", "query_vector": vector, "k": BARE_HITS}
            legs = (
                {"query": {"match": {"text": question}}},
                {"knn": near | {"num_candidates": 100}},
            )
            lines = [line for leg in legs for line in ({}, shown | leg)]
            started = time.perf_counter()
            answer = (await client.msearch(index=index, searches=lines)).body
            waited_ms = (time.perf_counter() - started) * 1000
            if failed := [each["error"] for each in answer["responses"] if "error" in each]:
                raise SearchUnavailable(f"{index}: the bare search failed ({failed[0]})")
            return waited_ms - float(answer["took"])

        yield search


async def merged_s(found: SearchSettings, index: str) -> float:
    """Return after how many seconds the merges that an import has left behind are done."""
    started = time.perf_counter()
    async with _client(found) as client:
        is_merging = True
        while is_merging:
            await asyncio.sleep(PAUSE_S)  # first: the server may not have begun
            primaries = (await client.indices.stats(index=index))["_all"]["primaries"]
            is_merging = primaries["merges"]["current"] > 0
    return time.perf_counter() - started


async def held(found: SearchSettings, index: str) -> dict[str, float]:
    """Return the index's size on disk, and what has settled in the servers' heap."""
    async with _client(found) as client:
        stored = (await client.indices.stats(index=index))["_all"]["primaries"]["store"]
        nodes = (await client.nodes.stats(metric="jvm"))["nodes"].values()
    old = sum(node["jvm"]["mem"]["pools"]["old"]["used_in_bytes"] for node in nodes)
    return {
        "file_mb": round(stored["size_in_bytes"] / 2**20, 1),
        "heap_mb": round(old / 2**20, 1),
    }


async def drop(found: SearchSettings, index: str) -> None:
    """Delete what was measured from the server."""
    async with _client(found) as client:
        await client.indices.delete(index=f"{index}-000001")


def _client(found: SearchSettings) -> AsyncElasticsearch:
    key = found.api_key.get_secret_value()
    return connect(found.url, api_key=key, ca_certs=found.ca_certs, timeout_s=30)
