"""Which answers to give so that few of them are wrong, and how far a chance can be believed. Pure.

`chances` are what a policy thinks of answering each query, 0 where it does not answer at all;
`right` says which answers would be right. A policy answers from a threshold upwards.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Chances = NDArray[np.float64]
Flags = NDArray[np.bool_]

BIN_OF = 30  # queries in a bin at least: fewer would show chance, not calibration
MOST_BINS = 10
DRAWS = 200
SEED = 20261122
GRID = 20  # thresholds that are tried


class Bound(NamedTuple):
    """A threshold from which at most `risk` of the answers are wrong, with `confidence`."""

    threshold: float
    answered: int  # of the calibration part
    wrong: int


def tail(n: int, wrong: int, risk: float) -> float:
    """Return the chance of at most `wrong` wrong ones of n when each is wrong with `risk`."""
    if n == 0 or wrong >= n:
        return 1.0
    if risk in (0.0, 1.0):
        return 1.0 - risk
    # log(n choose k), k = 0..wrong, by adding up the factors (n - k + 1) / k
    k = np.arange(1, wrong + 1)
    choose = np.concatenate([[0.0], np.cumsum(np.log(n - k + 1) - np.log(k))])
    k = np.arange(wrong + 1)
    return float(np.exp(choose + k * np.log(risk) + (n - k) * np.log1p(-risk)).sum())


def upper(n: int, wrong: int, confidence: float) -> float:
    """Return the share that wrong ones stay under with `confidence` (Clopper and Pearson, 1934)."""
    if n == 0 or wrong >= n:
        return 1.0
    low, high = wrong / n, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(n, wrong, middle) > 1 - confidence else (low, middle)
    return high


def needed(risk: float, confidence: float) -> int:
    """Return how many answers, none of them wrong, show the bound."""
    return int(np.ceil(np.log(1 - confidence) / np.log(1 - risk)))


def bounded(
    fitted: tuple[Chances, Flags],
    calibration: tuple[Chances, Flags],
    *,
    risk: float,
    confidence: float,
) -> Bound | None:
    """Return the lowest threshold whose answers are shown to be right; None if none is.

    The guarantee: over the draw of the calibration queries, with probability `confidence` at most
    the share `risk` of all answers at or above the threshold are wrong, whatever the model; the
    queries asked must come from where the calibration queries come from. Method: Learn then Test
    (Angelopoulos, Bates, Candès, Jordan, Lei, "Learn then Test: calibrating predictive algorithms
    to achieve risk control", arXiv:2110.01052), fixed-sequence testing of the hypotheses "more
    than `risk` is wrong" with exact binomial p-values, as for selective classification. Thresholds
    and their order come from the fitting part alone: first the strictest from which there are
    answers enough to show it, with room for a mistake, then lower ones until one fails.
    """
    grid = _grid(fitted[0])
    chances, right = calibration
    first = _first(grid, fitted[0], len(chances), risk, confidence)
    found: Bound | None = None
    for threshold in grid[first:]:
        answered = chances >= threshold
        n, wrong = int(answered.sum()), int((answered & ~right).sum())
        if tail(n, wrong, risk) > 1 - confidence:
            break
        found = Bound(float(threshold), n, wrong)
    return found


def _grid(chances: Chances) -> Chances:
    """Return thresholds that answer more and more of the fitting part, strictest first."""
    answered = chances[chances > 0]
    if not len(answered):
        return np.array([])
    return np.quantile(answered, 1 - np.arange(1, GRID + 1) / GRID)


def _first(grid: Chances, fitted: Chances, queries: int, risk: float, confidence: float) -> int:
    """Return the number of the strictest threshold that so many queries can show the bound at.

    It leaves room for one mistake where one does; where none can show it, the number of thresholds.
    """
    answers = [int((fitted >= threshold).mean() * queries) for threshold in grid]
    for mistakes in (1, 0):
        for number, count in enumerate(answers):
            if tail(count, mistakes, risk) <= 1 - confidence:
                return number
    return len(grid)


def bins(chances: Chances, right: Flags) -> list[dict[str, float]]:
    """Return the reliability diagram: equally many queries in each bin, by rising chance."""
    count = min(max(len(chances) // BIN_OF, 1), MOST_BINS)
    return [
        {
            "n": len(part),
            "chance": round(float(chances[part].mean()), 4),
            "right": round(float(right[part].mean()), 4),
        }
        for part in np.array_split(np.argsort(chances, kind="stable"), count)
        if len(part)
    ]


def expected_error(rows: Sequence[dict[str, float]]) -> float:
    """Return the expected calibration error: how far chance and share are apart, by bin size.

    With bins of equal size after Naeini, Cooper, Hauskrecht, "Obtaining well calibrated
    probabilities using Bayesian binning" (AAAI 2015) and Nixon et al., arXiv:1904.01685.
    """
    n = sum(row["n"] for row in rows)
    return round(sum(row["n"] * abs(row["chance"] - row["right"]) for row in rows) / n, 4)


def error_by_chance(chances: Chances) -> float:
    """Return the calibration error that chances which are exactly true would show on so few."""
    random = np.random.default_rng(SEED)
    drawn = [
        expected_error(bins(chances, random.random(len(chances)) < chances)) for _ in range(DRAWS)
    ]
    return round(float(np.mean(drawn)), 4)


def curve(chances: Chances, right: Flags) -> list[dict[str, float]]:
    """Return share answered and share wrong among them, for every threshold, strictest first.

    Equal chances are answered together. Chances of 0 are never answered.
    """
    order = np.argsort(-chances, kind="stable")
    wrong = np.cumsum(~right[order])
    ends = np.flatnonzero(np.diff(chances[order], append=-1.0))
    return [
        {
            "threshold": round(float(chances[order[end]]), 4),
            "coverage": round((int(end) + 1) / len(order), 4),
            "risk": round(int(wrong[end]) / (int(end) + 1), 4),
        }
        for end in ends
        if chances[order[end]] > 0
    ]


def coverage_at(rows: Sequence[dict[str, float]], risk: float) -> float:
    """Return the largest share answered on a curve at which no more than `risk` is wrong."""
    return max((row["coverage"] for row in rows if row["risk"] <= risk), default=0.0)


def area(rows: Sequence[dict[str, float]]) -> float | None:
    """Return the mean share wrong along a curve up to its end: lower is better; None of no rows."""
    if not rows:
        return None
    covered = np.diff([0.0, *(row["coverage"] for row in rows)])
    return round(float(covered @ [row["risk"] for row in rows] / covered.sum()), 4)
