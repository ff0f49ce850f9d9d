"""Logistic regression on kernels, several fits at once: how the model of attempts is learnt."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.suspicion_read import BUCKET_BITS, Reading

COST = 20.0  # of an error beside the weights' size; from 6 to 60 hardly matters, families held out
STEPS = 300


class Fits(NamedTuple):
    """Weights of the rows, (rows, fits), and the bias of each fit; all are made together."""

    weights: NDArray[np.float64]
    biases: NDArray[np.float64]


class Grams(NamedTuple):
    """The messages' buckets as the rows of a sparse matrix, each row of unit length."""

    buckets: NDArray[np.intp]
    starts: NDArray[np.intp]  # (rows,)
    lengths: NDArray[np.intp]  # (rows,)

    @classmethod
    def of(cls, found: Sequence[Reading]) -> "Grams":
        """Return the grams of these readings."""
        rows = [reading.whole for reading in found]
        lengths = np.array([len(row) for row in rows])
        return cls(np.concatenate(rows), np.cumsum(lengths) - lengths, lengths)

    def onto_buckets(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights of the buckets that these of the rows make."""
        shares = np.repeat(weights / np.sqrt(self.lengths), self.lengths)
        made = np.bincount(self.buckets, shares, 2**BUCKET_BITS)
        return np.asarray(made, np.float64)

    def times(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the inner products of all rows with the sums of the weighted ones, per column."""
        columns = [
            np.add.reduceat(self.onto_buckets(column)[self.buckets], self.starts)
            for column in weights.T
        ]
        return np.asarray(np.stack(columns, 1) / np.sqrt(self.lengths)[:, None], np.float64)


Times = Callable[[NDArray[np.float64]], NDArray[np.float64]]  # a kernel, as what it does


def fit(times: Times, gold: NDArray[np.bool_], seen: NDArray[np.bool_]) -> Fits:
    """Minimise COST * log loss + half the squared length of the weights, by accelerated descent.

    `seen` (rows, fits) says which rows each fit is made from.
    """

    def product(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(times(weights) + weights.sum(axis=0))  # the bias as one more feature

    sign = np.where(gold, 1.0, -1.0)[:, None]
    power = np.ones((len(gold), 1))
    for _ in range(12):
        power = product(power)
        power /= np.linalg.norm(power)
    steepest = COST * float((power * product(power)).sum()) / 4 + 1
    momentum = (steepest**0.5 - 1) / (steepest**0.5 + 1)
    weights = ahead = np.zeros(seen.shape)
    for _ in range(STEPS):
        slope = seen * -sign / (1 + np.exp(sign * product(ahead)))
        lower = ahead - (COST * slope + ahead) / steepest
        weights, ahead = lower, lower + momentum * (lower - weights)
    return Fits(weights, weights.sum(axis=0))
