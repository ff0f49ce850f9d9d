"""How close a vector is to everything: what is near many questions is found too often.

Cross-domain similarity local scaling (Lample et al. 2018, arXiv:1710.04087). Why, and what it is
worth: docs/decisions/0001-hubness.md, `python -m eval tune --numbers hubness`.
"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Rows = NDArray[np.int64]

NEIGHBOURS = 10
ANCHORS = 1024  # questions that stand for all of many entries
ALL_ANCHORS = 4096  # and of few, where the choice of a sample would show


def hubness(vectors: Vector, anchors: Vector) -> Vector:
    """Return the hubness of each of `vectors`, shape (len(vectors),): 0 without other anchors.

    It is the mean cosine to the NEIGHBOURS nearest anchors after the very nearest, which is mostly
    the entry's own question. Both arrays have unit rows, shape (n, dims).
    """
    near = min(NEIGHBOURS, len(anchors) - 1)
    if near < 1:
        return np.zeros(len(vectors), np.float32)
    cosines = vectors @ anchors.T
    cosines.partition(len(anchors) - near - 1, axis=1)
    nearest = cosines[:, -near - 1 :]
    mean = (nearest.sum(axis=1) - nearest.max(axis=1)) / near
    return np.asarray(mean, np.float32)


def sampled(rows: Rows, most: int) -> Rows:
    """Return the rows; of more than `most`, so many evenly spread."""
    if len(rows) <= most:
        return rows
    return rows[np.arange(most) * len(rows) // most]
