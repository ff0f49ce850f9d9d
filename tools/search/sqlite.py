"""Embedded hybrid search: SQLite FTS5 for words, one numpy matrix for vectors. No server."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.embed import Embedder
from tools.errors import SearchUnavailable
from tools.search.base import Progress, Vector
from tools.search.fusion import weighted_sum
from tools.search.matrix import QUESTION, WHOLE, VectorMatrix
from tools.search.schema import FORMAT
from tools.search.store import IndexFile
from tools.search.types import Changes, Entry, Filters, IndexHealth, LegState, Passage, SearchResult
from tools.text.segment import Segmenter, terms

logger = logging.getLogger(__name__)

WORD_HITS = 200  # candidates taken from the word leg
EMBED_CHARS = 300  # head of question + answer that is embedded; longer heads did not score better
BATCH = 32  # entries per transaction: the most a kill in the middle can cost


class Hit(NamedTuple):
    """One entry of the ranking."""

    num: int
    score: float  # fused
    cosine: float
    fit: float


class SqliteSearch:
    """One index with any number of tenants, one writer at a time and any number of readers.

    Every process keeps the vectors in memory and follows the others' writes by version number.
    Without an embedder it answers by words only and keeps the vectors the file has.
    """

    def __init__(self, file: IndexFile, embedder: Embedder | None, dense_weight: float) -> None:
        self._file = file
        self._embedder = embedder
        self._dense_weight = dense_weight
        self._lock = threading.Lock()  # one connection, one matrix
        self._matrix = VectorMatrix(embedder.dims) if embedder else None
        self._seen = 0  # index version that the matrix holds
        self._size = 1  # highest entry number + 1
        self._masks: dict[Filters, NDArray[np.bool_]] = {}

    @classmethod
    async def open(
        cls,
        folder: Path,
        embedder: Embedder | None,
        *,
        segmenter: Segmenter = "bigrams",
        dense_weight: float = 0.75,
        is_rebuild: bool = False,
    ) -> "SqliteSearch":
        """Open or create the index in `folder`.

        `is_rebuild` drops what another embedder or segmenter built; call `rebuild` next.

        Raises:
            IndexMismatch: if another embedder or segmenter built it; names the command that mends.
            ConfigError: if the file can't be opened or is no index.
        """

        def opened() -> SqliteSearch:
            file = IndexFile.open(folder / "index.db", segmenter)
            try:
                if is_rebuild:
                    file.forget_build()
                file.claim("segmenter", segmenter)
                if embedder is not None:
                    file.claim("embedder", embedder.name)
                    file.claim("dims", str(embedder.dims))
                search = cls(file, embedder, dense_weight)
                search._follow()
            except BaseException:
                file.close()
                raise
            return search

        return await asyncio.to_thread(opened)

    async def search(
        self, question: str, vector: Vector | None, *, k: int, filters: Filters
    ) -> SearchResult:
        """Return at most `k` passages, best first; see SearchBackend."""
        return await asyncio.to_thread(self._search, question, vector, k, filters)

    def _search(
        self, question: str, vector: Vector | None, k: int, filters: Filters
    ) -> SearchResult:
        words: LegState = "ok"
        has_vectors = vector is not None and self._matrix is not None
        dense: LegState = "ok" if has_vectors else "off"
        tokens = list(dict.fromkeys(terms(question, self._file.segmenter)))
        with self._lock:
            try:
                self._follow()
                hits = self._file.by_words(tokens, filters, WORD_HITS)
            except sqlite3.Error as exc:
                if not has_vectors:
                    raise SearchUnavailable(f"{self._file.path}: can't be read ({exc})") from exc
                logger.warning("word search failed", extra={"reason": str(exc)})
                words, hits = "failed", {}
            try:
                ranked = self._rank(hits, vector, k, filters)
                passages = self._passages(tokens, ranked)
            except sqlite3.Error as exc:
                raise SearchUnavailable(f"{self._file.path}: can't be read ({exc})") from exc
        return SearchResult(passages, {"words": words, "dense": dense})

    def _rank(
        self, hits: dict[int, float], vector: Vector | None, k: int, filters: Filters
    ) -> list[Hit]:
        """Return the best `k`, best first."""
        if vector is None or self._matrix is None:
            top = max(hits.values(), default=1.0) or 1.0
            return [
                Hit(n, hits[n] / top, 0.0, 0.0) for n in sorted(hits, key=lambda n: -hits[n])[:k]
            ]
        allowed = np.flatnonzero(self._mask(filters))
        if not len(allowed):
            return []
        words = np.zeros(self._size, np.float32)
        words[list(hits)] = list(hits.values())
        dense, cosine = self._matrix.scores(vector, self._size)
        fused = weighted_sum(dense[allowed], words[allowed], dense_weight=self._dense_weight)
        order = np.argsort(-fused, kind="stable")[:k]
        return [
            Hit(int(n), float(score), float(cosine[n]), float(dense[n]))
            for n, score in zip(allowed[order], fused[order], strict=True)
        ]

    def _mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Return which entries a customer may see, shape (size,)."""
        if filters not in self._masks:
            if len(self._masks) >= 256:  # one per combination of tenant, region, day …
                self._masks.clear()
            mask = np.zeros(self._size, bool)
            mask[self._file.visible(filters)] = True
            self._masks[filters] = mask
        return self._masks[filters]

    def _passages(self, tokens: Sequence[str], ranked: Sequence[Hit]) -> list[Passage]:
        bodies = self._file.bodies([hit.num for hit in ranked])
        weights = self._file.weights(tokens)
        total = sum(weights.values()) or 1.0
        passages = []
        for hit in ranked:
            if hit.num not in bodies:  # deleted by another process since the ranking
                continue
            entry, has = bodies[hit.num]
            cover = sum(weight for token, weight in weights.items() if token in has) / total
            passages.append(_passage(entry, tokens, hit, cover))
        return passages

    def _follow(self) -> None:
        """Take over what this or another process wrote since the last look."""
        version = self._file.version()
        if version == self._seen:
            return
        self._masks.clear()
        self._size = self._file.highest() + 1
        if self._matrix is not None:
            for num in self._file.removed_since(self._seen):
                self._matrix.drop(num)
            for num, vectors, kinds in self._file.written_since(self._seen, self._matrix.dims):
                self._matrix.put(num, vectors, kinds)
        self._seen = version

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        """Add or replace entries by id, durably after every batch; see SearchBackend.

        Raises:
            StoreUnavailable: if the file is locked or read-only; earlier batches are kept.
        """
        changes = Changes()
        with self._lock:
            known = self._file.digests(tenant)
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            fresh = [e for e in batch if known.get(e["id"]) != self._digest(e)]
            for entry in fresh:
                is_known = entry["id"] in known
                changes.changed += is_known
                changes.added += not is_known
            changes.unchanged += len(batch) - len(fresh)
            if fresh:
                vectors = await self._embed(fresh)
                await asyncio.to_thread(self._write, fresh, tenant, vectors)
            if progress is not None:
                progress(start + len(batch), len(entries))
        return changes

    def _digest(self, entry: Entry) -> str:
        return self._file.digest(entry, has_vectors=self._embedder is not None)

    async def _embed(self, entries: Sequence[Entry]) -> list[tuple[Vector, list[int]]]:
        """Return vectors and their kinds for every entry; none without an embedder."""
        if self._embedder is None:
            return [(np.zeros((0, 0), np.float32), []) for _ in entries]
        texts: list[str] = []
        kinds: list[list[int]] = []
        for entry in entries:
            wordings = [entry["question"], *entry.get("similar_questions", [])]
            texts += [*wordings, f"{entry['question']}\n{entry['answer']}"[:EMBED_CHARS]]
            kinds.append([QUESTION] * len(wordings) + [WHOLE])
        vectors = await self._embedder.passages(texts)
        ends = np.cumsum([len(kind) for kind in kinds])
        return list(zip(np.split(vectors, ends[:-1]), kinds, strict=True))

    def _write(
        self, entries: Sequence[Entry], tenant: str, vectors: Sequence[tuple[Vector, list[int]]]
    ) -> None:
        with self._lock, self._file.transaction():
            for entry, (rows, kinds) in zip(entries, vectors, strict=True):
                self._file.write(entry, tenant, rows, kinds)

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        """Remove entries and return how many there were."""

        def deleted() -> int:
            with self._lock, self._file.transaction():
                return sum(self._file.remove(entry_id, tenant) for entry_id in ids)

        return await asyncio.to_thread(deleted)

    async def ids(self, *, tenant: str) -> set[str]:
        """Return the ids of all entries of a tenant."""
        with self._lock:
            return set(self._file.digests(tenant))

    async def get(self, entry_id: str, *, tenant: str) -> Entry | None:
        """Return one entry whole, or None."""
        with self._lock:
            return self._file.entry(entry_id, tenant)

    async def rebuild(self, progress: Progress | None = None) -> Changes:
        """Make all vectors and terms anew from the stored entries."""
        with self._lock:
            stored = {name: list(self._file.entries(name)) for name in self._file.tenants()}
        total = Changes()
        for name, entries in stored.items():
            changes = await self.upsert(entries, tenant=name, progress=progress)
            total.changed += changes.changed
            total.unchanged += changes.unchanged
        return total

    async def health(self) -> IndexHealth:
        """Return what the index holds."""
        with self._lock:
            self._follow()
            legs: dict[Literal["words", "dense"], LegState] = {
                "words": "ok",
                "dense": "ok" if self._matrix is not None else "off",
            }
            return IndexHealth(
                backend=f"sqlite {sqlite3.sqlite_version}, format {FORMAT}",
                entries=self._file.count(),
                vectors=len(self._matrix) if self._matrix is not None else 0,
                embedder=self._file.meta("embedder"),
                dims=int(self._file.meta("dims") or 0),
                version=self._seen,
                legs=legs,
            )

    async def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


def _passage(entry: Entry, tokens: Sequence[str], hit: Hit, cover: float) -> Passage:
    wordings = [entry["question"], *entry.get("similar_questions", [])]
    asked = set(tokens)
    return {
        "id": entry["id"],
        "kind": entry.get("kind", "faq"),
        "question": entry["question"],
        "matched": max(wordings, key=lambda w: len(asked & set(terms(w))) / (len(w) + 8)),
        "answer": entry["answer"],
        "category": entry.get("category", ""),
        "product": entry.get("product", ""),
        "source": entry.get("source", ""),
        "score": round(hit.score, 4),
        "dense": round(hit.cosine, 4),
        "fit": round(hit.fit, 4),
        "words": round(cover, 4),
    }
