"""Turn a hit into the passage that the nodes read; the same for every backend."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tools.reading import Agreement
from tools.search.types import Entry, Passage
from tools.text.segment import terms


class Hit(NamedTuple):
    """One entry of a ranking."""

    num: int
    score: float  # fused
    cosine: float
    fit: float
    agreement: Agreement | None = None  # token by token


def passage(entry: Entry, tokens: Sequence[str], hit: Hit, cover: float) -> Passage:
    """Return what the customer's turn needs of `entry`."""
    return {
        "id": entry["id"],
        "kind": entry.get("kind", "faq"),
        "question": entry["question"],
        "matched": _closest(entry, frozenset(tokens)),
        "answer": entry["answer"],
        "category": entry.get("category", ""),
        "product": entry.get("product", ""),
        "source": entry.get("source", ""),
        "score": round(hit.score, 4),
        "dense": round(hit.cosine, 4),
        "fit": round(hit.fit, 4),
        "words": round(cover, 4),
        "meaning": round(hit.agreement.meaning, 4) if hit.agreement else 0.0,
        "aim": round(hit.agreement.aim, 4) if hit.agreement else 0.0,
    }


def _closest(entry: Entry, asked: frozenset[str]) -> str:
    """Return the wording that shares most terms with the question, for its length."""
    wordings = [entry["question"], *entry.get("similar_questions", [])]
    if len(wordings) == 1:
        return wordings[0]
    return max(wordings, key=lambda wording: len(asked & _terms(wording)) / (len(wording) + 8))


@lru_cache(maxsize=4096)  # wordings, about 2 kB each; segmenting them took a third of a search
def _terms(wording: str) -> frozenset[str]:
    return frozenset(terms(wording))
