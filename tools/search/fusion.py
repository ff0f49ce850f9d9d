"""Merge the two legs into one score."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def spread(scores: Scores) -> Scores:
    """Return `scores` moved to 0..1 by their smallest and largest value; all equal gives zeros."""
    low, high = float(scores.min()), float(scores.max())
    if high - low < 1e-9:
        return np.zeros_like(scores)
    return np.asarray((scores - low) / (high - low), dtype=np.float32)


def weighted_sum(dense: Scores, words: Scores, *, dense_weight: float) -> Scores:
    """Return the fused score of every candidate, 0..1.

    Both arrays have shape (candidates,). A weighted sum of min-max scores beat reciprocal rank
    fusion on every set measured (`python -m eval retrieval`), since it keeps how much better the
    first hit is than the second.
    """
    return np.asarray(dense_weight * spread(dense) + (1 - dense_weight) * spread(words), np.float32)
