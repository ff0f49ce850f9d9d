"""How well the search finds the right entries: recall and rank, both legs and together."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.queries import TENANT, Query, answerable, indexed
from graph.context import Context
from graph.settings import Settings
from nodes.retrieve import look_up, visible_to
from tools.business.shop import SHOP_TZ
from tools.embed import Embedder
from tools.search.base import Progress
from tools.search.sqlite import SqliteSearch
from tools.text.normalise import language, normalise

DEPTH = 10


async def retrieval(
    kb: Path, queries: Path, config: Settings, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Return recall@1/5/10, MRR@10 and latency on the answerable queries, for every leg.

    A query counts as found at rank r when any of its relevant entries is the r-th hit. The times
    are of embedding and searching together, in milliseconds.
    """
    asked = answerable(queries)
    weights = {"hybrid": config.search.dense_weight, "dense": 1.0, "words": 0.0}
    legs: dict[str, dict[str, float]] = {}
    segmenter = config.search.segmenter
    async with indexed(kb, config, segmenter=segmenter, progress=progress) as (folder, embedder):
        for leg, weight in weights.items():
            if leg == "dense" and embedder is None:
                continue
            search = await SqliteSearch.open(
                folder, embedder, segmenter=segmenter, dense_weight=weight
            )
            try:
                legs[leg] = await _measure(search, None if leg == "words" else embedder, asked)
            finally:
                await search.close()
    return {"n": len(asked), **legs["hybrid"], "legs": legs}


async def _measure(
    search: SqliteSearch, embedder: Embedder | None, asked: Sequence[Query]
) -> dict[str, float]:
    ranks: list[float] = []
    took_ms: list[float] = []
    filters = visible_to(Context(tenant=TENANT), datetime.now(SHOP_TZ))
    for query in asked:
        question = normalise(query["query"])
        started = time.perf_counter()
        vector = (await embedder.questions([question]))[0] if embedder else None
        result = await look_up(
            search, question, vector, k=DEPTH, filters=filters, lang=language(question)
        )
        took_ms.append((time.perf_counter() - started) * 1000)
        ids = [passage["id"] for passage in result.passages]
        hits = [n for n, found in enumerate(ids, 1) if found in query["relevant_ids"]]
        ranks.append(float(hits[0]) if hits else np.inf)
        await asyncio.sleep(0)
    at = np.array(ranks)
    return {
        "r_at_1": round(float(np.mean(at <= 1)), 4),
        "r_at_5": round(float(np.mean(at <= 5)), 4),
        "r_at_10": round(float(np.mean(at <= DEPTH)), 4),
        "mrr_at_10": round(float(np.mean(np.where(at <= DEPTH, 1 / at, 0.0))), 4),
        "p50_ms": round(float(np.percentile(took_ms, 50)), 2),
        "p99_ms": round(float(np.percentile(took_ms, 99)), 2),
    }
