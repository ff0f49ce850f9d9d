"""Score and merge Elasticsearch's candidates as the embedded engine would. Pure."""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import orjson

from tools.search.base import Vector
from tools.search.elastic_index import Halves, unpack
from tools.search.fusion import weighted_sum
from tools.search.matrix import HUB_WEIGHT, hubness
from tools.search.passage import Hit, passage
from tools.search.texts import searched_text
from tools.search.types import Entry, Passage
from tools.text.segment import Segmenter, terms

ANCHORS = 2048  # entries whose questions stand for all questions
_HUBS_KEPT = 50_000  # entries; about 10 MB
_NOTHING = -1.0  # cosine of an entry without vectors, as in the matrix


class Candidate(NamedTuple):
    """An entry that a leg returned."""

    id: str
    stamp: int  # its version; with the id unlike any other's
    vectors: Vector | Halves  # (wordings + 1, dims), the whole last; (0, dims) without any


class Hubs:
    """How near an entry's vectors are to other entries' questions, by a sample of these.

    Computed when an entry is first a candidate and kept until it changes.
    """

    def __init__(self, anchors: Vector, entries: int) -> None:
        self._anchors = anchors
        self._entries = entries  # in the index when the sample was drawn
        self._known: OrderedDict[tuple[str, int], Vector] = OrderedDict()

    def fits(self, entries: int) -> bool:
        """Say whether the index is still about as large as when the sample was drawn."""
        return 0.8 * self._entries <= entries <= 1.2 * self._entries

    def of(self, candidates: Sequence[Candidate]) -> list[Vector]:
        """Return the hubness of every vector of every candidate."""
        missing = [c for c in candidates if (c.id, c.stamp) not in self._known]
        if missing:
            found = hubness(_rows(missing), self._anchors)
            ends = np.cumsum([len(c.vectors) for c in missing])
            for candidate, hub in zip(missing, np.split(found, ends[:-1]), strict=True):
                self._known[candidate.id, candidate.stamp] = hub
        hubs = [self._known[c.id, c.stamp] for c in candidates]
        while len(self._known) > _HUBS_KEPT:
            self._known.popitem(last=False)
        return hubs


class Legs(NamedTuple):
    """What the legs returned; None where one gave no answer."""

    words: Mapping[str, Any] | None  # the best hits with vectors, and counts
    more_words: Mapping[str, Any] | None  # scores of the next hits
    near: Mapping[str, Any] | None
    far: Mapping[str, Any] | None


def anchors(hits: Iterable[Mapping[str, Any]], dims: int) -> Vector:
    """Return the question vectors of a sample of entries, shape (n, dims)."""
    found = [unpack(hit["fields"]["packed"][0], dims)[:-1] for hit in hits if "fields" in hit]
    return np.concatenate([np.zeros((0, dims), np.float32), *found], dtype=np.float32)


