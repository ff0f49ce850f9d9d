"""The weights of the decision policy: a small logistic regression."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.cases import Case
from eval.conformal import Flags
from eval.policies import chance
from nodes.rules.features import FEATURES, WITHOUT_VECTOR
from nodes.rules.policy import Policy

Rows = NDArray[np.float64]

L2 = 0.2  # for all cases together, each of weight 1
STEPS = 30
MAX_REFUSED = 0.08  # share of answerable fitting queries that may fall below `answer_at`
CAREFUL_REFUSED = 0.1  # the same below `careful_at`
MISSED = 0.01  # share of the right entries among those near that may be left out for the best alone


def fitted_on(cases: Sequence[Case]) -> Policy:
    """Return weights, and the thresholds that depend on what may be refused and missed.

    `cases` must hold right, wrong and answerable ones. Right is what has a relevant entry among
    the hits that are shown at most.
    """
    bias, weights = fit(_rows([c.found for c in cases]), _right([c.lag for c in cases]))
    by_words = _rows([c.words for c in cases])
    words_right = _right([c.words_lag for c in cases])
    words_bias, words_weights = fit(by_words, words_right, keep=WITHOUT_VECTOR)
    policy = Policy(
        bias=round(bias, 4),
        weights=_named(weights),
        words_bias=round(words_bias, 4),
        words_weights={k: v for k, v in _named(words_weights).items() if k in WITHOUT_VECTOR},
        answer_at=0.0,
        clarify_at=0.0,
        clear_at=1.0,
        lead_at=_lead([c.lag for c in cases]),
        words_lead_at=_lead([c.words_lag for c in cases]),
    )
    asked = [chance(case, policy) for case in cases if case.label == "answerable"]
    answer_at, careful_at = np.quantile(asked, [MAX_REFUSED, CAREFUL_REFUSED]).tolist()
    return policy._replace(answer_at=answer_at, clarify_at=answer_at / 2, careful_at=careful_at)


def fit(rows: Rows, right: Flags, keep: Sequence[str] = FEATURES) -> tuple[float, Rows]:
    """Return bias and weights of a logistic regression; features outside `keep` get weight 0."""
    mask = np.array([name in keep for name in FEATURES], float)
    return _logistic(rows * mask, right, np.ones(len(rows)))


def _right(lags: Sequence[float | None]) -> Flags:
    return np.array([lag is not None for lag in lags])


def _lead(lags: Sequence[float | None]) -> float:
    """Return a lead of the best hit from which nearly no right entry is behind it."""
    behind = [lag for lag in lags if lag is not None]
    return round(float(np.quantile(behind, 1 - MISSED)) + 1e-4, 4) if behind else 0.0


def _logistic(rows: Rows, right: Flags, sample: Rows) -> tuple[float, Rows]:
    """Return bias and weights, L2-regularised, by Newton's method."""
    mean, scale = rows.mean(0), rows.std(0)
    scale[scale == 0] = 1.0
    x = np.column_stack([np.ones(len(rows)), (rows - mean) / scale])
    penalty = np.diag([1e-6] + [L2] * rows.shape[1])
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (sample * (chances - right)) + penalty @ weights
        curvature = (x * (sample * np.maximum(chances * (1 - chances), 1e-4))[:, None]).T @ x
        weights -= np.linalg.solve(curvature + penalty, slope)
    raw = weights[1:] / scale
    return float(weights[0] - raw @ mean), raw


def _rows(found: Sequence[Mapping[str, float]]) -> Rows:
    return np.array([[one[name] for name in FEATURES] for one in found])


def _named(weights: Rows) -> dict[str, float]:
    return dict(zip(FEATURES, weights.round(4).tolist(), strict=True))
