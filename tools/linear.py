"""Multinomial logistic regression in plain numpy, calibrated by temperature.

Fitted in the span of the rows, so the cost grows with the number of examples squared and hardly
with the number of features: meant for some thousand examples, a few seconds.
"""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

STEPS = 500
FOLDS = 5


class Fitted(NamedTuple):
    """A calibrated model and what it scored on rows it was not fitted on."""

    weights: Rows  # (features, labels), temperature included
    bias: Rows  # (labels,)
    accuracy: float  # out of fold
    log_loss: float  # out of fold, after calibration


def fit_calibrated(rows: Rows, gold: NDArray[np.intp], *, l2: float) -> Fitted:
    """Fit on all rows, with the temperature that suits predictions on rows not fitted on."""
    part_of = np.random.default_rng(0).permutation(len(gold)) % FOLDS
    logits = np.zeros((len(gold), gold.max() + 1), np.float32)
    for part in range(FOLDS):
        held_out = part_of == part
        weights, bias = _fit(rows[~held_out], gold[~held_out], logits.shape[1], l2)
        logits[held_out] = rows[held_out] @ weights + bias
    scales = np.geomspace(0.1, 10, 100).astype(np.float32)
    losses = [_log_loss(logits * scale, gold) for scale in scales]
    scale = scales[int(np.argmin(losses))]
    weights, bias = _fit(rows, gold, logits.shape[1], l2)
    accuracy = float((logits.argmax(axis=1) == gold).mean())
    return Fitted(weights * scale, bias * scale, accuracy, min(losses))


def _fit(rows: Rows, gold: NDArray[np.intp], labels: int, l2: float) -> tuple[Rows, Rows]:
    """Minimise mean cross-entropy + L2 by accelerated gradient steps."""
    kernel: Rows = rows @ rows.T + np.float32(1)  # the 1 is the bias
    target: Rows = np.eye(labels, dtype=np.float32)[gold]
    top: Rows = np.ones(len(gold), np.float32)
    for _ in range(20):
        top = kernel @ top
        top /= np.float32(np.linalg.norm(top))
    step = np.float32(1 / (0.5 * float(top @ kernel @ top) / len(gold) + l2))
    now = ahead = np.zeros_like(target)
    for t in range(STEPS):
        slope = (softmax(kernel @ ahead) - target) / np.float32(len(gold)) + np.float32(l2) * ahead
        slope *= step
        before, now = now, ahead - slope
        ahead = now + (now - before) * np.float32(t / (t + 3))
    return rows.T @ now, now.sum(axis=0)


def _log_loss(logits: Rows, gold: NDArray[np.intp]) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(gold)), gold] + 1e-12).mean())


def softmax(logits: Rows) -> Rows:
    """Return the probabilities of each row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return cast(Rows, raised / raised.sum(axis=1, keepdims=True))
