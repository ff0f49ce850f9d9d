"""Whether a question asks for more than an entry's wording says, told by reading both together.

Read after the question, the wording changes the states of the question's tokens: one way where it
says the same, another where something is left that it does not say. That way is one direction,
learnt from pairs of questions that differ by one thing: `python -m eval.beyond`.
"""

from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("beyond.npz")


class Beyond(NamedTuple):
    """The direction, and where it starts."""

    direction: NDArray[np.float32]  # (width,)
    start: float  # of the average pair

    def __call__(self, change: NDArray[np.float32]) -> float:
        """Return how far the question goes beyond the wording, from how its tokens changed."""
        return float(change @ self.direction) - self.start

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """Read the file that `python -m eval.beyond` writes."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["direction"].astype(np.float32), float(file["start"]))

    def save(self, path: Path = FILE) -> None:
        """Write the file."""
        np.savez(path, direction=self.direction.astype(np.float16), start=np.float32(self.start))
