"""Compare a new index with the one that serves, by labelled queries, before it takes its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tools.embed import Embedder
from tools.errors import ConfigError, SearchUnavailable
from tools.json_lines import ids, read_lines, text
from tools.search.base import SearchBackend, Searching
from tools.search.types import Filters
from tools.text.normalise import normalise

DEPTH = 10
MOST_FALL = 0.01  # of recall@5 that is let through


class Golden(NamedTuple):
    """A question and the entries that answer it, any of them."""

    query: str
    relevant_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """How well an index finds what the golden queries want."""

    r_at_1: float
    r_at_5: float
    mrr_at_10: float
    legs: str  # those that answered every query; an old index may not know our vectors


class GoldenWorse(ConfigError):
    """The new index finds less; it was not put in the place of the old one."""


def read_golden(path: Path) -> list[Golden]:
    """Read the queries with an answer: JSON objects a line, with `query` and `relevant_ids`.

    Raises:
        ConfigError: if the file can't be read, a line is no such object, or none has an answer.
    """
    found = read_lines(path, "golden query", _golden)
    asked = [golden for golden in found if golden.relevant_ids]
    if not asked:
        raise ConfigError(f"{path}: expected queries with relevant_ids, found none")
    return asked


def _golden(raw: dict[str, Any]) -> Golden:
    return Golden(text(raw, "query"), frozenset(ids(raw, "relevant_ids")))


async def check_known(
    asked: Sequence[Golden], search: SearchBackend, *, tenant: str, place: str
) -> None:
    """Refuse queries that no entry answers: both indexes would find nothing, and be as good.

    Raises:
        ConfigError: if the tenant has none of the entries that the queries want.
    """
    ids = sorted({at for golden in asked for at in golden.relevant_ids})
    try:
        held = await search.ids(tenant=tenant)
    except SearchUnavailable:  # nothing to compare with, see Comparison
        return
    if not held & {*ids}:
        raise ConfigError(
            f"{place}: none of its {len(ids)} relevant_ids, such as {ids[0]!r}, is an entry of "
            f"tenant {tenant!r}; give --tenant, or the queries of this knowledge"
        )


async def scored(
    search: Searching, embedder: Embedder | None, asked: Sequence[Golden], tenant: str
) -> Score:
    """Ask every query as a customer of the tenant would today.

    Raises:
        SearchUnavailable: if a query gets no answer; half a comparison is none.
    """
    filters = Filters(tenant=tenant, today=date.today().isoformat())
    ranks: list[int] = []  # of the first right hit; 0 = not among the first DEPTH
    whole = {"words", "dense"}
    for golden in asked:
        question = normalise(golden.query)
        vector = (await embedder.questions([question]))[0] if embedder else None
        found = await search.search(question, vector, k=DEPTH, filters=filters)
        whole &= {leg for leg, state in found.legs.items() if state == "ok"}
        ids = [passage["id"] for passage in found.passages]
        ranks.append(next((n for n, at in enumerate(ids, 1) if at in golden.relevant_ids), 0))
    total = len(ranks)
    return Score(
        r_at_1=sum(rank == 1 for rank in ranks) / total,
        r_at_5=sum(0 < rank <= 5 for rank in ranks) / total,
        mrr_at_10=sum(1 / rank for rank in ranks if rank) / total,
        legs="+".join(sorted(whole, reverse=True)),
    )


@dataclass
class Comparison:
    """Compares the serving index with a new one, and refuses one that finds clearly less."""

    serving: Searching
    embedder: Embedder | None
    asked: Sequence[Golden]
    tenant: str
    most_fall: float = MOST_FALL
    before: Score | None = None
    after: Score | None = None

    async def __call__(self, new: Searching) -> None:
        """Score both.

        Raises:
            GoldenWorse: if recall@5 falls by more than `most_fall`.
            SearchUnavailable: if the new index gives no answer.
        """
        self.after = await scored(new, self.embedder, self.asked, self.tenant)
        try:
            self.before = await scored(self.serving, self.embedder, self.asked, self.tenant)
        except SearchUnavailable:  # nothing to lose: what serves does not answer
            return
        fall = self.before.r_at_5 - self.after.r_at_5
        if fall > self.most_fall + 1e-9:
            raise GoldenWorse(
                f"recall@5 of {len(self.asked)} golden queries: expected at least "
                f"{self.before.r_at_5 - self.most_fall:.3f}, got {self.after.r_at_5:.3f}; the new "
                "index was dropped and the old one serves on. Raise --golden-fall to take it"
            )
