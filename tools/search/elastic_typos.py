"""Ask Elasticsearch which neighbours of a mistyped word it holds."""

import logging
from collections.abc import Mapping
from itertools import chain

from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError
from tools.search.asked import Asked
from tools.search.elastic_counts import held_by
from tools.search.typos import instead, neighbours

logger = logging.getLogger(__name__)


async def corrections(
    client: AsyncElasticsearch,
    url: str,
    alias: str,
    shards: int,
    wanted: Asked,
    held: Mapping[str, int],
) -> dict[str, float]:
    """Return what to look for besides, with weights; {} where every word is held.

    `held` says how many entries hold each of the question's terms. A server that doesn't answer
    corrects nothing: there is an answer without.
    """
    near = neighbours(wanted.doubtful, held)
    if not near:
        return {}
    try:
        return instead(near, await held_by(client, url, alias, shards, [*chain(*near.values())]))
    except KefuError as exc:
        logger.warning("typos not looked up", extra={"reason": str(exc)})
        return {}
