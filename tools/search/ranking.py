"""What one search does with the index: follow the file, ask both legs, rank, build passages."""

import logging
import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.embed import Embedder
from tools.errors import SearchUnavailable
from tools.reading import Reading, agreements
from tools.search.asked import QUESTION_CHARS, Asked, asked
from tools.search.base import Vector
from tools.search.codes import codes_of
from tools.search.covers import cover, rarity
from tools.search.fusion import dense_weights, weighted_sum
from tools.search.homophones import corrected, load_sounds
from tools.search.loaded import Loaded
from tools.search.matrix import CANDIDATES
from tools.search.names import name_terms, said
from tools.search.passage import Hit, passage
from tools.search.reader import IndexReader
from tools.search.reread import reread
from tools.search.synonyms import Synonyms
from tools.search.types import Filters, Leg, LegState, Passage, SearchResult
from tools.search.typos import instead, neighbours
from tools.search.weights import Weights

logger = logging.getLogger(__name__)

WORD_HITS = 200  # candidates taken from the word leg


class Said(NamedTuple):
    """A question as the knowledge would say it."""

    spelt: str  # well; its words are looked for
    said: str  # and by the names that the knowledge uses; its meaning is


class Ranking:
    """Searches what is loaded of the index, one thread at a time: in the reader's snapshot."""

    def __init__(
        self,
        reader: IndexReader,
        embedder: Embedder | None,
        dense_weight: float,
        synonyms: Synonyms,
        weights: Weights,
    ) -> None:
        self._reader = reader
        self._synonyms = synonyms
        tokens = embedder.reader if embedder else None
        self._reads = tokens.name if tokens else ""
        own = tokens.weight if tokens else 0.0
        self._read_weight = own if weights.reading is None else weights.reading
        self._dense_weight = dense_weight
        self._weights = weights
        self._loaded = Loaded(reader, embedder, weights)

    @property
    def vectors(self) -> int:
        """How many vectors are held."""
        return len(self._loaded.matrix)

    def warm_up(self) -> None:
        """Do now what the first search would have to wait for."""
        load_sounds()
        with self._reader.snapshot():
            self._loaded.follow()
            self._loaded.settle()

    def follow(self) -> dict[Leg, LegState]:
        """Take over what was written since the last look; inside a snapshot."""
        return self._loaded.follow()

    def search(
        self,
        question: str,
        vector: Vector | None,
        k: int,
        filters: Filters,
        dense_weight: float | None = None,
        reading: Reading | None = None,
        *,
        is_said: bool = False,
    ) -> SearchResult | Said:
        """Return at most `k` passages, best first; see SearchBackend.

        With the question's `reading`, the best are put in order by their tokens as well, unless
        one leg alone is asked for.

        Returns:
            How the knowledge would say the question, if that is another way and not done yet
            (`is_said`): its vector and reading are to be those of that.

        Raises:
            SearchUnavailable: if the file can't be read, or only the words and there's no vector.
        """
        with self._reader.snapshot():
            legs = self._loaded.follow()
            if not is_said and (better := self._said(question, filters.tenant)).said != question:
                return better
            if vector is None:
                legs["dense"] = "off"
            elif legs["dense"] != "ok":
                vector = None
            wanted = asked(question, self._loaded.segmenter, self._synonyms)
            hits: dict[int, float] = {}
            try:
                if legs["words"] == "ok":
                    self._reader.terms([0])  # the table may be gone since
                    hits = self._word_hits(wanted, filters)
            except sqlite3.Error as exc:
                logger.warning("word search failed", extra={"reason": str(exc)})
                legs["words"] = "failed"
            if legs["words"] == "failed":
                if vector is None:
                    raise SearchUnavailable(f"{self._reader.path}: no words")
                wanted = Asked([], {}, {})
            weight = self._dense_weight if dense_weight is None else dense_weight
            if vector is None:
                found = self._by_words(hits, k)
            elif reading is None or not 0 < weight < 1:
                found = self._fused(hits, vector, k, filters, weight)
            else:
                near = self._fused(hits, vector, max(k, self._weights.read), filters, weight)
                kept = self._reader.readings([hit.num for hit in near])
                blobs = [kept.get(hit.num) for hit in near]
                read = agreements(reading, blobs, name=self._reads)
                found = reread(near, read, weight=self._read_weight)[:k]
            return SearchResult(self._passages(wanted.tokens, found), legs)

    def _said(self, question: str, tenant: str) -> Said:
        head, tail = question[:QUESTION_CHARS], question[QUESTION_CHARS:]
        spelt = corrected(head, self._loaded.held, together=self._weights.sounds) + tail
        others = self._loaded.names.others(spelt[:QUESTION_CHARS], tenant)
        usual = said(spelt, others, self._loaded.held(name_terms(others)))
        return Said(spelt, self._synonyms.things.said(usual, self._loaded.held))

    def _word_hits(self, wanted: Asked, filters: Filters) -> dict[int, float]:
        """Return BM25 (higher is better) of the best entries by entry number, best first."""
        near = neighbours(wanted.doubtful, self._loaded.held(wanted.doubtful))
        held = self._loaded.held([*chain(*near.values())])
        wanted = wanted.besides(instead(near, held, weight=self._weights.typos))
        own, others = codes_of(wanted.tokens), codes_of(list(wanted.others))
        scores = self._loaded.postings.scores(
            own, self._loaded.size, dict(zip(others.tolist(), wanted.others.values(), strict=True))
        )
        scores[~self._loaded.mask(filters)] = 0
        holding = np.flatnonzero(scores)
        best = holding[_best(scores[holding], WORD_HITS)]
        return dict(zip(best.tolist(), scores[best].tolist(), strict=True))

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
        allowed = np.flatnonzero(self._loaded.mask(filters))
        if not len(allowed) or k < 1:
            return []
        words = np.zeros(self._loaded.size, np.float32)
        words[list(hits)] = list(hits.values())
        farthest = np.inf
        if (rough := self._loaded.matrix.sketched(vector, self._loaded.size)) is None:
            dense, cosine = self._loaded.matrix.scores(vector, self._loaded.size)
            near, cosine = dense[allowed], cosine[allowed]
        else:
            near = rough[allowed]
            farthest = near.min(where=near > -1.5, initial=np.inf)
            allowed = np.union1d(allowed[_best(near, CANDIDATES)], np.array([*hits], np.int64))
            near, cosine = self._loaded.matrix.scores_of(allowed, vector)
        has_vectors = cosine > -1
        # Entries written without an embedder are as far as the farthest, not beyond all others.
        farthest = near.min(where=has_vectors, initial=farthest)
        near[~has_vectors] = farthest = farthest if np.isfinite(farthest) else 0
        documents = self._loaded.is_document[allowed]
        weights = dense_weights(weight, documents, documents=self._weights.documents)
        fused = weighted_sum(
            np.append(near, np.float32(farthest)),
            np.append(words[allowed], 0 if rough is not None else words[allowed].min()),
            dense_weight=np.append(weights, np.float32(weight)),
        )[:-1]
        return [
            Hit(int(allowed[i]), float(fused[i]), float(cosine[i]), float(near[i]))
            for i in _best(fused, k)
        ]

    def _passages(self, tokens: Sequence[str], found: Sequence[Hit]) -> list[Passage]:
        nums = [hit.num for hit in found]
        entries = self._reader.bodies(nums)
        covers = self._covers(nums, tokens) if tokens else {}
        return [passage(entries[h.num], tokens, h, covers.get(h.num, 0.0)) for h in found]

    def _covers(self, nums: Sequence[int], tokens: Sequence[str]) -> dict[int, float]:
        """Return by entry number which share of the question, by rarity, it holds, 0..1."""
        asked, postings = codes_of(tokens), self._loaded.postings
        weights = rarity(postings.counts(asked), postings.held)
        held = self._reader.terms(nums)
        return {num: cover(terms, asked, weights) for num, terms in held.items()}


def _best(scores: Vector, k: int) -> NDArray[np.int64]:
    """Return the indexes of the `k` highest, highest first; of equals, the first."""
    if k < len(scores):
        near = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
    else:
        near = np.arange(len(scores))
    return near[np.argsort(-scores[near], kind="stable")][:k]
