"""How well the search finds the right entries: recall and rank, both legs and together."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from eval.queries import TENANT, Query, answerable, indexed
from graph.context import Context
from graph.settings import Settings
from nodes.retrieve import look_up, visible_to
from tools.business.shop import SHOP_TZ
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.ingest.index import ingest
from tools.search.base import Progress, SearchBackend
from tools.search.factory import open_search
from tools.text.normalise import language, normalise

Backend = Literal["sqlite", "elastic"]
DEPTH = 10


async def retrieval(
    kb: Path,
    queries: Path,
    config: Settings,
    *,
    backends: Sequence[Backend] = ("sqlite",),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return recall@1/5/10, MRR@10 and latency on the answerable queries, for every leg.

    A query counts as found at rank r when any of its relevant entries is the r-th hit. The times
    are of embedding and searching together, in milliseconds. With several backends, all but the
    first are under their names.
    """
    asked = answerable(queries)
    weights = {"hybrid": config.search.dense_weight, "dense": 1.0, "words": 0.0}
    found: dict[Backend, dict[str, dict[str, float]]] = {name: {} for name in backends}
    segmenter = config.search.segmenter
    async with indexed(kb, config, segmenter=segmenter, progress=progress) as (folder, embedder):
        for backend in backends:
            for leg, weight in weights.items():
                if leg == "dense" and embedder is None:
                    continue
                search = await _opened(backend, folder, embedder, config, weight)
                try:
                    if backend != "sqlite":
                        await ingest([kb], search, tenant=TENANT, progress=progress)
                    asking = None if leg == "words" else embedder
                    found[backend][leg] = await _measure(search, asking, asked)
                finally:
                    await search.close()
    first, *others = found.values()
    result = {"n": len(asked), **first["hybrid"], "legs": first}
    return result | dict(zip(backends[1:], others, strict=True))


async def _opened(
    backend: Backend, folder: Path, embedder: Embedder | None, config: Settings, weight: float
) -> SearchBackend:
    """Open the index of the knowledge measured; in Elasticsearch one named by its content too."""
    where = dict(config.search) | {"dense_weight": weight}
    if backend == "sqlite":
        where["url"] = ""
    elif not where["url"]:
        raise ConfigError("--backend elastic needs KEFU_SEARCH__URL=http://host:port")
    where["index"] = f"{config.search.index}-eval-{folder.name.rpartition('-')[2]}"
    return await open_search(folder, embedder, **where)


async def _measure(
    search: SearchBackend, embedder: Embedder | None, asked: Sequence[Query]
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
