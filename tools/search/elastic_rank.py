"""Score and merge Elasticsearch's candidates as the embedded engine would. Pure."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from tools.search.base import Vector
from tools.search.elastic_index import Halves, unpack
from tools.search.fusion import dense_weights, weighted_sum
from tools.search.hubness import hubness
from tools.search.matrix import HUB_WEIGHT
from tools.search.passage import Hit

ANCHORS = 1024  # entries whose questions stand for all questions
FEW = 2048  # entries that stand for themselves: a sample of them would depend on the draw
_HUBS_KEPT = 50_000  # entries; about 10 MB
_NOTHING = -1.0  # cosine of an entry without vectors, as in the matrix


class Found(NamedTuple):
    """An entry that a leg returned."""

    id: str
    stamp: int  # its version; with the id unlike any other's
    score: float


class Candidate(NamedTuple):
    """An entry to be scored."""

    id: str
    stamp: int
    vectors: Vector | Halves  # (wordings + 1, dims), the whole last; (0, dims) without any
    is_document: bool = False


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
            each = hubness(_rows(missing), self._anchors)
            ends = np.cumsum([len(c.vectors) for c in missing])
            for candidate, hub in zip(missing, np.split(each, ends[:-1]), strict=True):
                self._known[candidate.id, candidate.stamp] = hub
        hubs = [self._known[c.id, c.stamp] for c in candidates]
        while len(self._known) > _HUBS_KEPT:
            self._known.popitem(last=False)
        return hubs


class Legs(NamedTuple):
    """What the legs returned, each best first; nothing where one gave no answer."""

    words: Sequence[Found]
    near: Sequence[Found] = ()
    far: Sequence[Found] = ()

    def pool(self, size: int) -> list[Found]:
        """Return the best `size` of each leg, each entry once.

        In an order of our own: of equal hits the server may return any first.
        """
        best = {one.id: one for one in (*self.near[:size], *self.words[:size])}
        return sorted(best.values(), key=attrgetter("id"))


def found(response: Mapping[str, Any] | None) -> list[Found]:
    """Return the hits of one search, best first; none of one that failed."""
    if response is None or "error" in response:
        return []
    return [
        Found(hit["fields"]["id"][0], hit["fields"]["stamp"][0], hit["_score"])
        for hit in response["hits"]["hits"]
    ]


def index_of(*answers: Mapping[str, Any] | None) -> str:
    """Return the index that the hits lie in; the alias may be swapped between two requests."""
    whole = (answer for answer in answers if answer is not None and "error" not in answer)
    hits = (hit for answer in whole for hit in answer["hits"]["hits"])
    return next((str(hit["_index"]) for hit in hits), "")


def anchors(hits: Sequence[Mapping[str, Any]], dims: int, *, entries: int) -> Vector:
    """Return the question vectors of a sample of all `entries`, shape (n, dims)."""
    chosen = hits if entries <= FEW else hits[:ANCHORS]
    drawn = [unpack(hit["fields"]["packed"][0], dims)[:-1] for hit in chosen if "fields" in hit]
    return np.concatenate([np.zeros((0, dims), np.float32), *drawn], dtype=np.float32)


def counts(words: Mapping[str, Any], tokens: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return how many entries the index has, and how many have each token."""
    live = words["aggregations"]["all"]["live"]
    buckets = live.get("with_token", {}).get("buckets", {})
    return live["doc_count"], {
        token: buckets[str(at)]["doc_count"] for at, token in enumerate(tokens)
    }


def rank_by_words(words: Sequence[Found], *, k: int) -> list[tuple[Found, Hit]]:
    """Return at most `k` entries, best first, where vectors are off or failed."""
    top = max((one.score for one in words), default=1.0) or 1.0
    best = sorted(words, key=lambda one: (-one.score, one.id))[: max(0, k)]
    return [(one, Hit(0, one.score / top, 0.0, 0.0)) for one in best]


def rank(
    legs: Legs,
    pool: Sequence[Candidate],
    lowest: Sequence[Candidate],
    vector: Vector,
    hubs: Hubs | None,
    *,
    dense_weight: float,
) -> list[tuple[str, Hit]]:
    """Return the ids of `pool` with the embedded engine's scores, best first.

    `lowest` are the entries farthest from the question: the lower end of the scores.
    """
    if not pool:
        return []
    bm25 = {one.id: one.score for one in legs.words}
    scored = [*pool, *lowest]
    dense, cosine = dense_scores(scored, vector, hubs)
    words = np.array([bm25.get(c.id, 0.0) for c in scored], np.float32)
    weights = dense_weights(dense_weight, np.array([c.is_document for c in scored]))
    fused = weighted_sum(dense, words, dense_weight=weights)[: len(pool)]
    return [
        (pool[at].id, Hit(0, float(fused[at]), float(cosine[at]), float(dense[at])))
        for at in np.argsort(-fused, kind="stable")
    ]


def dense_scores(
    candidates: Sequence[Candidate], vector: Vector, hubs: Hubs | None
) -> tuple[Vector, Vector]:
    """Return score and best cosine of every candidate; see VectorMatrix."""
    score = np.zeros(len(candidates), np.float32)
    best = np.full(len(candidates), _NOTHING, np.float32)
    having = [at for at, candidate in enumerate(candidates) if len(candidate.vectors)]
    if not having:
        return score, best
    scored = [candidates[at] for at in having]
    cosines = _rows(scored) @ vector
    hub = np.concatenate(hubs.of(scored)) if hubs else np.zeros_like(cosines)
    adjusted = cosines - HUB_WEIGHT * hub
    ends = np.cumsum([len(c.vectors) for c in scored])
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
