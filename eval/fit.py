"""The weights of the decision policy: small logistic regressions."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.cases import Case
from eval.conformal import Flags
from eval.policies import chance
from nodes.rules.deciding.chances import FOLLOW, Policy, at_bar, bounded
from nodes.rules.deciding.features import FEATURES, READ, TOGETHER, WITH_VECTOR, WITHOUT_VECTOR

Rows = NDArray[np.float64]

L2 = 2.0  # beside all cases together, each of weight 1 on average
SHIFT_L2, SLOPE_L2 = 1.0, 4.0  # of a company's scale, in cases
LEAST_SLOPE = 0.1
STEPS = 30
MAX_REFUSED = 0.04  # share of a company's answerable fitting queries that may fall below its bar
CAREFUL_REFUSED = 0.08  # the same of all companies' below `careful_at`
FOLLOW_REFUSED = 0.15  # of answerable follow-ups: most are asked back, the right entry to choose
# Share of the right entries among those near that may be left out for the best alone; of queries
# that nothing was fitted on several times as many are.
MISSED = 0.003


def fitted_on(cases: Sequence[Case]) -> Policy:
    """Return weights, and the thresholds that depend on what may be refused and missed.

    `cases` must hold right, wrong and answerable ones; every company counts the same, and has a bar
    of its own: what one company's customers write in other words, another's do not. Right is
    what has a relevant entry among the hits that are shown at most.
    """
    share = _shares(cases)
    found, right = _rows([c.found for c in cases]), _right([c.lag for c in cases])
    by_words, words_right = _rows([c.words for c in cases]), _right([c.words_lag for c in cases])
    read, together = (
        _named(found[known], right[known], share[known], names)
        for known_by, names in (("agreement", READ), ("answers", TOGETHER))
        for known in [found[:, FEATURES.index(known_by)] != 0]
    )
    both = _named(found, right, share, WITH_VECTOR)
    words = _named(by_words, words_right, share, WITHOUT_VECTOR)
    policy = Policy(
        bias=both[0],
        weights=both[1],
        words_bias=words[0],
        words_weights=words[1],
        read_bias=read[0],
        read_weights=read[1],
        together_bias=together[0],
        together_weights=together[1],
        answer_at=0.0,
        clarify_at=0.0,
        clear_at=1.0,
        lead_at=_lead([c.lag for c in cases], share),
        words_lead_at=_lead([c.words_lag for c in cases], share),
    )
    asked = np.array([case.label == "answerable" for case in cases])
    owners = np.array([case.company for case in cases])
    own = {company: owners == company for company in dict.fromkeys(owners.tolist())}
    joint = np.array([chance(case, policy) for case in cases])
    scales = {company: _scale(joint[of], right[of]) for company, of in own.items()}
    policy = policy._replace(scales=scales)
    chances = np.array([chance(case, policy) for case in cases])
    answer_at = _quantile(chances[asked], MAX_REFUSED, share[asked])
    bars = {company: _bar(chances[asked & of], answer_at) for company, of in own.items()}
    careful_at = max(
        _quantile(joint[asked], CAREFUL_REFUSED, share[asked]),
        *(_bar(joint[asked & of], 0.0) for of in own.values()),
    )
    careful_at = max(careful_at, answer_at)
    return at_bar(policy, answer_at)._replace(bars=bars, careful_at=careful_at)


def followed(policy: Policy, cases: Sequence[Case]) -> Policy:
    """Return the policy with weights and the bar for follow-ups, from `cases` that are such.

    As it is where there is nothing to tell apart.
    """
    right = _right([case.lag for case in cases])
    if not right.any() or right.all():
        return policy
    plain = policy._replace(follow_weights={}, scales={})  # see chance_right
    logits = [
        bounded(each)
        for each in _logits(np.array([chance(case, plain) for case in cases])).tolist()
    ]
    read = [[case.found[name] for case in cases] for name in FOLLOW[1:]]
    rows = np.column_stack([logits, *read])
    bias, weights = _logistic(rows, right, _shares(cases))
    named = dict(zip(FOLLOW, weights.round(4).tolist(), strict=True))
    policy = policy._replace(follow_bias=round(bias, 4), follow_weights=named)
    asked = [case for case in cases if case.label == "answerable"]
    chances = np.array([chance(case, policy) for case in asked])
    return policy._replace(follow_at=round(_quantile(chances, FOLLOW_REFUSED, _shares(asked)), 4))


def _scale(joint: Rows, right: Flags) -> tuple[float, float]:
    """Return shift and slope that make chances a company's own; few cases leave them nearly as is.

    Newton's method, L2-regularised towards 0 and 1.
    """
    logits = _logits(joint)
    x, penalty = np.column_stack([np.ones(len(logits)), logits]), np.diag([SHIFT_L2, SLOPE_L2])
    scale = np.array([0.0, 1.0])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(x @ scale, -30, 30)))
        slope = x.T @ (chances - right) + penalty @ (scale - [0.0, 1.0])
        curvature = (x * np.maximum(chances * (1 - chances), 1e-4)[:, None]).T @ x
        scale -= np.linalg.solve(curvature + penalty, slope)
    shift, slope = scale.round(4).tolist()
    return shift, max(slope, LEAST_SLOPE)


def _logits(chances: Rows) -> Rows:
    inside = np.clip(chances, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)))


def _bar(asked: Rows, otherwise: float) -> float:
    """Return from where a company's answerable queries are answered, rounded down."""
    bar = _quantile(asked, MAX_REFUSED, np.ones(len(asked))) if len(asked) else otherwise
    return math.floor(1e4 * bar) / 1e4


