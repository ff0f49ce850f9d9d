"""What a search reads of the index file, kept in memory at one version of it."""

import logging
import sqlite3
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from tools.embed import Embedder
from tools.search.codes import codes_of
from tools.search.matrix import VectorMatrix
from tools.search.names import Names
from tools.search.postings import Postings
from tools.search.reader import IndexReader
from tools.search.types import Filters, Leg, LegState
from tools.search.weights import Weights
from tools.text.segment import Segmenter

logger = logging.getLogger(__name__)

MASKS = 256  # remembered, one per combination of tenant, region, day …


class Loaded:
    """Words, vectors and names of all entries; `follow` brings them up to date.

    Everything runs inside the reader's snapshot, so one thread at a time.
    """

    def __init__(self, reader: IndexReader, embedder: Embedder | None, weights: Weights) -> None:
        self._reader = reader
        self._embedder = embedder
        self.matrix = VectorMatrix(embedder.dims if embedder else 1, hub_weight=weights.hubness)
        self.postings = Postings()
        self.names = Names()
        self.segmenter: Segmenter = "bigrams"
        self.size = 1  # highest entry number + 1
        self.is_document = np.zeros(1, bool)  # by entry number: a passage, no FAQ entry
        self._legs: dict[Leg, LegState] = {"words": "ok", "dense": "off"}
        self._seen = -1  # index version that everything here was taken from
        self._loaded = 0  # index version that the matrix holds
        self._read = 0  # index version that the postings hold
        self._named = 0  # index version that the names are of
        self._masks: dict[Filters, tuple[int, NDArray[np.bool_]]] = {}  # with their versions

    def settle(self) -> None:
        """Do now what the first search would have to wait for."""
        self.matrix.settle()
        self.postings.settle()

    def follow(self) -> dict[Leg, LegState]:
        """Take over what this or another process wrote since the last look, and say what works."""
        version = self._reader.version()
        if version != self._seen or self._legs["words"] == "failed":
            self._reader.forget()
            # Not less than before: arrays here still hold the numbers of removed entries.
            self.size = max(self.size, self._reader.highest() + 1)
            self.segmenter = self._reader.segmenter()
            self._follow_documents()
            self._follow_names(version)
            self._legs = {"words": self._follow_words(), "dense": self._follow_vectors(version)}
            self._seen = version
        return dict(self._legs)

    def _follow_documents(self) -> None:
        more = np.zeros(self.size - len(self.is_document), bool)
        self.is_document = np.concatenate([self.is_document, more])
        self.is_document[self._reader.documents_since(self._seen)] = True

    def _follow_names(self, version: int) -> None:
        for num in self._reader.removed_since(self._named):
            self.names.drop(num)
        for given in self._reader.names_since(self._named):
            self.names.put(*given)
        self._named = version

    def _follow_vectors(self, version: int) -> LegState:
        if self._embedder is None:
            return "off"
        if self._reader.meta("embedder") != self._embedder.name:
            logger.error("index rebuilt by another embedder; restart with it")
            return "failed"
        self.matrix.drop(self._reader.removed_since(self._loaded))
        for block in self._reader.vectors_since(self._loaded, self.matrix.dims):
            self.matrix.extend(block.nums, block.vectors, block.kinds)
            self._loaded = block.seq
        self._loaded = version
        return "ok"

    def _follow_words(self) -> LegState:
        try:
            for num in self._reader.removed_since(self._read):
                self.postings.drop(num)
            for seq, block in self._reader.words_since(self._read):
                self.postings.extend(block)
                self._read = seq
        except sqlite3.Error as exc:
            logger.warning("words can't be read", extra={"reason": str(exc)})
            return "failed"
        self._read = self._reader.version()
        return "ok"

    def held(self, terms: Collection[str]) -> dict[str, int]:
        """Return how many entries, of any tenant, hold each term."""
        if not terms:
            return {}
        return dict(zip(terms, self.postings.counts(codes_of(list(terms))), strict=True))

    def mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Return which entries a customer may see, shape (size,)."""
        version, mask = self._masks.get(filters, (0, np.zeros(0, bool)))
        if version != self._seen:
            if len(self._masks) >= MASKS:
                self._masks.clear()
            mask = np.concatenate([mask, np.zeros(self.size - len(mask), bool)])
            mask[[num for num in self._reader.removed_since(version) if num < len(mask)]] = False
            mask[self._reader.visible(filters, version)] = True
            self._masks[filters] = self._seen, mask
        return mask
