"""The reading half of Chroma: find entries by vector, score them exactly. Synchronous."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from chromadb.api.models.Collection import Collection

from tools.search.base import Vector
from tools.search.chroma_records import Where, body, nearest, where, wordings_of_some
from tools.search.covers import covers
from tools.search.elastic_rank import FEW, Candidate, Hubs, dense_scores
from tools.search.fusion import spread
from tools.search.passage import Hit, passage
from tools.search.types import Filters, Passage
from tools.text.segment import Segmenter, terms

CANDIDATES = 50  # entries scored exactly
RECORDS = 200  # asked for at first; more where few entries have many wordings
FAR = 8  # records farthest from the question: the lower end of the scores


class Reader:
    """Searches one collection."""

    def __init__(self, collection: Collection, segmenter: Segmenter) -> None:
        self._collection = collection
        self._segmenter: Segmenter = segmenter
        self._hubs: Hubs | None = None

    def search(self, question: str, vector: Vector, k: int, filters: Filters) -> list[Passage]:
        """Return at most `k` passages, best first, with the embedded engine's vector scores."""
        if k < 1 or not vector.any():
            return []
        visible = where(filters)
        near = self._nearest(vector, visible, wanted=max(k, CANDIDATES))
        far = [key for key in self._query(-vector, visible, FAR)[0] if key not in near]
        bodies, candidates = self._read([*near, *dict.fromkeys(far)], visible)
        if not candidates:
            return []
        dense, cosine = dense_scores(candidates, vector, self._sampled())
        fused = spread(dense)
        tokens = list(dict.fromkeys(terms(question, self._segmenter)))
        best = np.argsort(-fused, kind="stable")[:k]
        entries = [body(bodies[candidates[at].id]) for at in best]
        same = np.ones(len(tokens), np.float32)  # it does not count in how many entries a term is
        return [
            passage(
                entry, tokens, Hit(0, float(fused[at]), float(cosine[at]), float(dense[at])), share
            )
            for at, entry, share in zip(
                best, entries, covers(entries, tokens, same, self._segmenter), strict=True
            )
        ]

    def _nearest(self, vector: Vector, visible: Where, *, wanted: int) -> list[str]:
        """Return the keys of the nearest entries; reads on until enough different ones came."""
        size = max(RECORDS, wanted)
        while True:
            keys, distances = self._query(vector, visible, size)
            near = nearest(keys, distances, most=wanted)
            if len(near) >= wanted or len(keys) < size:
                return near
            size *= 4

    def _query(self, vector: Vector, visible: Where, size: int) -> tuple[list[str], list[float]]:
        """Return keys and distances of the nearest records."""
        found = self._collection.query(
            query_embeddings=[vector], n_results=size, where=visible, include=["distances"]
        )
        keys = [record.rpartition("-")[0] for record in found["ids"][0]]
        return keys, list((found["distances"] or [[]])[0])

    def _read(self, keys: Sequence[str], visible: Where) -> tuple[dict[str, Any], list[Candidate]]:
        """Return the entries of `keys` as JSON by key, and as candidates with all their vectors."""
        if not keys:
            return {}, []
        wanted: Where = {"$and": [{"key": {"$in": list(keys)}}, *visible["$and"]]}
        found = self._collection.get(where=wanted, include=["embeddings", "metadatas"])
        facts: dict[str, Any] = {}
        rows: dict[str, dict[int, Vector]] = {}
        for metadata, row in zip(
            found["metadatas"] or [], np.asarray(found["embeddings"], np.float32), strict=True
        ):
            facts[str(metadata["key"])] = metadata
            rows.setdefault(str(metadata["key"]), {})[int(str(metadata["at"]))] = row
        candidates = [
            Candidate(
                key, facts[key]["stamp"], np.stack([row for _, row in sorted(rows[key].items())])
            )
            for key in keys
            if key in rows
        ]
        return {key: metadata["body"] for key, metadata in facts.items()}, candidates

    def _sampled(self) -> Hubs:
        """Return a sample of questions, drawn anew when the collection has changed by a fifth."""
        size = self._collection.count()
        if self._hubs is None or not self._hubs.fits(size):
            drawn = self._collection.get(where=wordings_of_some(size, FEW), include=["embeddings"])[
                "embeddings"
            ]
            self._hubs = Hubs(np.asarray(drawn, np.float32), size)
        return self._hubs
