"""A search backend in memory that ranks by shared characters, and a hand to ask any backend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.embed import Embedder
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.types import Changes, Entry, Filters, IndexHealth, Passage, SearchResult, plain
from tools.text.normalise import fold, language


class MemorySearch:
    """Entries by tenant in a dict; equal content counts as unchanged."""

    def __init__(self, entries: Sequence[Entry] = (), *, tenant: str = "default") -> None:
        self._entries: dict[str, dict[str, Entry]] = {
            tenant: {entry["id"]: entry for entry in entries}
        }
        self._version = 0
        self.batches: list[int] = []  # sizes of the upserts, in order

    async def search(
        self,
        question: str,
        vector: Vector | None,
        *,
        k: int,
        filters: Filters,
        dense_weight: float | None = None,
    ) -> SearchResult:
        visible = [e for e in self._of(filters.tenant).values() if _is_visible(e, filters)]
        found = sorted((_passage(e, question) for e in visible), key=lambda p: -p["score"])
        hits = [passage for passage in found if passage["score"] > 0]
        return SearchResult(hits[:k], {"words": "ok", "dense": "off"})

    async def upsert(
        self, entries: Sequence[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        self.batches.append(len(entries))
        changes = Changes()
        for done, entry in enumerate(entries, start=1):
            before = self._of(tenant).get(entry["id"])
            if before is None:
                changes.added += 1
            elif before == entry:
                changes.unchanged += 1
            else:
                changes.changed += 1
            if before != entry:
                changes.by_id[entry["id"]] = "added" if before is None else "changed"
            self._version += before != entry
            self._of(tenant)[entry["id"]] = entry
            if progress is not None:
                progress(done, len(entries))
        return changes

    async def delete(self, ids: Sequence[str], *, tenant: str) -> int:
        gone = [self._of(tenant).pop(entry_id, None) for entry_id in ids]
        removed = sum(entry is not None for entry in gone)
        self._version += removed
        return removed

    async def ids(self, *, tenant: str) -> set[str]:
        return set(self._of(tenant))

    async def get(self, entry_id: str, *, tenant: str) -> Entry | None:
        return self._of(tenant).get(entry_id)

    async def get_all(self, ids: Sequence[str], *, tenant: str) -> list[Entry]:
        held = self._of(tenant)
        return [held[entry_id] for entry_id in dict.fromkeys(ids) if entry_id in held]

    async def health(self) -> IndexHealth:
        total = sum(map(len, self._entries.values()))
        legs = {"words": "ok", "dense": "off"}
        return IndexHealth("memory", total, 0, "", 0, self._version, legs)  # type: ignore[arg-type]

    async def close(self) -> None:
        self._entries.clear()

    def _of(self, tenant: str) -> dict[str, Entry]:
        return self._entries.setdefault(plain(tenant), {})


def _is_visible(entry: Entry, filters: Filters) -> bool:
    today, until = filters.today, entry.get("effective_to", "")
    is_valid = not today or (
        entry.get("effective_from", "") <= today and (not until or until >= today)
    )
    return (
        is_valid
        and (filters.audience == "internal" or entry.get("audience", "public") == "public")
        and entry.get("region", "") in ("", filters.region)
        and entry.get("channel", "") in ("", filters.channel)
        and filters.lang in ("", entry.get("lang") or language(entry["question"]))
    )


def _passage(entry: Entry, question: str) -> Passage:
    wordings = [entry["question"], *entry.get("similar_questions", [])]
    shares = {wording: _share(question, wording) for wording in wordings}
    matched = max(shares, key=lambda wording: shares[wording])
    score = max(shares[matched], _share(question, entry["answer"]) / 2)
    return Passage(
        id=entry["id"],
        kind=entry.get("kind", "faq"),
        question=entry["question"],
        matched=matched,
        answer=entry["answer"],
        category=entry.get("category", ""),
        product=entry.get("product", ""),
        source=entry.get("source", ""),
        score=score,
        dense=0.0,
        fit=0.0,
        words=score,
        meaning=0.0,
        aim=0.0,
    )


def _share(question: str, text: str) -> float:
    asked = {char for char in fold(question) if char.isalnum()}
    return len(asked & set(fold(text))) / len(asked) if asked else 0.0


def entry(entry_id: str, question: str, answer: str = "请看订单页。", **fields: Any) -> Entry:  # noqa: ANN401 any field of Entry
    """Return an entry; only what the test is about needs to be said."""
    return Entry(id=entry_id, question=question, answer=answer, **fields)


@dataclass
class Ask:
    """Asks a backend through one leg or both; the tenant is `default` unless said."""

    search: SearchBackend
    embedder: Embedder
    leg: Literal["words", "dense", "hybrid"]
    ranks_words: bool = True

    async def __call__(self, question: str, *, k: int = 5, **filters: Any) -> SearchResult:  # noqa: ANN401 of Filters
        vector = None if self.leg == "words" else (await self.embedder.questions([question]))[0]
        text = "" if self.leg == "dense" else question
        return await self.search.search(text, vector, k=k, filters=Filters(**filters))

    async def ids(self, question: str, *, k: int = 5, **filters: Any) -> list[str]:  # noqa: ANN401 of Filters
        """Return the ids found, best first."""
        found = await self(question, k=k, **filters)
        return [passage["id"] for passage in found.passages]

    async def holds(self, *entries: Entry, tenant: str = "default") -> None:
        """Store entries."""
        await self.search.upsert(entries, tenant=tenant)
