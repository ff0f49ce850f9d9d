"""What one search does with the index: follow the file, ask both legs, rank, build passages."""

import logging
import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.embed import Embedder
from tools.errors import SearchUnavailable
from tools.search.base import Vector
from tools.search.fusion import weighted_sum
from tools.search.matrix import VectorMatrix
from tools.search.passage import Hit, passage
from tools.search.reader import IndexReader
from tools.search.types import Filters, Leg, LegState, Passage, SearchResult
from tools.text.segment import Segmenter, terms

logger = logging.getLogger(__name__)

WORD_HITS = 200  # candidates taken from the word leg
QUESTION_CHARS = 1000  # head of the question that the word leg reads
MASKS = 256  # remembered, one per combination of tenant, region, day …


class Ranking:
    """The vectors in memory and the words in the file, kept at one version of the index.

    Everything runs inside the reader's snapshot, so one thread at a time.
    """

    def __init__(self, reader: IndexReader, embedder: Embedder | None, dense_weight: float) -> None:
        self._reader = reader
        self._embedder = embedder
        self._dense_weight = dense_weight
        self._matrix = VectorMatrix(embedder.dims if embedder else 1)
        self._segmenter: Segmenter = "bigrams"
        self._legs: dict[Leg, LegState] = {"words": "ok", "dense": "off"}
        self._seen = -1  # index version that everything here was taken from
        self._loaded = 0  # index version that the matrix holds
        self._size = 1  # highest entry number + 1
        self._masks: dict[Filters, NDArray[np.bool_]] = {}

    @property
    def vectors(self) -> int:
        """How many vectors are held."""
        return len(self._matrix)

    def warm_up(self) -> None:
        """Do now what the first search would have to wait for."""
        with self._reader.snapshot():
            self.follow()
            self._matrix.settle()

    def follow(self) -> dict[Leg, LegState]:
        """Take over what this or another process wrote since the last look; inside a snapshot."""
        version = self._reader.version()
        if version != self._seen:
            self._masks.clear()
            self._reader.forget()
            self._size = self._reader.highest() + 1
            self._segmenter = self._reader.segmenter()
            self._legs = {"words": "ok", "dense": self._follow_vectors(version)}
            self._seen = version
        return dict(self._legs)

    def _follow_vectors(self, version: int) -> LegState:
        if self._embedder is None:
            return "off"
        if self._reader.meta("embedder") != self._embedder.name:
            logger.error("index rebuilt by another embedder; restart with it")
            return "failed"
        for num in self._reader.removed_since(self._loaded):
            self._matrix.drop(num)
        for num, vectors, kinds in self._reader.written_since(self._loaded, self._matrix.dims):
            self._matrix.put(num, vectors, kinds)
        self._loaded = version
        return "ok"

    def search(
        self,
        question: str,
        vector: Vector | None,
        k: int,
        filters: Filters,
        dense_weight: float | None = None,
    ) -> SearchResult:
        """Return at most `k` passages, best first; see SearchBackend.

        Raises:
            SearchUnavailable: if the file can't be read, or only the words and there's no vector.
        """
        with self._reader.snapshot():
            legs = self.follow()
            if vector is None:
                legs["dense"] = "off"
            elif legs["dense"] != "ok":
                vector = None
            tokens = list(dict.fromkeys(terms(question[:QUESTION_CHARS], self._segmenter)))
            try:
                hits = self._reader.by_words(tokens, filters, WORD_HITS)
            except sqlite3.Error as exc:
                if vector is None:
                    raise SearchUnavailable(f"{self._reader.path}: no words ({exc})") from exc
                logger.warning("word search failed", extra={"reason": str(exc)})
                legs["words"], hits, tokens = "failed", {}, []
            weight = self._dense_weight if dense_weight is None else dense_weight
            found = (
                self._by_words(hits, k)
                if vector is None
                else self._fused(hits, vector, k, filters, weight)
            )
            return SearchResult(self._passages(tokens, found), legs)

    def _by_words(self, hits: dict[int, float], k: int) -> list[Hit]:
        top = max(hits.values(), default=1.0) or 1.0
        return [Hit(num, score / top, 0.0, 0.0) for num, score in list(hits.items())[:k]]

    def _fused(
        self,
        hits: dict[int, float],
        vector: Vector,
        k: int,
        filters: Filters,
        weight: float,
    ) -> list[Hit]:
        allowed = np.flatnonzero(self._mask(filters))
        if not len(allowed) or k < 1:
            return []
        words = np.zeros(self._size, np.float32)
        words[list(hits)] = list(hits.values())
        dense, cosine = self._matrix.scores(vector, self._size)
        near, has_vectors = dense[allowed], cosine[allowed] > -1
        # Entries written without an embedder are as far as the farthest, not beyond all others.
        near[~has_vectors] = near[has_vectors].min() if has_vectors.any() else 0
        fused = weighted_sum(near, words[allowed], dense_weight=weight)
        return [
            Hit(int(allowed[i]), float(fused[i]), float(cosine[allowed[i]]), float(near[i]))
            for i in _best(fused, k)
        ]

    def _mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Return which entries a customer may see, shape (size,)."""
        if filters not in self._masks:
            if len(self._masks) >= MASKS:
                self._masks.clear()
            mask = np.zeros(self._size, bool)
            mask[self._reader.visible(filters)] = True
            self._masks[filters] = mask
        return self._masks[filters]

    def _passages(self, tokens: Sequence[str], found: Sequence[Hit]) -> list[Passage]:
        nums = [hit.num for hit in found]
        entries = self._reader.bodies(nums)
        covers = self._reader.covers(nums, tokens) if tokens else {}
        return [passage(entries[h.num], tokens, h, covers.get(h.num, 0.0)) for h in found]


def _best(scores: Vector, k: int) -> NDArray[np.int64]:
    """Return the indexes of the `k` highest, highest first; of equals, the first."""
    if k < len(scores):
        near = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
    else:
        near = np.arange(len(scores))
    return near[np.argsort(-scores[near], kind="stable")][:k]
