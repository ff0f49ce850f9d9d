"""Fit the decision policy to labelled queries: a small logistic model and its thresholds."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.queries import TENANT, Query, indexed, read_queries
from graph.context import Context
from graph.settings import ROOT, Settings
from nodes.retrieve import look_up, visible_to
from nodes.rules.policy import FEATURES, VERSION, WITHOUT_VECTOR, features
from tools.business.shop import SHOP_TZ
from tools.classify import IntentClassifier
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.search.base import Progress
from tools.search.sqlite import SqliteSearch
from tools.text.normalise import language, normalise

Rows = NDArray[np.float64]

L2 = 1e-3
STEPS = 4000
MAX_REFUSED = 0.095  # share of answerable fitting queries that may fall below `answer_at`
CLEAR_PRECISION = 0.97  # share of right entries above `clear_at`
LABELS = ("answerable", "indomain_no_answer", "offdomain", "ambiguous", "account_specific")


async def calibrate(
    kb: Path, queries: Path, config: Settings, *, split: str = "", progress: Progress | None = None
) -> dict[str, Any]:
    """Return a policy fitted on the queries of `split` ("" = all), as it is kept in a file.

    An example counts as right when the best passage is a relevant entry.

    Raises:
        ConfigError: if there is nothing to tell apart: no right or no wrong example, or no
            answerable query.
    """
    asked = [q for q in read_queries(queries) if q["label"] in LABELS]
    asked = [q for q in asked if not split or q["split"] == split]
    segmenter = config.search.segmenter
    async with indexed(kb, config, segmenter=segmenter, progress=progress) as (folder, embedder):
        search = await SqliteSearch.open(
            folder,
            embedder,
            segmenter=segmenter,
            dense_weight=config.search.dense_weight,
        )
        try:
            rows, right, answerable = await _examples(search, embedder, asked)
            word_rows, word_right, _ = await _examples(search, None, asked)
        finally:
            await search.close()
    if right.all() or not right.any() or not answerable.any():
        raise ConfigError(
            f"{queries}: split {split!r}: expected right, wrong and answerable queries, "
            f"got {right.sum()} right of {len(right)}, {answerable.sum()} answerable"
        )
    bias, weights = fit(rows, right)
    words_bias, words_weights = fit(word_rows, word_right, keep=WITHOUT_VECTOR)
    chances = _sigmoid(rows @ weights + bias)
    answer_at = float(np.quantile(chances[answerable], MAX_REFUSED))
    return {
        "version": VERSION,
        "bias": round(bias, 4),
        "weights": dict(zip(FEATURES, weights.round(4).tolist(), strict=True)),
        "words_bias": round(words_bias, 4),
        "words_weights": {
            name: round(float(weight), 4)
            for name, weight in zip(FEATURES, words_weights, strict=True)
            if name in WITHOUT_VECTOR
        },
        "answer_at": round(answer_at, 4),
        "clarify_at": round(answer_at / 2, 4),
        "clear_at": round(max(answer_at, _clear_at(chances, right)), 4),
        "fitted_on": {
            "kb": kb.name,
            "queries": queries.name,
            "split": split,
            "n": len(asked),
            "embedder": embedder.name if embedder else "",
        },
    }


async def _examples(
    search: SqliteSearch, embedder: Embedder | None, asked: Sequence[Query]
) -> tuple[Rows, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return features (n, len(FEATURES)), which best hits are right, and which are answerable."""
    classifier = IntentClassifier.load(ROOT / "data" / "intents.npz")
    filters = visible_to(Context(tenant=TENANT), datetime.now(SHOP_TZ))
    rows, right = [], []
    for query in asked:
        question = normalise(query["query"])
        vector = (await embedder.questions([question]))[0] if embedder else None
        result = await look_up(
            search, question, vector, k=8, filters=filters, lang=language(question)
        )
        name = embedder.name if embedder else ""
        understood = classifier.classify(question, vector, embedder=name).probabilities
        chances = understood | classifier.by_route(understood)
        found = features(question, result.passages, chances)
        rows.append([found[name] for name in FEATURES])
        best = result.passages[0]["id"] if result.passages else ""
        right.append(best in query["relevant_ids"])
    answerable = [query["label"] == "answerable" for query in asked]
    return np.array(rows), np.array(right), np.array(answerable)


def fit(rows: Rows, right: NDArray[np.bool_], keep: Sequence[str] = FEATURES) -> tuple[float, Rows]:
    """Return bias and weights of a logistic regression by gradient descent, L2-regularised.

    Features outside `keep` get weight 0. Both classes weigh the same.
    """
    mask = np.array([name in keep for name in FEATURES], float)
    mean, scale = rows.mean(0), rows.std(0) + 1e-9
    x = (rows - mean) / scale * mask
    share = right.mean()
    sample = np.where(right, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
    weights, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(STEPS):
        error = (_sigmoid(x @ weights + bias) - right) * sample / len(x)
        weights -= 1.0 * (x.T @ error + L2 * weights)
        bias -= 1.0 * float(error.sum())
    raw = weights * mask / scale
    return bias - float(raw @ mean), raw


def _sigmoid(z: Rows) -> Rows:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -30, 30))))


def _clear_at(chances: Rows, right: NDArray[np.bool_]) -> float:
    """Return the lowest chance above which the best entry is right nearly always."""
    order = np.argsort(-chances)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= CLEAR_PRECISION)
    return float(chances[order[good[-1]]]) if len(good) else 1.0


def save(policy: dict[str, Any], path: Path) -> None:
    """Write a policy file."""
    path.write_text(json.dumps(policy, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
