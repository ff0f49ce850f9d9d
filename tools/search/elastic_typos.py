"""Ask Elasticsearch which neighbours of a mistyped word it holds."""

import logging
from collections.abc import Mapping
from itertools import chain

from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError
from tools.search.asked import Asked
from tools.search.elastic_server import translated
from tools.search.typos import instead, neighbours

logger = logging.getLogger(__name__)


async def corrections(
    client: AsyncElasticsearch, url: str, alias: str, wanted: Asked, held: Mapping[str, int]
) -> dict[str, float]:
    """Return what to look for besides, with weights; {} where every word is held.

    `held` says how many entries hold each of the question's terms. A server that doesn't answer
    corrects nothing: there is an answer without.
    """
    near = neighbours(wanted.doubtful, held)
    if not near:
        return {}
    variants = [*chain(*near.values())]
    try:
        with translated(url):
            # Of a document that nobody stores: one request counts 2000 terms.
            found = await client.termvectors(
                index=alias,
                doc={"terms": " ".join(variants)},
                fields=["terms"],
                term_statistics=True,
                field_statistics=False,
                offsets=False,
                payloads=False,
                positions=False,
                filter={"min_doc_freq": 1, "max_num_terms": len(variants)},
            )
    except KefuError as exc:
        logger.warning("typos not looked up", extra={"reason": str(exc)})
        return {}
    terms = found["term_vectors"].get("terms", {}).get("terms", {})
    # The filter lets terms pass that no entry holds; they come without a count.
    return instead(near, {term: facts.get("doc_freq", 0) for term, facts in terms.items()})
