"""Find the weight of the two legs on labelled queries, and what that choice is worth on others."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from eval.queries import TENANT, Query, answerable, indexed
from graph.context import Context
from graph.settings import Settings
from nodes.retrieve import look_up, visible_to
from tools.business.shop import SHOP_TZ
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.search.base import Progress, SearchBackend
from tools.search.factory import open_search
from tools.text.normalise import language, normalise

WEIGHTS = tuple(round(0.05 * step, 2) for step in range(21))  # share of the vectors
DEPTH = 10
FOLDS = 5

Ranks = NDArray[np.float64]  # (queries, weights); inf where the entry is not among the first ten


async def tune(
    kb: Path, queries: Path, config: Settings, *, split: str = "", progress: Progress | None = None
) -> dict[str, Any]:
    """Return recall@5 and MRR@10 for every dense weight, the one to take, and its honest worth.

    The weight taken is the middle of those whose MRR lies within two standard errors of the best:
    on some dozens of queries the best alone is luck. `cv_mrr_at_10` is the mean over folds in
    which the weight was chosen without the queries it is measured on; queries about the same
    entry share a fold. Only the queries of `split` are read, "" = all.

    Raises:
        ConfigError: if files can't be used, there is no embedder, or too few queries.
    """
    asked = [q for q in answerable(queries) if split in ("", q["split"])]
    if len(asked) < 2 * FOLDS:
        raise ConfigError(f"{queries}: expected {2 * FOLDS} answerable queries, got {len(asked)}")
    async with indexed(kb, config, segmenter=config.search.segmenter, progress=progress) as (
        folder,
        embedder,
    ):
        if embedder is None:
            raise ConfigError("tune weighs words against vectors, but there is no embedder")
        where = dict(config.search) | {"kind": "sqlite", "url": ""}
        search = await open_search(folder, embedder, **where)
        try:
            rows = []
            for number, query in enumerate(asked, start=1):
                rows.append(await _ranks(search, embedder, query))
                if progress is not None:
                    progress(number, len(asked))
        finally:
            await search.close()
    ranks = np.array(rows)
    chosen = choose(ranks)
    return {
        "n": len(asked),
        "dense_weight": WEIGHTS[chosen],
        "mrr_at_10": _rounded(_reciprocal(ranks)[:, chosen]),
        "cv_mrr_at_10": round(_cross_validated(ranks, [fold_of(q) for q in asked]), 4),
        "curve": [
            {
                "dense_weight": weight,
                "r_at_5": _rounded(ranks[:, at] <= 5),
                "mrr_at_10": _rounded(_reciprocal(ranks)[:, at]),
            }
            for at, weight in enumerate(WEIGHTS)
        ],
    }


def choose(ranks: Ranks) -> int:
    """Return the index of the weight to take; ranks of shape (queries, weights)."""
    worth = _reciprocal(ranks)
    means = worth.mean(axis=0)
    best = int(means.argmax())
    # paired: what matters is how the weights differ on the same queries
    error = (worth[:, [best]] - worth).std(axis=0) / np.sqrt(len(worth))
    near = np.flatnonzero(means >= means[best] - 2 * error)
    return int(near[len(near) // 2])


def fold_of(query: Query) -> int:
    """Return the fold of a query: that of its first relevant entry, the same in every run."""
    return crc32(query["relevant_ids"][0].encode()) % FOLDS


async def _ranks(search: SearchBackend, embedder: Embedder, query: Query) -> list[float]:
    question = normalise(query["query"])
    vector = (await embedder.questions([question]))[0]
    filters = visible_to(Context(tenant=TENANT), datetime.now(SHOP_TZ))
    ask = partial(look_up, search, question, vector, k=DEPTH, filters=filters)
    ranks = []
    for weight in WEIGHTS:
        result = await ask(lang=language(question), dense_weight=weight)
        ids = [passage["id"] for passage in result.passages]
        hits = [rank for rank, found in enumerate(ids, 1) if found in query["relevant_ids"]]
        ranks.append(float(hits[0]) if hits else np.inf)
    return ranks


def _cross_validated(ranks: Ranks, folds: Sequence[int]) -> float:
    of_query = np.array(folds)
    worth = _reciprocal(ranks)
    total = 0.0
    for fold in set(folds):
        inside = of_query == fold
        total += float(worth[inside, choose(ranks[~inside])].sum())
    return total / len(ranks)


def _reciprocal(ranks: Ranks) -> Ranks:
    return np.where(ranks <= DEPTH, 1 / ranks, 0.0)


def _rounded(values: NDArray[Any]) -> float:
    return round(float(np.mean(values)), 4)
