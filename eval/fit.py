"""The weights of the decision policy: a small logistic regression."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.cases import Case
from eval.conformal import Flags
from eval.policies import chance
from nodes.rules.policy import FEATURES, WITHOUT_VECTOR, Policy

Rows = NDArray[np.float64]

L2 = 0.2  # for all cases together, each of weight 1
STEPS = 30
NEAR = 3  # hits that an answer is made from: the right entry among them is nearly right
NEAR_WEIGHT = 0.3  # of such a case against a plainly wrong one
MAX_REFUSED = 0.085  # share of answerable fitting queries that may fall below `answer_at`
CAREFUL_REFUSED = 2 * MAX_REFUSED  # the same below `careful_at`


def fitted_on(cases: Sequence[Case]) -> Policy:
    """Return weights, and the thresholds that depend on how many answerable may be refused.

    `cases` must hold right, wrong and answerable ones.
    """
    places = [case.place for case in cases]
    bias, weights = fit(_rows([c.found for c in cases]), places)
    by_words = _rows([c.words for c in cases])
    words_bias, words_weights = fit(by_words, [c.words_place for c in cases], keep=WITHOUT_VECTOR)
    policy = Policy(
        bias=round(bias, 4),
        weights=_named(weights),
        words_bias=round(words_bias, 4),
        words_weights={k: v for k, v in _named(words_weights).items() if k in WITHOUT_VECTOR},
        answer_at=0.0,
        clarify_at=0.0,
        clear_at=1.0,
    )
    asked = [chance(case, policy) for case in cases if case.label == "answerable"]
    answer_at, careful_at = np.quantile(asked, [MAX_REFUSED, CAREFUL_REFUSED]).tolist()
    return policy._replace(answer_at=answer_at, clarify_at=answer_at / 2, careful_at=careful_at)


def fit(
    rows: Rows, places: Sequence[int | None], keep: Sequence[str] = FEATURES
) -> tuple[float, Rows]:
    """Return bias and weights of a logistic regression; features outside `keep` get weight 0.

    Both classes weigh the same, and what is nearly right weighs less: else the weights would
    learn a ranking's luck instead of what the knowledge does not hold. A second fit, of the sum
    alone and with equal weights, makes the sums chances again (Platt, 1999).
    """
    mask = np.array([name in keep for name in FEATURES], float)
    right = np.array([place == 0 for place in places])
    near = np.array([place is not None and 0 < place < NEAR for place in places])
    share = min(max(right.mean(), 0.01), 0.99)  # by words alone all may be wrong
    sample = np.where(right, 0.5 / share, 0.5 / (1 - share))
    bias, weights = _logistic(rows * mask, right, np.where(near, NEAR_WEIGHT, 1.0) * sample)
    sums = rows @ weights + bias
    shift, slope = _logistic(sums[:, None], right, np.ones(len(rows)))
    return shift + float(slope[0]) * bias, weights * slope[0]


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
