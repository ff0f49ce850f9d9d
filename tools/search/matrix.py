"""One exact float32 matrix of all vectors, updated in place."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Rows = NDArray[np.int64]

QUESTION, WHOLE = 0, 1  # a wording of the question; question and answer together
HUB_WEIGHT = 0.5
HUB_NEIGHBOURS = 10
HUB_ANCHORS = 1024
SMALL = 4096  # entries up to which the hubness follows closely: all anew is quick
EXACT_ROWS = 40_000  # compared one by one, 5 ms; of more rows first a sketch
SKETCH_DIMS = 64
CANDIDATES = 1000  # entries that are compared exactly after the sketch
_FREE = -1


class _Kind(NamedTuple):
    """The rows of one kind, by owner."""

    rows: Rows
    owners: Rows  # each once, ascending
    starts: Rows  # of each owner in `rows`


class VectorMatrix:
    """Rows of unit vectors, each owned by an entry (a positive integer).

    An entry's score is the best cosine among its question wordings plus the cosine of its
    question-and-answer vector, each less half its hubness: the mean cosine to its nearest
    questions of other entries (CSLS, Lample et al. 2018, arXiv:1710.04087). On
    kb_zh_cloud's queries_dev that raised MRR@10 from 0.80 to 0.84 (`python -m eval retrieval`).
    """

    def __init__(self, dims: int) -> None:
        self.dims = dims
        self._vectors = np.zeros((64, dims), np.float32)
        self._owner = np.full(64, _FREE, np.int64)
        self._kind = np.zeros(64, np.int8)
        self._hub = np.zeros(64, np.float32)
        self._rows: dict[int, list[int]] = {}
        self._free = list(range(63, -1, -1))
        self._used = 0  # rows up to the highest that is owned
        self._fresh: list[int] = []  # rows without hubness yet
        self._anchors = np.zeros((0, dims), np.float32)  # a sample of all questions
        self._anchored = 0  # entries when it was taken
        self._of_kind: list[_Kind] = []
        self._turn = np.zeros((dims, 0), np.float32)  # to the sketch
        self._sketch = np.zeros((0, 0), np.float32)

    def __len__(self) -> int:
        return len(self._owner) - len(self._free)

    @property
    def capacity(self) -> int:
        """How many rows there is room for; grows by doubling."""
        return len(self._owner)

    @property
    def entries(self) -> int:
        """How many entries have vectors."""
        return len(self._rows)

    def put(self, entry: int, vectors: Vector, kinds: Sequence[int]) -> None:
        """Replace the vectors of `entry`; `vectors` has shape (len(kinds), dims)."""
        self.drop(entry)
        while len(self._free) < len(kinds):
            self._grow()
        rows = [self._free.pop() for _ in kinds]
        self._vectors[rows] = vectors
        self._owner[rows] = entry
        self._kind[rows] = kinds
        self._rows[entry] = rows
        self._of_kind = []
        self._fresh += rows

    def drop(self, entry: int) -> None:
        """Forget the vectors of `entry`, if it has any."""
        rows = self._rows.pop(entry, [])
        self._vectors[rows] = 0
        self._owner[rows] = _FREE
        self._free.extend(rows)
        self._of_kind = []

    def scores(self, vector: Vector, size: int) -> tuple[Vector, Vector]:
        """Return (score, best cosine) of every entry, indexed by entry number, shape (size,) each.

        Entries without vectors have -2 and -1, less than any that has some.
        """
        self.settle()
        used = self._used
        return self._by_entry(self._vectors[:used] @ vector, size)

    def sketched(self, vector: Vector, size: int) -> Vector | None:
        """Return a rough score of every entry, or None where exact ones cost little; see `scores`.

        The sketch is the share of a vector in the `SKETCH_DIMS` directions that matter most.
        """
        self.settle()
        if len(self) <= EXACT_ROWS:
            return None
        rough = self._sketch[: self._used] @ (self._turn.T @ vector)
        return self._by_entry(rough, size)[0]

    def scores_of(self, entries: Rows, vector: Vector) -> tuple[Vector, Vector]:
        """Return exact (score, best cosine) of `entries`, in their order; see `scores`."""
        score = np.full(len(entries), -2, np.float32)
        best = np.full(len(entries), -1, np.float32)
        held = [(n, row) for n, e in enumerate(entries.tolist()) for row in self._rows.get(e, ())]
        if not held:
            return score, best
        places, rows = np.array(held).T
        cosines = self._vectors[rows] @ vector
        adjusted = cosines - HUB_WEIGHT * self._hub[rows]
        sums = np.zeros((2, len(entries)), np.float32)
        for kind in (QUESTION, WHOLE):
            of_kind = np.full(len(entries), -2, np.float32)
            mine = self._kind[rows] == kind
            np.maximum.at(of_kind, places[mine], adjusted[mine])
            sums[kind] = of_kind
        np.maximum.at(best, places, cosines)
        return np.asarray(sums.sum(axis=0) / 2, np.float32), best

    def _by_entry(self, cosines: Vector, size: int) -> tuple[Vector, Vector]:
        adjusted = cosines - HUB_WEIGHT * self._hub[: len(cosines)]
        score = np.zeros(size, np.float32)
        best = np.full(size, -1, np.float32)
        for kind in self._of_kind:
            of_kind = np.full(size, -2, np.float32)
            if len(kind.rows):
                of_kind[kind.owners] = np.maximum.reduceat(adjusted[kind.rows], kind.starts)
                nearest = np.maximum.reduceat(cosines[kind.rows], kind.starts)
                best[kind.owners] = np.maximum(best[kind.owners], nearest)
            score += of_kind
        return np.asarray(score / 2, np.float32), best

    def settle(self) -> None:
        """Bring up to date what is derived from the rows; else the next `scores` does."""
        if self._of_kind:
            return
        self._used = int(np.flatnonzero(self._owner != _FREE).max(initial=-1)) + 1
        for kind in (QUESTION, WHOLE):
            rows = self._rows_of(kind)
            rows = rows[np.argsort(self._owner[rows], kind="stable")]
            owners = self._owner[rows]
            starts = np.flatnonzero(np.diff(owners, prepend=-1))
            self._of_kind.append(_Kind(rows, owners[starts], starts))
        self._anchor()
        fresh = np.array([row for row in self._fresh if self._owner[row] != _FREE], np.int64)
        for start in range(0, len(fresh), 4096):
            rows = fresh[start : start + 4096]
            self._hub[rows] = hubness(self._vectors[rows], self._anchors)
        self._outline(fresh)
        self._fresh = []

    def _anchor(self) -> None:
        """Sample the questions anew, and all hubness, when the matrix has changed a lot since."""
        least, most = (0.8, 1.2) if self.entries <= SMALL else (0.25, 4)
        if not least * self._anchored <= self.entries <= most * self._anchored:
            anchors = self._rows_of(QUESTION)
            self._anchors = self._vectors[anchors[:: max(1, len(anchors) // HUB_ANCHORS)]]
            self._anchored = self.entries
            self._fresh = np.flatnonzero(self._owner != _FREE).tolist()
            self._turn = np.zeros((self.dims, 0), np.float32)

    def _outline(self, fresh: Rows) -> None:
        """Keep the sketch of every row, once there are many."""
        if len(self) <= EXACT_ROWS:
            return
        if not self._turn.size or len(self._sketch) != self.capacity:
            if not self._turn.size:
                _, axes = np.linalg.eigh(self._anchors.T @ self._anchors)
                self._turn = np.ascontiguousarray(axes[:, -SKETCH_DIMS:])
            self._sketch = np.zeros((self.capacity, self._turn.shape[1]), np.float32)
            fresh = np.flatnonzero(self._owner != _FREE)
        for start in range(0, len(fresh), 4096):
            rows = fresh[start : start + 4096]
            self._sketch[rows] = self._vectors[rows] @ self._turn

    def _rows_of(self, kind: int) -> Rows:
        return np.flatnonzero((self._owner != _FREE) & (self._kind == kind))

    def _grow(self) -> None:
        size = len(self._owner)
        vectors = np.zeros((2 * size, self.dims), np.float32)  # takes memory only as rows are used
        vectors[:size] = self._vectors
        self._vectors = vectors
        self._owner = np.concatenate([self._owner, np.full(size, _FREE, np.int64)])
        self._kind = np.concatenate([self._kind, np.zeros(size, np.int8)])
        self._hub = np.concatenate([self._hub, np.zeros(size, np.float32)])
        self._free[:0] = range(2 * size - 1, size - 1, -1)  # the lowest are used first


def hubness(vectors: Vector, anchors: Vector) -> Vector:
    """Return the mean cosine of `vectors` to their nearest anchor questions, less the nearest.

    The nearest is left out since it is mostly the entry's own question.
    """
    near = min(HUB_NEIGHBOURS, len(anchors) - 1)
    if near < 1:
        return np.zeros(len(vectors), np.float32)
    cosines = vectors @ anchors.T
    nearest = -np.partition(-cosines, near, axis=1)[:, : near + 1]
    mean = (nearest.sum(axis=1) - nearest.max(axis=1)) / near
    return np.asarray(mean, np.float32)
