"""Multinomial logistic regression on sparse grams joined with a dense vector, in plain numpy.

Fitted by AdaGrad in small batches: the cost grows with the number of examples, not its square,
so that 15,000 examples of 150 labels take about a minute. What keeps it from learning by heart is
that it stops early: L2 did not help in 5-fold checks. Calibrated by temperature.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Gold = NDArray[np.intp]

EPOCHS = 12
BATCH = 64
RATE = 0.3  # of AdaGrad, falling to 0; by log loss on held-out examples, as all of these
RATE_PLAIN = 1.0  # without embedding
FOLDS = 5


class Examples(NamedTuple):
    """What is fitted on: one row of grams, their weights, and one vector an example."""

    grams: Sequence[NDArray[np.intp]]  # distinct columns, 0..buckets-1
    weights: Sequence[Rows]  # as long as the grams of the row
    dense: Rows  # (n, dims); (n, 0) without embedding
    buckets: int

    def part(self, rows: Gold) -> "Examples":
        """Return some of the examples."""
        grams, weights = [self.grams[i] for i in rows], [self.weights[i] for i in rows]
        return Examples(grams, weights, self.dense[rows], self.buckets)


class Head(NamedTuple):
    """Weights of one linear model; `dense` is (0, labels) for the head without embedding."""

    grams: Rows  # (buckets, labels)
    dense: Rows  # (dims, labels)
    bias: Rows  # (labels,)

    def logits(self, examples: Examples) -> Rows:
        """Return the scores of every label, (n, labels)."""
        found = examples.dense @ self.dense + self.bias
        for row, (columns, weights) in enumerate(
            zip(examples.grams, examples.weights, strict=True)
        ):
            found[row] += weights @ self.grams[columns]
        return cast(Rows, found)

    def scaled(self, scale: np.float32) -> "Head":
        """Return the same model with other confidence."""
        return Head(self.grams * scale, self.dense * scale, self.bias * scale)


class Fitted(NamedTuple):
    """A calibrated model and what it says of rows it was not fitted on."""

    head: Head  # temperature included
    held_out: Rows  # (n, labels): probabilities out of fold


def fit_calibrated(examples: Examples, gold: Gold, *, labels: int) -> Fitted:
    """Fit on all rows, with the temperature that suits predictions on rows not fitted on."""
    part_of = np.random.default_rng(0).permutation(len(gold)) % FOLDS
    logits = np.zeros((len(gold), labels), np.float32)
    for part in range(FOLDS):
        fitted, held_out = np.flatnonzero(part_of != part), np.flatnonzero(part_of == part)
        head = fit(examples.part(fitted), gold[fitted], labels=labels)
        logits[held_out] = head.logits(examples.part(held_out))
    scale = temperature(logits, gold)
    head = fit(examples, gold, labels=labels).scaled(scale)
    return Fitted(head, softmax(logits * scale))


def fit(examples: Examples, gold: Gold, *, labels: int) -> Head:
    """Lower the mean cross-entropy; each batch moves only the columns that it touches."""
    head = Head(
        np.zeros((examples.buckets, labels), np.float32),
        np.zeros((examples.dense.shape[1], labels), np.float32),
        np.zeros(labels, np.float32),
    )
    seen = Head(*(np.full_like(part, 1e-6) for part in head))  # squared slopes so far
    rng = np.random.default_rng(0)
    start = RATE if examples.dense.shape[1] else RATE_PLAIN
    for epoch in range(EPOCHS):
        rate = np.float32(start * (1 - epoch / EPOCHS))
        for rows in np.array_split(rng.permutation(len(gold)), -(-len(gold) // BATCH)):
            columns, words = _block(examples, rows)
            dense = examples.dense[rows]
            chances = softmax(words @ head.grams[columns] + dense @ head.dense + head.bias)
            chances[np.arange(len(rows)), gold[rows]] -= 1
            chances /= np.float32(len(rows))
            slope = words.T @ chances
            seen.grams[columns] += slope**2
            head.grams[columns] -= rate * slope / np.sqrt(seen.grams[columns])
            for part, total, step in (
                (head.dense, seen.dense, dense.T @ chances),
                (head.bias, seen.bias, chances.sum(axis=0)),
            ):
                total += step**2
                part -= rate * step / np.sqrt(total)
    return head


def _block(examples: Examples, rows: Gold) -> tuple[Gold, Rows]:
    """Return the columns that some rows touch, and the rows in these columns only."""
    grams = [examples.grams[i] for i in rows]
    columns, places = np.unique(np.concatenate(grams), return_inverse=True)
    block = np.zeros((len(rows), len(columns)), np.float32)
    lengths = [len(row) for row in grams]
    owner = np.repeat(np.arange(len(rows)), lengths)
    block[owner, places] = np.concatenate([examples.weights[i] for i in rows])
    return columns, block


def temperature(logits: Rows, gold: Gold) -> np.float32:
    """Return the factor that makes the probabilities of these logits fit best."""
    scales = np.geomspace(0.1, 10, 100).astype(np.float32)
    losses = [log_loss(softmax(logits * scale), gold) for scale in scales]
    return np.float32(scales[int(np.argmin(losses))])


def log_loss(chances: Rows, gold: Gold) -> float:
    """Return the mean negative log of what the right labels got."""
    return float(-np.log(chances[np.arange(len(gold)), gold] + 1e-12).mean())


def softmax(logits: Rows) -> Rows:
    """Return the probabilities of each row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return cast(Rows, raised / raised.sum(axis=1, keepdims=True))
