"""Search from the knowledge page, as a customer or as an editor who sees everything."""

import logging
from typing import Literal

from graph.app import Kefu
from graph.context import Context
from nodes.look_up import look_up, visible_to
from tools.errors import KefuError
from tools.search.base import SearchBackend
from tools.search.types import Filters, SearchResult
from tools.text.normalise import language

logger = logging.getLogger(__name__)

HITS = 10
Scope = Literal["customer", "all"]


async def find_passages(
    kefu: Kefu,
    question: str,
    scope: Scope,
    context: Context,
    *,
    engine: SearchBackend | None = None,
    dense_weight: float | None = None,
) -> SearchResult:
    """Return at most HITS passages, by words alone while the embedder is down.

    `context` says whose knowledge it is, and of a customer where they are and how they came.
    `engine` is asked instead of the one that serves.

    Raises:
        SearchUnavailable: if no leg answered.
    """
    services = kefu.services
    search = engine or services.search
    vector = None
    if services.embedder is not None:
        try:
            vector = (await services.embedder.questions([question]))[0]
        except KefuError:
            logger.warning("embedder down, searching by words only", exc_info=True)
    if scope == "all":
        seen = Filters(
            context.tenant,
            audience="internal",
            region=context.region,
            channel=context.channel,
        )
        return await search.search(question, vector, k=HITS, filters=seen)
    return await look_up(
        search,
        question,
        vector,
        k=HITS,
        filters=visible_to(context, services.now()),
        lang=language(question),
        dense_weight=dense_weight,
    )
