"""One matrix of all vectors, updated in place; of many rows a sketch is read first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.search.hubness import ALL_ANCHORS, ANCHORS, hubness, sampled

Vector = NDArray[np.float32]
Rows = NDArray[np.int64]
Kinds = NDArray[np.int8]

QUESTION, WHOLE = 0, 1  # a wording of the question; question and answer together
HUB_WEIGHT = 0.5  # of its hubness, taken off a row's cosine
FAIR = 0.01  # hubness that new entries may gain by a new sample; 0.003 by chance, 0.02 if they are
# about another product
SMALL = 4096  # entries up to which the hubness follows closely: all anew is quick
EXACT_ROWS = 40_000  # compared one by one, 5 ms; of more rows first a sketch
SKETCH_DIMS = 64
CANDIDATES = 1000  # entries that are compared exactly after the sketch
STEPS = 32767  # of a number kept in 16 bits: half the memory, cosines right to 0.0001
_FREE = -1
_BLOCK = 4096  # rows worked on at a time


class VectorMatrix:
    """Rows of unit vectors, each owned by an entry (a positive integer).

    An entry's score is the best cosine among its question wordings plus the cosine of its
    question-and-answer vector, each less half its hubness: the mean cosine to its nearest
    questions of other entries (tools/search/hubness.py, docs/decisions/0001).
    """

    def __init__(self, dims: int, *, hub_weight: float = HUB_WEIGHT) -> None:
        self.dims = dims
        self._hub_weight = hub_weight
        self._vectors: NDArray[Any] = np.zeros((64, dims), np.float32)
        self._owner = np.zeros(64, np.int32)
        self._kind = np.full(64, _FREE, np.int8)
        self._hub = np.zeros(64, np.float32)
        self._used = 0  # rows that were ever owned
        self._free: list[int] = []  # of these, that are not any more
        self._fresh: list[Rows] = []  # without hubness yet
        self._entries = 0
        self._changed = False  # since it was settled
        self._anchors = np.zeros((0, dims), np.float32)  # a sample of all questions
        self._anchored = 0  # entries when it was taken
        self._turn = np.zeros((dims, 0), np.float32)  # to the sketch
        self._sketch = np.zeros((0, 0), np.float32)

    def __len__(self) -> int:
        return self._used - len(self._free)

    @property
    def capacity(self) -> int:
        """How many rows there is room for; grows by doubling."""
        return len(self._owner)

    @property
    def entries(self) -> int:
        """How many entries have vectors."""
        return self._entries

    def put(self, entry: int, vectors: Vector, kinds: Sequence[int]) -> None:
        """Replace the vectors of `entry`; `vectors` has shape (len(kinds), dims)."""
        self.drop([entry])
        self.extend(np.full(len(kinds), entry), vectors, np.array(kinds, np.int8))

    def extend(self, owners: Rows, vectors: Vector, kinds: Kinds) -> None:
        """Add vectors of entries that have none yet; an entry's rows lie side by side."""
        rows = self._places(len(owners))
        self._changed = True
        self._vectors[rows] = vectors if self._is_exact else _steps(vectors)
        self._owner[rows] = owners
        self._kind[rows] = kinds
        self._fresh.append(rows)
        self._entries += int(np.count_nonzero(np.diff(owners, prepend=0)))

    def drop(self, entries: Sequence[int]) -> None:
        """Forget the vectors of those of these entries that have some."""
        if not len(entries):
            return
        rows = self._rows_of(np.asarray(entries, np.int64))
        self._entries -= len(np.unique(self._owner[rows]))
        self._owner[rows] = 0
        self._kind[rows] = _FREE
        self._free += rows.tolist()
        self._changed = True

    def scores(self, vector: Vector, size: int) -> tuple[Vector, Vector]:
        """Return (score, best cosine) of every entry, indexed by entry number, shape (size,) each.

        Entries without vectors have -2 and -1, less than any that has some.
        """
        self.settle()
        if not self._is_exact:
            return self._best(self._cosines(np.arange(self._used), vector), slice(None), size)
        return self._best(self._vectors[: self._used] @ vector, slice(None), size)

    def sketched(self, vector: Vector, size: int) -> Vector | None:
        """Return a rough score of every entry, or None where exact ones cost little; see `scores`.

        The sketch is the share of a vector in the `SKETCH_DIMS` directions that matter most.
        """
        self.settle()
        if self._is_exact:
            return None
        rough = self._sketch[: self._used] @ (self._turn.T @ vector)
        return self._best(rough, slice(None), size)[0]

    def scores_of(self, entries: Rows, vector: Vector) -> tuple[Vector, Vector]:
        """Return exact (score, best cosine) of `entries`, in their order; see `scores`."""
        rows = self._rows_of(entries)
        size = int(max(entries.max(initial=0), self._owner.max())) + 1
        score, best = self._best(self._cosines(rows, vector), rows, size)
        return score[entries], best[entries]

    def _best(self, cosines: Vector, rows: Rows | slice, size: int) -> tuple[Vector, Vector]:
        """Return score and best cosine by entry from the cosines of `rows`."""
        used = slice(0, self._used)
        owners, kinds = self._owner[used][rows], self._kind[used][rows]
        adjusted = cosines - self._hub_weight * self._hub[used][rows]
        score = np.zeros(size, np.float32)
        best = np.full(size, -1, np.float32)
        for kind in (QUESTION, WHOLE):
            mine = np.flatnonzero(kinds == kind)
            of_kind = np.full(size, -2, np.float32)
            np.maximum.at(of_kind, owners[mine], adjusted[mine])
            np.maximum.at(best, owners[mine], cosines[mine])
            score += of_kind
        return np.asarray(score / 2, np.float32), best

    def _cosines(self, rows: Rows, vector: Vector) -> Vector:
        return np.asarray(self._read(rows) @ vector, np.float32)

    def _read(self, rows: Rows) -> Vector:
        found = self._vectors[rows]
        return found if self._is_exact else np.multiply(found, 1 / STEPS, dtype=np.float32)

    @property
    def _is_exact(self) -> bool:
        return self._vectors.dtype == np.float32

    def settle(self) -> None:
        """Bring up to date what is derived from the rows; else the next `scores` does."""
        if not self._changed:
            return
        fresh = np.concatenate([*self._fresh, np.zeros(0, np.int64)])
        self._fresh, self._changed = [], False
        if self._anchor():
            fresh = np.arange(self._used)
        if self._is_exact and len(self) > EXACT_ROWS:
            self._compress()
        fresh = fresh[self._kind[fresh] != _FREE]
        for start in range(0, len(fresh), _BLOCK):
            rows = fresh[start : start + _BLOCK]
            vectors = self._read(rows)
            self._hub[rows] = hubness(vectors, self._anchors)
            if not self._is_exact:
                self._sketch[rows] = vectors @ self._turn

    def _anchor(self) -> bool:
        """Sample the questions anew when the matrix has changed a lot since; say whether it did.

        Hubness and sketch of all rows are then to be made anew.
        """
        is_small = self.entries <= SMALL
        least, most, anchors_most = (0.8, 1.2, ALL_ANCHORS) if is_small else (0.25, 4, ANCHORS)
        is_near = least * self._anchored <= self.entries <= most * self._anchored
        if is_near and len(self._anchors) <= anchors_most:
            return False
        rows = np.flatnonzero(self._kind[: self._used] == QUESTION)
        anchors = self._read(sampled(rows, anchors_most))
        is_fair = not is_small and self._is_fair(anchors)
        self._anchored = self.entries
        if is_fair:
            return False
        self._anchors = anchors
        if not self._is_exact:
            self._aim()
        return True

    def _is_fair(self, anchors: Vector) -> bool:
        """Say whether entries written after the last sample fare no better than with `anchors`.

        Those about something new have few neighbours in an old sample, and would rank higher.
        """
        if len(self._anchors) != ANCHORS or self.entries < self._anchored:
            return False
        rows = np.flatnonzero(self._kind[: self._used] != _FREE)
        vectors = self._read(sampled(rows, ANCHORS))
        rise = hubness(vectors, anchors) - hubness(vectors, self._anchors)
        older = max(1, len(rise) * self._anchored // self.entries)
        return bool(abs(rise[older:].mean() - rise[:older].mean()) < FAIR)

    def _aim(self) -> None:
        """Turn the sketch to the directions that matter most among the anchors."""
        _, axes = np.linalg.eigh(self._anchors.T @ self._anchors)
        self._turn = np.ascontiguousarray(axes[:, -SKETCH_DIMS:])

    def _compress(self) -> None:
        """Keep 16 bits of each number from now on, and a sketch."""
        self._aim()
        small = np.zeros(self._vectors.shape, np.int16)
        self._sketch = np.zeros((self.capacity, min(SKETCH_DIMS, self.dims)), np.float32)
        for start in range(0, self._used, _BLOCK):
            rows = slice(start, min(start + _BLOCK, self._used))
            small[rows] = _steps(self._vectors[rows])
            self._sketch[rows] = self._vectors[rows] @ self._turn
        self._vectors = small

    def _rows_of(self, entries: Rows) -> Rows:
        """Return the rows of these entries, ascending."""
        owners = self._owner[: self._used]
        is_asked = np.zeros(int(max(entries.max(initial=0), owners.max(initial=0))) + 1, bool)
        is_asked[entries] = True
        is_asked[0] = False  # rows that are free
        return np.flatnonzero(is_asked[owners])

    def _places(self, count: int) -> Rows:
        """Take `count` free rows, of freed ones the first, and make room if there is not enough."""
        again = sorted(self._free)[:count]
        if again:
            self._free = sorted(self._free)[count:]
        first, self._used = self._used, self._used + count - len(again)
        while self._used > self.capacity:
            self._grow()
        return np.array([*again, *range(first, self._used)], np.int64)

    def _grow(self) -> None:
        size = self.capacity
        self._vectors = _doubled(self._vectors)
        self._owner = _doubled(self._owner)
        self._kind = np.concatenate([self._kind, np.full(size, _FREE, np.int8)])
        self._hub = _doubled(self._hub)
        if not self._is_exact:
            self._sketch = _doubled(self._sketch)


def _steps(vectors: Vector) -> NDArray[np.int16]:
    return np.rint(np.clip(vectors, -1, 1) * STEPS).astype(np.int16)


def _doubled(rows: NDArray[Any]) -> NDArray[Any]:
    longer = np.zeros((2 * len(rows), *rows.shape[1:]), rows.dtype)  # takes memory only where used
    longer[: len(rows)] = rows
    return longer
