"""Score and merge Elasticsearch's candidates as the embedded engine would. Pure."""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import orjson

from tools.search.base import Vector
from tools.search.elastic_index import unpack
from tools.search.fusion import weighted_sum
from tools.search.matrix import HUB_WEIGHT, hubness
from tools.search.passage import Hit, passage
from tools.search.texts import searched_text
from tools.search.types import Entry, Passage
from tools.text.segment import Segmenter, terms

ANCHORS = 1024  # entries whose questions stand for all questions
_HUBS_KEPT = 50_000  # entries; about 10 MB
_NOTHING = -1.0  # cosine of an entry without vectors, as in the matrix


@dataclass(slots=True)
class Candidate:
    """An entry that a leg returned."""

    key: str
    stamp: int
    body: str  # the whole entry as JSON
    vectors: Vector  # (wordings + 1, dims), the whole last; (0, dims) without any
    score: float  # the leg's own


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
        missing = [c for c in candidates if (c.key, c.stamp) not in self._known]
        if missing:
            found = hubness(np.concatenate([c.vectors for c in missing]), self._anchors)
            ends = np.cumsum([len(c.vectors) for c in missing])
            for candidate, hub in zip(missing, np.split(found, ends[:-1]), strict=True):
                self._known[candidate.key, candidate.stamp] = hub
        hubs = [self._known[c.key, c.stamp] for c in candidates]
        while len(self._known) > _HUBS_KEPT:
            self._known.popitem(last=False)
        return hubs


@dataclass(frozen=True, slots=True)
class Legs:
    """What the legs returned; None where a leg gave no answer."""

    words: Mapping[str, Any] | None
    near: Mapping[str, Any] | None
    far: Mapping[str, Any] | None


def anchors(hits: Iterable[Mapping[str, Any]], dims: int) -> Vector:
    """Return the question vectors of a sample of entries, shape (n, dims)."""
    found = [unpack(hit["fields"]["packed"], dims)[:-1] for hit in hits if "fields" in hit]
    return np.concatenate([np.zeros((0, dims), np.float32), *found])


def counts(words: Mapping[str, Any], tokens: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return how many entries the index has, and how many have each token."""
    live = words["aggregations"]["all"]["live"]
    buckets = live.get("with_token", {}).get("buckets", {})
    return live["doc_count"], {
        token: buckets[str(at)]["doc_count"] for at, token in enumerate(tokens)
    }


def rank(
    legs: Legs,
    tokens: Sequence[str],
    vector: Vector | None,
    hubs: Hubs | None,
    *,
    k: int,
    dense_weight: float,
    segmenter: Segmenter,
) -> list[Passage]:
    """Return at most `k` passages, best first, with the embedded engine's scores.

    `vector` is None when the dense leg is off or failed.
    """
    dims = 1 if vector is None else len(vector)
    has_vectors = vector is not None
    candidates = {c.key: c for c in _candidates(legs.near, dims, has_vectors=has_vectors)}
    bm25 = dict[str, float]()
    for found in _candidates(legs.words, dims, has_vectors=has_vectors):
        bm25[found.key] = found.score
        candidates.setdefault(found.key, found)
    weights = _weights(legs.words, tokens) if legs.words else {}
    pool = list(candidates.values())
    if not pool:
        return []
    words = np.array([bm25.get(c.key, 0.0) for c in pool], np.float32)
    if vector is None:
        dense = cosine = np.zeros(len(pool), np.float32)
        fused = words / (words.max() or 1.0)
    else:
        lowest = list(_candidates(legs.far, dims, has_vectors=True))
        dense, cosine = _dense([*pool, *lowest], vector, hubs)
        padded = np.concatenate([words, np.zeros(len(lowest), np.float32)])
        fused = weighted_sum(dense, padded, dense_weight=dense_weight)[: len(pool)]
    order = np.argsort(-fused, kind="stable")[:k]
    passages = []
    for at in order:
        entry: Entry = orjson.loads(pool[at].body)
        hit = Hit(0, float(fused[at]), float(cosine[at]), float(dense[at]))
        passages.append(passage(entry, tokens, hit, _cover(entry, weights, segmenter)))
    return passages


def _weights(words: Mapping[str, Any], tokens: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequency of each token; unseen ones weigh most."""
    total, frequency = counts(words, tokens)
    return {t: math.log(1 + (total + 1) / (0.5 + frequency[t])) for t in tokens}


def _dense(
    candidates: Sequence[Candidate], vector: Vector, hubs: Hubs | None
) -> tuple[Vector, Vector]:
    """Return score and best cosine of every candidate; see VectorMatrix."""
    score = np.zeros(len(candidates), np.float32)
    best = np.full(len(candidates), _NOTHING, np.float32)
    having = [at for at, candidate in enumerate(candidates) if len(candidate.vectors)]
    if not having:
        return score, best
    found = [candidates[at] for at in having]
    cosines = np.concatenate([c.vectors for c in found]) @ vector
    hub = np.concatenate(hubs.of(found)) if hubs else np.zeros_like(cosines)
    adjusted = cosines - HUB_WEIGHT * hub
    starts = np.cumsum([0, *(len(c.vectors) for c in found)])
    for at, start, end in zip(having, starts[:-1], starts[1:], strict=True):
        score[at] = (adjusted[start : end - 1].max() + adjusted[end - 1]) / 2
        best[at] = cosines[start:end].max()
    # An entry written without an embedder has no vector: not the nearest, not beyond all.
    score[best == _NOTHING] = score[having].min()
    return score, best


def _candidates(
    response: Mapping[str, Any] | None, dims: int, *, has_vectors: bool
) -> Iterable[Candidate]:
    for hit in response["hits"]["hits"] if response else ():
        fields = hit.get("fields", {})
        yield Candidate(
            key=hit["_id"],
            stamp=fields["stamp"][0],
            body=hit.get("_source", {}).get("body", "{}"),
            vectors=unpack(fields.get("packed", []) if has_vectors else [], dims),
            score=hit["_score"] or 0.0,
        )


def _cover(entry: Entry, weights: Mapping[str, float], segmenter: Segmenter) -> float:
    """Return the share of the question's terms that the entry has, by their weight."""
    has = _terms_of(searched_text(entry), segmenter)
    share = sum(weight for token, weight in weights.items() if token in has)
    return share / (sum(weights.values()) or 1.0)


@lru_cache(maxsize=2048)
def _terms_of(text: str, segmenter: Segmenter) -> frozenset[str]:
    """Return the terms of an answer; the popular ones are cut once."""
    return frozenset(terms(text, segmenter))
