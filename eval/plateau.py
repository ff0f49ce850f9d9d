"""Choose a number of the ranking on labelled queries of several companies. Pure.

Given are ranks of the first relevant entry, for each company an array of (queries, values); inf
where none is among the first DEPTH. Every company counts the same, however many its queries.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
FOLDS = 5
ERRORS = 2  # paired standard errors that a value may be behind the best and still be as good

Ranks = NDArray[np.float64]
Worth = NDArray[np.float64]  # reciprocal ranks, same shape
Folds = NDArray[np.int64]  # of a company's queries


class Measured(NamedTuple):
    """What every value is worth, by index."""

    means: Worth  # MRR@10
    behind: Worth  # the best
    errors: Worth  # paired standard errors of `behind`
    near: list[int]  # that can't be told from the best


def measured(ranks: Sequence[Ranks]) -> Measured:
    """Return what every value is worth. Paired: what matters is how the same queries differ."""
    worths = [_reciprocal(of_company) for of_company in ranks]
    means = _mean(worths)
    best = int(means.argmax())
    lost = [worth[:, [best]] - worth for worth in worths]
    behind, errors = _mean(lost), _error(lost)
    near = np.flatnonzero(behind <= ERRORS * errors + 1e-9)
    return Measured(means, behind, errors, near.tolist())


def choose(ranks: Sequence[Ranks]) -> int:
    """Return the index of the middle of the plateau; on dozens of queries the best is luck.

    It may have gaps: beside the best the errors are small, and a small step down ends it early.
    """
    near = measured(ranks).near
    return near[len(near) // 2]


def folds_of(groups: Sequence[str]) -> Folds:
    """Return the fold of each query, the same in every run; queries of a group share one."""
    ordered = sorted(set(groups), key=lambda group: (crc32(group.encode()), group))
    places = {group: place % FOLDS for place, group in enumerate(ordered)}
    return np.array([places[group] for group in groups])


def cross_validated(ranks: Sequence[Ranks], folds: Sequence[Folds]) -> list[Worth]:
    """Return each company's reciprocal ranks, (queries,), at values chosen on other folds."""
    found = [np.zeros(len(of_company)) for of_company in ranks]
    for fold in range(FOLDS):
        inside = [own == fold for own in folds]
        others = [part[~own] for part, own in zip(ranks, inside, strict=True) if not own.all()]
        chosen = choose(others)
        for worth, part, own in zip(found, ranks, inside, strict=True):
            worth[own] = _reciprocal(part[own, chosen])
    return found


def summary(
    values: Sequence[float], ranks: Sequence[Ranks], folds: Sequence[Folds], *, now: int
) -> dict[str, Any]:
    """Return the curve of a number, its plateau, and whether the value with index `now` is on it.

    cv_mrr_at_10: of values chosen without the queries that they are measured on; cv_gain is what
    they bring over today's, with its paired standard error. moved: queries that rank differently
    at any two values. taken: today's where it is on the plateau, else the middle.
    """
    found = measured(ranks)
    middle = found.near[len(found.near) // 2]
    crossed = cross_validated(ranks, folds)
    gains = [
        (own - _reciprocal(part[:, now]))[:, None] for own, part in zip(crossed, ranks, strict=True)
    ]
    return {
        "now": values[now],
        "plateau": [values[at] for at in found.near],
        "middle": values[middle],
        "taken": values[now if now in found.near else middle],
        "moved": sum(int((part != part[:, :1]).any(axis=1).sum()) for part in ranks),
        "mrr_at_10": _rounded(found.means[now]),
        "cv_mrr_at_10": _rounded(np.mean([own.mean() for own in crossed])),
        "cv_gain": _rounded(_mean(gains)[0]),
        "cv_error": _rounded(_error(gains)[0]),
        "curve": [
            {
                "value": value,
                "r_at_5": _rounded(np.mean([(part[:, at] <= 5).mean() for part in ranks])),
                "mrr_at_10": _rounded(found.means[at]),
                "behind": _rounded(found.behind[at]),
                "error": _rounded(found.errors[at]),
                "by_company": [_rounded(_reciprocal(part[:, at]).mean()) for part in ranks],
            }
            for at, value in enumerate(values)
        ],
    }


def _mean(parts: Sequence[Worth]) -> Worth:
    return np.asarray(np.mean([part.mean(axis=0) for part in parts], axis=0))


def _error(parts: Sequence[Worth]) -> Worth:
    """Return the standard error of `_mean`, by column."""
    squared = [part.var(axis=0) / len(part) for part in parts]
    return np.asarray(np.sqrt(np.sum(squared, axis=0)) / len(parts))


def _reciprocal(ranks: Ranks) -> Worth:
    return np.where(ranks <= DEPTH, 1 / ranks, 0.0)


def _rounded(value: float | np.float64) -> float:
    return round(float(value), 4) + 0.0  # no -0.0
