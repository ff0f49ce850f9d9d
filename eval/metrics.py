"""Means of what was measured, figures of a ranking, and how sure they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 20  # hits that are looked at
RESAMPLES = 2000
SEED = 20261122

Row = dict[str, float | list[float]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query got: which of its hits are relevant, best first, and what that took."""

    hits: list[bool]
    relevant: int  # entries that answer it
    took_ms: float


def mean(values: Iterable[float]) -> float | None:
    """Return the mean of numbers, the share of claims that hold; None of nothing."""
    every = list(values)
    return round(float(sum(every)) / len(every), 4) if every else None


def outcome(ids: Sequence[str], relevant: Sequence[str], took_ms: float) -> Outcome:
    """Judge the ids found, best first, by those that are relevant."""
    wanted = frozenset(relevant)
    return Outcome([found in wanted for found in ids[:DEPTH]], len(wanted), took_ms)


def row(outcomes: Sequence[Outcome]) -> Row:
    """Return the figures of at least one query.

    r_at_n: share of queries with a relevant entry among the first n. recall_at_20: mean share of a
    query's relevant entries among the first 20. *_ci: 95 % interval of the mean, by bootstrap over
    the queries. *_ms: percentiles of the time.
    """
    r_at_5, mrr = (_each(outcomes, figure) for figure in (_within(5), _reciprocal_rank))
    took = [one.took_ms for one in outcomes]
    return {
        "r_at_1": _mean(_each(outcomes, _within(1))),
        "r_at_5": _mean(r_at_5),
        "r_at_10": _mean(_each(outcomes, _within(10))),
        "mrr_at_10": _mean(mrr),
        "p50_ms": round(float(np.percentile(took, 50)), 2),
        "p99_ms": round(float(np.percentile(took, 99)), 2),
        "ndcg_at_10": _mean(_each(outcomes, _ndcg)),
        "recall_at_20": _mean(_each(outcomes, _recall)),
        "r_at_5_ci": interval(r_at_5),
        "mrr_at_10_ci": interval(mrr),
    }


def interval(values: NDArray[np.float64]) -> list[float]:
    """Return [low, high] of the mean: 95 % of the means of samples drawn with replacement.

    Always drawn alike: all rows of a run see the same samples of the same queries.
    """
    draws = np.random.default_rng(SEED).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]


def _within(depth: int) -> Callable[[Outcome], float]:
    return lambda one: float(any(one.hits[:depth]))


def _reciprocal_rank(one: Outcome) -> float:
    return 1 / (one.hits.index(True) + 1) if any(one.hits[:10]) else 0.0


def _ndcg(one: Outcome) -> float:
    """Return the discounted gain of the first 10, as a share of what the best order has."""
    discounts = 1 / np.log2(np.arange(2, 12))
    gain = sum(discounts[n] for n, is_hit in enumerate(one.hits[:10]) if is_hit)
    return float(gain / discounts[: max(one.relevant, 1)].sum())


def _recall(one: Outcome) -> float:
    return sum(one.hits) / max(one.relevant, 1)


def _each(outcomes: Sequence[Outcome], figure: Callable[[Outcome], float]) -> NDArray[np.float64]:
    return np.array([figure(one) for one in outcomes])


def _mean(values: NDArray[np.float64]) -> float:
    return round(float(values.mean()), 4)