def _shares(cases: Sequence[Case]) -> Rows:
    """Return a weight for each case, 1 on average, so that every company's are as much in all."""
    counts = Counter(case.company for case in cases)
    return np.array([len(cases) / len(counts) / counts[case.company] for case in cases])


def _named(
    rows: Rows, right: Flags, sample: Rows, names: Sequence[str]
) -> tuple[float, dict[str, float]]:
    """Return bias and weights as they are kept; 0.0 and {} where there is nothing to tell apart."""
    if not right.any() or right.all():
        return 0.0, {}
    bias, weights = fit(rows, right, names, sample)
    kept = dict(zip(FEATURES, weights.round(4).tolist(), strict=True))
    return round(bias, 4), {name: kept[name] for name in names}


def fit(
    rows: Rows, right: Flags, keep: Sequence[str] = FEATURES, sample: Rows | None = None
) -> tuple[float, Rows]:
    """Return bias and weights of a logistic regression; features outside `keep` get weight 0."""
    mask = np.array([name in keep for name in FEATURES], float)
    return _logistic(rows * mask, right, np.ones(len(rows)) if sample is None else sample)


def _right(lags: Sequence[float | None]) -> Flags:
    return np.array([lag is not None for lag in lags])


def _lead(lags: Sequence[float | None], share: Rows) -> float:
    """Return a lead of the best hit from which nearly no right entry is behind it."""
    behind = [lag for lag in lags if lag is not None]
    edge = _quantile(behind, 1 - MISSED, share[_right(lags)]) if behind else 0.0
    return round(edge + 1e-4, 4)


def _quantile(values: Sequence[float] | Rows, share: float, weights: Rows) -> float:
    """Return the value that `share` of the weight does not exceed."""
    return float(np.quantile(values, share, weights=weights, method="inverted_cdf"))


def _logistic(rows: Rows, right: Flags, sample: Rows) -> tuple[float, Rows]:
    """Return bias and weights, L2-regularised, by Newton's method."""
    mean, scale = rows.mean(0), rows.std(0)
    scale[scale == 0] = 1.0
    x = np.column_stack([np.ones(len(rows)), (rows - mean) / scale])
    penalty = np.diag([1e-6, *[L2] * rows.shape[1]])
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
