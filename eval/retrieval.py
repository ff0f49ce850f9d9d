"""How well the search finds the right entries: recall and rank, both legs and together."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from eval.baselines import BY_WORDS, Asked, baselines
from eval.metrics import DEPTH, Outcome, outcome, row
from eval.options import LEGS, Backend, By, Leg
from eval.queries import TENANT, Query, answerable, indexed
from graph.context import Context
from graph.settings import Settings
from nodes.look_up import look_up_each, visible_to
from nodes.rules.wording.pieces import pieces
from tools.business.shop import shop_time
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.ingest.index import ingest
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.factory import Index, open_search
from tools.search.types import Entry
from tools.text.normalise import language, normalise
from tools.text.regions import province


class Question(NamedTuple):
    """One labelled query, and what is searched with."""

    query: Query
    asked: Asked
    pieces: list[tuple[str, Vector | None]]  # of a long one, as the intent node cuts it
    embed_ms: float


Find = Callable[[Question], Awaitable[list[str]]]  # -> ids, best first


async def retrieval(
    kb: Path,
    queries: Path,
    config: Settings,
    *,
    backends: Sequence[Backend] = ("sqlite",),
    legs: Sequence[Leg] = LEGS,
    by: By | None = None,
    with_baselines: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the figures of `metrics.row` on the answerable queries, for every leg.

    A query counts as found at rank r when any of its relevant entries is the r-th hit. The times
    are of embedding and searching together, in milliseconds. With several backends, all but the
    first are under their names. `by` adds to every row the figures of the relevant entries'
    categories or products. What could not be measured is under "skipped", with the reason.
    """
    queried = answerable(queries)
    found: dict[Backend, dict[str, dict[str, Any]]] = {name: {} for name in backends}
    result: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    async with indexed(kb, config, progress=progress) as (folder, embedder):
        questions = [await question_of(query, embedder) for query in queried]
        unembedded = [await question_of(query, None) for query in queried]
        for backend in backends:
            search = await _opened(backend, folder, embedder, config)
            try:
                if backend != "sqlite":
                    await _fill(search, kb, progress)
                groups = await _groups(search, queried, by)
                for leg in legs:
                    if reason := _missing(backend, leg, embedder):
                        skipped[f"{backend} {leg}"] = reason
                        continue
                    find = asked_by(search, leg, config.search.dense_weight)
                    asked = unembedded if leg == "words" else questions
                    found[backend][leg] = await _measure(find, asked, groups)
                if with_baselines and backend == backends[0]:
                    others = await baselines(await _entries(search), embedder)
                    skipped |= others.skipped
                    result["baselines"] = {
                        name: await _measure(
                            _at_once(rank), unembedded if name in BY_WORDS else questions, groups
                        )
                        for name, rank in others.ranks.items()
                    }
            finally:
                await search.close()
    if empty := [name for name in backends if not found[name]]:
        raise ConfigError(f"{empty[0]}: no leg to measure: {skipped}")
    first, *more = found.values()
    head = first.get("hybrid") or next(iter(first.values()))
    head = {name: value for name, value in head.items() if name != "by"}
    result = {"n": len(queried), **head, "legs": first} | result
    result["embedder"] = embedder.name if embedder else "none"
    return result | {"skipped": skipped} | dict(zip(backends[1:], more, strict=True))


async def _opened(
    backend: Backend, folder: Path, embedder: Embedder | None, config: Settings
) -> Index:
    """Open the index of the knowledge measured; in Elasticsearch one named by its content too."""
    where: dict[str, Any] = dict(config.search) | {"kind": backend}
    where["index"] = f"{config.search.index}-eval-{folder.name.rpartition('-')[2]}"
    return await open_search(folder, embedder, **where)


async def _fill(search: Index, kb: Path, progress: Progress | None) -> None:
    if (await search.health()).lacks:  # an older Kefu made it
        await search.rebuild(progress)
    await ingest([kb], search, tenant=TENANT, progress=progress)


def _missing(backend: Backend, leg: Leg, embedder: Embedder | None) -> str:
    """Return why a backend can't be asked by that leg, "" if it can."""
    if leg == "dense" and embedder is None:
        return "no embedder"
    return "Chroma ranks no words" if backend == "chroma" and leg != "dense" else ""


async def question_of(query: Query, embedder: Embedder | None) -> Question:
    """Return a query with its vectors, cut as the graph cuts it."""
    text = normalise(query["query"])
    started = time.perf_counter()
    parts = pieces(query["query"])
    vectors = await embedder.questions([text, *parts]) if embedder else None
    embed_ms = (time.perf_counter() - started) * 1000
    context = Context(tenant=TENANT, channel=query["channel"])
    filters = visible_to(context, shop_time())
    whole, *rest = vectors if vectors is not None else [None] * (1 + len(parts))
    return Question(
        query, Asked(text, whole, filters), list(zip(parts, rest, strict=True)), embed_ms
    )


def asked_by(search: SearchBackend, leg: Leg, dense_weight: float, *, k: int = DEPTH) -> Find:
    """Return what asks an engine for the best `k`, by one leg or both."""
    weight = {"hybrid": dense_weight, "dense": 1.0, "words": 0.0}[leg]

    async def find(question: Question) -> list[str]:
        text, vector, filters = question.asked
        result = await look_up_each(
            search,
            [(text, vector), *question.pieces],
            k=k,
            filters=filters,
            lang=language(text),
            dense_weight=weight,
        )
        return [passage["id"] for passage in result.passages]

    return find


def _at_once(rank: Callable[[Asked], list[str]]) -> Find:
    async def find(question: Question) -> list[str]:
        text, vector, filters = question.asked
        region = province(text) or filters.region  # as look_up does
        return await asyncio.to_thread(rank, Asked(text, vector, replace(filters, region=region)))

    return find


async def _groups(search: Index, queried: Sequence[Query], by: By | None) -> list[str]:
    """Return the category or product that each query is about, "" for none; [] without `by`."""
    if by is None:
        return []
    ids = {entry_id for query in queried for entry_id in query["relevant_ids"]}
    about = {entry_id: await search.get(entry_id, tenant=TENANT) for entry_id in ids}
    return [_group(by, [about[entry_id] for entry_id in q["relevant_ids"]]) for q in queried]


def _group(by: By, entries: Sequence[Entry | None]) -> str:
    return next((str(entry[by]) for entry in entries if entry and entry.get(by)), "")


async def _entries(search: Index) -> list[Entry]:
    ids = sorted(await search.ids(tenant=TENANT))
    entries = [await search.get(entry_id, tenant=TENANT) for entry_id in ids]
    return [entry for entry in entries if entry is not None]


async def _measure(
    find: Find, questions: Sequence[Question], groups: Sequence[str]
) -> dict[str, Any]:
    outcomes: list[Outcome] = []
    for question in questions:
        started = time.perf_counter()
        ids = await find(question)
        took_ms = (time.perf_counter() - started) * 1000
        relevant = question.query["relevant_ids"]
        outcomes.append(outcome(ids, relevant, question.embed_ms + took_ms))
    figures: dict[str, Any] = dict(row(outcomes))
    if groups:
        figures["by"] = _by_group(outcomes, groups)
    return figures


def _by_group(outcomes: Sequence[Outcome], groups: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return {"n", figures…} of every group, the largest first."""
    parted: dict[str, list[Outcome]] = {}
    for one, group in zip(outcomes, groups, strict=True):
        parted.setdefault(group, []).append(one)
    largest = sorted(parted.items(), key=lambda part: (-len(part[1]), part[0]))
    return {group: {"n": len(part), **row(part)} for group, part in largest}
