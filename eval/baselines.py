"""What others build, on the same entries and the same vectors: something to compare with."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from numpy.typing import NDArray

from eval.metrics import DEPTH
from tools.embed import Embedder
from tools.search.base import Vector
from tools.search.texts import entry_vectors, searched_text
from tools.search.types import Entry, Filters
from tools.text.segment import Segmenter, terms

BY_WORDS = ("BM25 words", "BM25 bigrams")
RRF_K = 60
RRF_DEPTH = 50  # of each leg
K1, B = 1.5, 0.75  # the usual choice of BM25's two numbers

Scores = NDArray[np.float64]


class Asked(NamedTuple):
    """A question as every baseline gets it."""

    text: str
    vector: Vector | None
    filters: Filters


Rank = Callable[[Asked], list[str]]  # -> ids of at most DEPTH entries, best first
_Leg = Callable[[Asked, int], list[int]]  # -> numbers of that many entries, best first


@dataclass(frozen=True)
class Baselines:
    """Rankings by name, and why others are left out."""

    ranks: dict[str, Rank]
    skipped: dict[str, str]


async def baselines(entries: Sequence[Entry], embedder: Embedder | None) -> Baselines:
    """Build all baselines over `entries`; without an embedder only those by words.

    "BM25 words" cuts Chinese into pairs, as Kefu has no dictionary; "BM25 bigrams" into characters
    and pairs. "dense plain" is the mean of two cosines: of the closest wording, and of question
    and answer together. "RRF" and LangChain's "EnsembleRetriever" join it with "BM25 bigrams",
    equal weights.
    """
    texts = [searched_text(entry) for entry in entries]
    words = _leg(entries, _BM25(texts, "words").scores)
    bigrams = _leg(entries, _BM25(texts, "bigrams").scores)
    legs = dict(zip(BY_WORDS, (words, bigrams), strict=True))
    skipped: dict[str, str] = {}
    if embedder is None:
        skipped = dict.fromkeys(("dense plain", "RRF", "EnsembleRetriever"), "no embedder")
    else:
        dense = _leg(entries, _cosines(await entry_vectors(entries, embedder)))
        legs |= {"dense plain": dense, "RRF": _rrf(bigrams, dense)}
        try:
            legs["EnsembleRetriever"] = _ensemble(bigrams, dense)
        except ModuleNotFoundError as exc:
            skipped["EnsembleRetriever"] = f"{exc}; pip install 'langchain-classic>=1,<2'"

    def named(leg: _Leg) -> Rank:
        return lambda asked: [entries[number]["id"] for number in leg(asked, DEPTH)]

    return Baselines({name: named(leg) for name, leg in legs.items()}, skipped)


class _BM25:
    """Okapi BM25 in memory."""

    def __init__(self, texts: Sequence[str], segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        counts = [Counter(terms(text, segmenter)) for text in texts]
        lengths = np.array([count.total() for count in counts], float)
        self._norm = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
        self._holding: dict[str, list[tuple[int, int]]] = {}
        for number, count in enumerate(counts):
            for term, times in count.items():
                self._holding.setdefault(term, []).append((number, times))

    def scores(self, asked: Asked) -> Scores:
        """Return the score of every text; -inf where no term is in common."""
        total = np.zeros(len(self._norm))
        for term in set(terms(asked.text, self._segmenter)) & self._holding.keys():
            numbers, times = np.array(self._holding[term]).T
            rarity = np.log(1 + (len(total) - len(numbers) + 0.5) / (len(numbers) + 0.5))
            total[numbers] += rarity * times * (K1 + 1) / (times + self._norm[numbers])
        return np.where(total > 0, total, -np.inf)


def _cosines(vectors: Sequence[NDArray[np.float32]]) -> Callable[[Asked], Scores]:
    """Return what scores entries by their vectors: one a wording, the last for the whole."""
    whole = np.vstack([rows[-1] for rows in vectors])
    wordings = np.vstack([rows[:-1] for rows in vectors])
    starts = np.cumsum([0, *(len(rows) - 1 for rows in vectors)])[:-1]

    def scores(asked: Asked) -> Scores:
        if asked.vector is None:
            return np.full(len(whole), -np.inf)
        closest = np.maximum.reduceat(wordings @ asked.vector, starts)
        return np.asarray((closest + whole @ asked.vector) / 2, np.float64)

    return scores


def _leg(entries: Sequence[Entry], scores: Callable[[Asked], Scores]) -> _Leg:
    """Return what ranks by `scores` the entries that the asker may see."""
    masks: dict[Filters, NDArray[np.bool_]] = {}

    def best(asked: Asked, depth: int) -> list[int]:
        if asked.filters not in masks:
            masks[asked.filters] = np.array([_sees(asked.filters, entry) for entry in entries])
        found = np.where(masks[asked.filters], scores(asked), -np.inf)
        order = np.argsort(-found, kind="stable")[:depth]
        return [int(number) for number in order if found[number] > -np.inf]

    return best


def _sees(filters: Filters, entry: Entry) -> bool:
    """Say whether an entry passes, as the search engines' own filters do."""
    return (
        entry.get("region", "") in ("", filters.region)
        and entry.get("channel", "") in ("", filters.channel)
        and "internal" not in (entry.get("audience"), filters.audience)
        and entry.get("effective_from", "") <= filters.today
        and filters.today <= (entry.get("effective_to") or filters.today)
    )


def _rrf(*legs: _Leg) -> _Leg:
    """Return reciprocal rank fusion with equal weights."""

    def best(asked: Asked, depth: int) -> list[int]:
        score: Counter[int] = Counter()
        for leg in legs:
            for rank, number in enumerate(leg(asked, RRF_DEPTH), 1):
                score[number] += 1 / (RRF_K + rank)  # type: ignore[assignment] # typed for ints
        return [number for number, _ in score.most_common(depth)]

    return best


class _Ranked(BaseRetriever):
    """What a leg has found already, as LangChain wants to fetch it."""

    found: list[Document]

    def _get_relevant_documents(self, query: str, **_: Any) -> list[Document]:  # noqa: ANN401
        return self.found


def _ensemble(*legs: _Leg) -> _Leg:
    """Return LangChain's fusion with its defaults, each leg as deep as is looked at."""
    ensemble = import_module("langchain_classic.retrievers.ensemble").EnsembleRetriever

    def best(asked: Asked, depth: int) -> list[int]:
        ranked = [
            _Ranked(
                found=[
                    Document(page_content=str(number), metadata={"number": number})
                    for number in leg(asked, depth)
                ]
            )
            for leg in legs
        ]
        found = ensemble(retrievers=ranked, weights=[1 / len(legs)] * len(legs)).invoke(asked.text)
        return [document.metadata["number"] for document in found[:depth]]

    return best