def counts(words: Mapping[str, Any], tokens: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return how many entries the index has, and how many have each token."""
    live = words["aggregations"]["all"]["live"]
    buckets = live.get("with_token", {}).get("buckets", {})
    return live["doc_count"], {
        token: buckets[str(at)]["doc_count"] for at, token in enumerate(tokens)
    }


def rank(
    legs: Legs, vector: Vector | None, hubs: Hubs | None, *, k: int, dense_weight: float
) -> list[tuple[Candidate, Hit]]:
    """Return at most `k` entries with the embedded engine's scores, best first.

    `vector` is None when the dense leg is off or failed.
    """
    dims = 0 if vector is None else len(vector)
    bm25 = {
        hit["fields"]["id"][0]: float(hit["_score"])
        for response in (legs.words, legs.more_words)
        for hit in _hits(response)
    }
    found = [*_candidates(legs.near, dims), *_candidates(legs.words, dims)]
    # In an order of our own: of equal hits the server may return any first.
    pool = sorted({candidate.id: candidate for candidate in found}.values(), key=attrgetter("id"))
    if not pool:
        return []
    words = np.array([bm25.get(c.id, 0.0) for c in pool], np.float32)
    if vector is None:
        dense = cosine = np.zeros(len(pool), np.float32)
        fused = words / (words.max() or 1.0)
    else:
        lowest = list(_candidates(legs.far, dims))
        dense, cosine = dense_scores([*pool, *lowest], vector, hubs)
        scores = np.array([bm25.get(c.id, 0.0) for c in (*pool, *lowest)], np.float32)
        fused = weighted_sum(dense, scores, dense_weight=dense_weight)[: len(pool)]
    return [
        (pool[at], Hit(0, float(fused[at]), float(cosine[at]), float(dense[at])))
        for at in np.argsort(-fused, kind="stable")[: max(0, k)]
    ]


def passages(
    ranked: Sequence[tuple[Candidate, Hit]],
    bodies: Mapping[str, str],
    words: Mapping[str, Any] | None,
    tokens: Sequence[str],
    segmenter: Segmenter,
) -> list[Passage]:
    """Return the passages of a ranking; entries that are gone since are left out."""
    weights = _weights(words, tokens) if words else {}
    found = []
    for candidate, hit in ranked:
        if candidate.id in bodies:
            entry: Entry = orjson.loads(bodies[candidate.id])
            found.append(passage(entry, tokens, hit, cover(entry, weights, segmenter)))
    return found


def _weights(words: Mapping[str, Any], tokens: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequency of each token; unseen ones weigh most."""
    total, frequency = counts(words, tokens)
    return {t: math.log(1 + (total + 1) / (0.5 + frequency[t])) for t in tokens}


def dense_scores(
    candidates: Sequence[Candidate], vector: Vector, hubs: Hubs | None
) -> tuple[Vector, Vector]:
    """Return score and best cosine of every candidate; see VectorMatrix."""
    score = np.zeros(len(candidates), np.float32)
    best = np.full(len(candidates), _NOTHING, np.float32)
    having = [at for at, candidate in enumerate(candidates) if len(candidate.vectors)]
    if not having:
        return score, best
    found = [candidates[at] for at in having]
    cosines = _rows(found) @ vector
    hub = np.concatenate(hubs.of(found)) if hubs else np.zeros_like(cosines)
    adjusted = cosines - HUB_WEIGHT * hub
    ends = np.cumsum([len(c.vectors) for c in found])
    starts, wholes = np.concatenate([[0], ends[:-1]]), ends - 1
    parts = np.maximum.reduceat(adjusted, np.stack([starts, wholes], axis=1).ravel())
    score[having] = (parts[::2] + parts[1::2]) / 2  # the best wording, and the whole
    best[having] = np.maximum.reduceat(cosines, starts)
    # An entry written without an embedder has no vector: not the nearest, not beyond all.
    score[best == _NOTHING] = score[having].min()
    return score, best


def _rows(candidates: Sequence[Candidate]) -> Vector:
    """Return the vectors of all candidates, one below the other, made float32 in one go."""
    return np.concatenate([c.vectors for c in candidates]).astype(np.float32, copy=False)


def _hits(response: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return list(response["hits"]["hits"]) if response else []


def _candidates(response: Mapping[str, Any] | None, dims: int) -> Iterable[Candidate]:
    """Yield the hits as candidates; `dims` 0 leaves their vectors where they are."""
    for hit in _hits(response):
        fields = hit["fields"]
        yield Candidate(
            id=fields["id"][0],
            stamp=fields["stamp"][0],
            vectors=unpack(fields["packed"][0] if dims and "packed" in fields else "", dims or 1),
        )


def cover(entry: Entry, weights: Mapping[str, float], segmenter: Segmenter) -> float:
    """Return the share of the question's terms that the entry has, by their weight."""
    has = _terms_of(searched_text(entry), segmenter)
    share = sum(weight for token, weight in weights.items() if token in has)
    return share / (sum(weights.values()) or 1.0)


@lru_cache(maxsize=2048)
def _terms_of(text: str, segmenter: Segmenter) -> frozenset[str]:
    """Return the terms of an answer; the popular ones are cut once."""
    return frozenset(terms(text, segmenter))
