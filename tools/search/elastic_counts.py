"""Ask Elasticsearch how many entries hold each of some search terms."""

import asyncio
from collections import Counter
from collections.abc import Collection

from elasticsearch import AsyncElasticsearch

from tools.search.elastic_server import on_shard, translated


async def held_by(
    client: AsyncElasticsearch, url: str, alias: str, shards: int, terms: Collection[str]
) -> dict[str, int]:
    """Return how many entries, of any tenant, hold each term; without those of none.

    Raises:
        KefuError: if the server does not answer.
    """
    counted = Counter[str]()
    with translated(url):
        for held in await asyncio.gather(
            *(_held_on(client, alias, shard, terms) for shard in range(shards))
        ):
            counted.update(held)
    return dict(counted)


async def _held_on(
    client: AsyncElasticsearch, alias: str, shard: int, terms: Collection[str]
) -> dict[str, int]:
    # Of a document that nobody stores: one request counts 2000 terms.
    found = await client.termvectors(
        index=alias,
        doc={"terms": " ".join(terms)},
        fields=["terms"],
        term_statistics=True,
        field_statistics=False,
        offsets=False,
        payloads=False,
        positions=False,
        filter={"min_doc_freq": 1, "max_num_terms": len(terms)},
        preference=on_shard(shard),
    )
    counted = found["term_vectors"].get("terms", {}).get("terms", {})
    # The filter lets terms pass that no entry holds; they come without a count.
    return {term: facts["doc_freq"] for term, facts in counted.items() if "doc_freq" in facts}
