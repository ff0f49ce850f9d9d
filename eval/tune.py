"""Find the weights of the legs and of synonyms on labelled queries, and their worth on others."""

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
from nodes.look_up import look_up, visible_to
from tools.business.shop import SHOP_TZ
from tools.errors import ConfigError
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.factory import open_search
from tools.text.normalise import language, normalise

SYNONYM_WEIGHTS = tuple(round(0.1 * step, 1) for step in range(11))
WEIGHTS = tuple(round(0.05 * step, 2) for step in range(21))  # share of the vectors
DEPTH = 10
FOLDS = 5

Ranks = NDArray[np.float64]  # (queries, weights); inf where the entry is not among the first ten


async def tune(
    kb: Path, queries: Path, config: Settings, *, split: str = "", progress: Progress | None = None
) -> dict[str, Any]:
    """Return recall@5 and MRR@10 for every dense weight, the one to take, and its honest worth.

    Then the same for every weight of synonyms, at that dense weight.

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
        vectors = []
        for number, query in enumerate(asked, start=1):
            vectors.append((await embedder.questions([normalise(query["query"])]))[0])
            if progress is not None:
                progress(number, len(asked))
        where = dict(config.search) | {"kind": "sqlite", "url": ""}
        opened = partial(open_search, folder, embedder)
        questions = list(zip(asked, vectors, strict=True))
        ranks = await _ranks(await opened(**where), questions, WEIGHTS)
        chosen = choose(ranks)
        columns = [
            await _ranks(
                await opened(**where | {"synonym_weight": weight}), questions, [WEIGHTS[chosen]]
            )
            for weight in SYNONYM_WEIGHTS
        ]
    same = np.concatenate(columns, axis=1)
    return {
        "n": len(asked),
        "dense_weight": WEIGHTS[chosen],
        "mrr_at_10": _rounded(_reciprocal(ranks)[:, chosen]),
        "cv_mrr_at_10": round(_cross_validated(ranks, [fold_of(q) for q in asked]), 4),
        "curve": _curve("dense_weight", WEIGHTS, ranks),
        "synonym_weight": SYNONYM_WEIGHTS[choose(same)],
        "synonym_curve": _curve("synonym_weight", SYNONYM_WEIGHTS, same),
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


def _curve(name: str, weights: Sequence[float], ranks: Ranks) -> list[dict[str, float]]:
    return [
        {
            name: weight,
            "r_at_5": _rounded(ranks[:, at] <= 5),
            "mrr_at_10": _rounded(_reciprocal(ranks)[:, at]),
        }
        for at, weight in enumerate(weights)
    ]


async def _ranks(
    search: SearchBackend, questions: Sequence[tuple[Query, Vector]], weights: Sequence[float]
) -> Ranks:
    """Return the rank of each query's first relevant entry at every weight; closes `search`."""
    try:
        return np.array([await _ranks_of(search, *question, weights) for question in questions])
    finally:
        await search.close()


async def _ranks_of(
    search: SearchBackend, query: Query, vector: Vector, weights: Sequence[float]
) -> list[float]:
    question = normalise(query["query"])
    filters = visible_to(Context(tenant=TENANT), datetime.now(SHOP_TZ))
    ask = partial(look_up, search, question, vector, k=DEPTH, filters=filters)
    ranks = []
    for weight in weights:
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
