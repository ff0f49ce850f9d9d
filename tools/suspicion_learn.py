"""How the model of attempts is learnt: logistic regression of words, a network of embeddings."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.suspicion_read import BUCKET_BITS, Reading

Floats = NDArray[np.float32]

COST = 20.0  # of an error beside the weights' size; from 6 to 60 hardly matters, families held out
STEPS = 300
UNITS = 96
EPOCHS = 15
BATCH = 256
RATE = 2e-3
DECAY = 4e-4  # of the weights' squares beside a row's log loss
SPREAD = 8.0  # the embedding's directions have steps of 1/20, too short for RATE
_ADAM = (0.9, 0.999, 1e-8)


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


class Layers(NamedTuple):
    """A network of one hidden layer for points, (rows, dims)."""

    inner: Floats  # (dims, UNITS)
    inner_bias: Floats  # (UNITS,)
    outer: Floats  # (UNITS,)
    bias: float


def fit_layers(points: Floats, gold: NDArray[np.bool_]) -> Layers:
    """Return the network that tells the rows of `gold` apart, by stochastic descent (Adam)."""
    rng = np.random.default_rng(0)
    dims = points.shape[1]
    wide, narrow = (6 / (dims + UNITS)) ** 0.5, (6 / (UNITS + 1)) ** 0.5  # Glorot's
    made = [
        rng.uniform(-wide, wide, (dims, UNITS)).astype(np.float32),
        np.zeros(UNITS, np.float32),
        rng.uniform(-narrow, narrow, UNITS).astype(np.float32),
        np.zeros(1, np.float32),
    ]
    means, squares = ([np.zeros_like(part) for part in made] for _ in range(2))
    keep, keep_square, least = _ADAM
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(points))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            step += 1
            slopes = _slopes(made, points[rows] * np.float32(SPREAD), gold[rows])
            rate = RATE * (1 - keep_square**step) ** 0.5 / (1 - keep**step)
            for part, slope, mean, square in zip(made, slopes, means, squares, strict=True):
                mean += (1 - keep) * (slope - mean)
                square += (1 - keep_square) * (slope**2 - square)
                part -= np.asarray(rate * mean / (np.sqrt(square) + least), np.float32)
    inner, inner_bias, outer, bias = made
    return Layers(inner * np.float32(SPREAD), inner_bias, outer, float(bias[0]))


def _slopes(made: Sequence[Floats], points: Floats, gold: NDArray[np.bool_]) -> list[Floats]:
    inner, inner_bias, outer, bias = made
    shown = np.maximum(points @ inner + inner_bias, 0)
    error = (1 / (1 + np.exp(-(shown @ outer + bias))) - gold) / np.float32(len(gold))
    error = error.astype(np.float32)
    back = np.outer(error, outer) * (shown > 0)
    return [
        points.T @ back + np.float32(DECAY) * inner,
        back.sum(axis=0),
        shown.T @ error + np.float32(DECAY) * outer,
        error.sum(keepdims=True),
    ]
