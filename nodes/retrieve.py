"""Look the question up in the knowledge, as far as this customer may see it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal

import numpy as np
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import State
from nodes.speech import note
from tools.errors import KefuError, SearchUnavailable
from tools.rerank import Rerank
from tools.search.base import SearchBackend, Vector
from tools.search.types import Filters, Passage, SearchResult
from tools.text.regions import province

logger = logging.getLogger(__name__)

LANGUAGE_EDGE = 0.01  # in `fit`: how much worse a passage in the customer's language may be


async def retrieve(
    state: State,
    runtime: Runtime[Context],
    *,
    search: SearchBackend,
    now: Callable[[], datetime],
    rerank: Rerank | None = None,
) -> State:
    """Put the best passages into the state, and say whether there are none or search is down.

    A reranker that fails leaves the search's own order.
    """
    context = runtime.context
    vector = np.array(state["vector"], np.float32) if state["vector"] else None
    try:
        result = await look_up(
            search,
            state["question"],
            vector,
            k=max(context.top_k, rerank.candidates) if rerank else context.top_k,
            filters=visible_to(context, now()),
            lang=state["locale"],
        )
    except SearchUnavailable:
        logger.warning("search down", exc_info=True)
        note(runtime, "retrieve", outcome="failed")
        return {"passages": [], "outcome": "failed", "level": max(state["level"], 3)}
    passages, reranked = await _reranked(rerank, state["question"], result.passages)
    passages = passages[: context.top_k]
    is_whole = reranked != "failed" and all(leg == "ok" for leg in result.legs.values())
    note(
        runtime,
        "retrieve",
        outcome="found" if passages else "nothing",
        legs=dict(result.legs),
        rerank=reranked,
        passages=[
            {key: passage[key] for key in ("id", "question", "score", "dense", "words")}
            for passage in passages
        ],
    )
    return {
        "passages": passages,
        "outcome": "found" if passages else "nothing",
        "level": state["level"] if is_whole else max(state["level"], 1),
    }


async def _reranked(
    rerank: Rerank | None, question: str, passages: list[Passage]
) -> tuple[list[Passage], Literal["ok", "failed", "off"]]:
    if rerank is None:
        return passages, "off"
    try:
        return await rerank.order(question, passages), "ok"
    except KefuError:
        logger.warning("no reranker, keeping the search's order", exc_info=True)
        return passages, "failed"


async def look_up(
    search: SearchBackend,
    question: str,
    vector: Vector | None,
    *,
    k: int,
    filters: Filters,
    lang: str,
    dense_weight: float | None = None,
) -> SearchResult:
    """Search in the customer's language first, by the rules of the province the question names.

    Knowledge in another language answers where there is none, or, for a question not in Chinese,
    where it fits clearly better: translations usually cover a part of the knowledge only.
    """
    filters = replace(filters, region=province(question) or filters.region)
    ask = partial(search.search, question, vector, k=k, dense_weight=dense_weight)
    own = await ask(filters=replace(filters, lang=lang))
    if own.passages and lang == "zh":
        return own
    every = await ask(filters=filters)
    return own if own.passages and _fit(own) >= _fit(every) - LANGUAGE_EDGE else every


def _fit(result: SearchResult) -> float:
    return max((passage["fit"] or passage["words"] for passage in result.passages), default=0.0)


def visible_to(context: Context, now: datetime) -> Filters:
    """Return what this customer may see; the only place where filters are made."""
    return Filters(
        tenant=context.tenant,
        today=now.date().isoformat(),
        audience="public",
        region=context.region,
        channel=context.channel,
    )
