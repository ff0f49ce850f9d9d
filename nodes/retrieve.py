"""Look the question up in the knowledge, as far as this customer may see it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Part, State
from nodes.look_up import look_up_each, visible_to
from nodes.other_companies import Ask, marked
from nodes.rules.deciding.features import agreement, margin
from nodes.rules.deciding.near import is_wording
from nodes.rules.hearing.leaning import asks_itself
from nodes.speech import note
from tools.errors import KefuError, SearchUnavailable, TransientError
from tools.reading import TokenReader
from tools.rerank import Rerank
from tools.search.base import SearchBackend
from tools.search.sections import section
from tools.search.types import Filters, Passage, SearchResult

logger = logging.getLogger(__name__)

SAME_FROM = 0.8  # agreement of question and hit from which reading both together tells no more
LEAD = 0.05  # of `score`: by how much the hit of a new topic leads
OWN_EDGE = 0.05  # of `score`: by how much another reading must beat the rules' own


async def retrieve(
    state: State,
    runtime: Runtime[Context],
    *,
    search: SearchBackend,
    now: Callable[[], datetime],
    rerank: Rerank | None = None,
    reader: TokenReader | None = None,
    is_for_model: bool = False,
) -> State:
    """Put the best passages into the state, and say whether there are none or search is down.

    Each part of the message is searched by itself; without parts, each way to read it, and the best
    of all readings counts. Then the reranker orders the hits (one that fails leaves them as they
    are), the `reader` judges the best one together with the question, and a model also gets the
    section that it was cut from.
    """
    context, parts = runtime.context, state.get("parts", [])
    denied = state.get("denied", [])
    ask = partial(
        _asked,
        search=search,
        k=(max(context.top_k, rerank.candidates) if rerank else context.top_k) + len(denied),
        filters=visible_to(context, now()),
        lang=state["locale"],
    )
    pieces = [] if parts else state.get("pieces", [])
    readings = [(part["question"], part["vector"]) for part in parts] or _readings(state)
    try:
        results = [_without(denied, await ask([reading, *pieces])) for reading in readings]
    except SearchUnavailable:
        logger.warning("search down", exc_info=True)
        note(runtime, "retrieve", outcome="failed")
        return {"passages": [], "outcome": "failed", "level": max(state["level"], 3)}
    own = state.get("own", "")
    if not parts:
        best, result = merged([question for question, _ in readings], results, own)
        results, readings = [result], [readings[best]]
        own = "" if _is_new_topic(readings[0][0], result, own) else own
    follow_up = None if parts else _follow_up({**state, "own": own}, readings[0][0])
    judged = partial(_judged, ask=ask, rerank=rerank, reader=reader, most=context.top_k)
    found = [
        await judged(question, follow_up, result.passages)
        for (question, _), result in zip(readings, results, strict=True)
    ]
    if is_for_model and not parts:
        passages = await _with_section(search, found[0].passages, tenant=context.tenant)
        found = [found[0]._replace(passages=passages)]
    _note(runtime, results, found)
    legs = [leg for result in results for leg in result.legs.values()]
    is_whole = all(one.reranked != "failed" for one in found) and set(legs) <= {"ok"}
    update: State = {
        "passages": found[0].passages,
        "outcome": "found" if any(one.passages for one in found) else "nothing",
        "level": state["level"] if is_whole else max(state["level"], 1),
    }
    if parts:
        each = zip(parts, found, strict=True)
        with_hits: list[Part] = [
            {**part, "passages": one.passages, "outcome": one.outcome} for part, one in each
        ]
        return {**update, "parts": with_hits}
    question, vector = readings[0]
    own = follow_up[1] if follow_up else own
    return {**update, "question": question, "vector": vector, "own": own}


class _Found(NamedTuple):
    """What was found for one question, and how the reranker fared."""

    passages: list[Passage]
    reranked: Literal["ok", "failed", "off"]

    @property
    def outcome(self) -> Literal["found", "nothing"]:
        """Say whether there is anything."""
        return "found" if self.passages else "nothing"


async def _judged(
    question: str,
    follow_up: tuple[str, str] | None,
    passages: list[Passage],
    *,
    ask: Ask,
    rerank: Rerank | None,
    reader: TokenReader | None,
    most: int,
) -> _Found:
    """Return the best passages in order, the first with what reading it with the question tells."""
    reranked: Literal["ok", "failed", "off"] = "off"
    if rerank is not None:
        try:
            passages, reranked = await rerank.order(question, passages), "ok"
        except KefuError:
            logger.warning("no reranker, keeping the search's order", exc_info=True)
            reranked = "failed"
    known = await marked(question, passages[:most], ask)
    return _Found(await _read_together(reader, question, follow_up, known), reranked)


def _note(
    runtime: Runtime[Context], results: Sequence[SearchResult], found: Sequence[_Found]
) -> None:
    """Tell the channel what was found, and how."""
    passages = [
        {key: passage[key] for key in ("id", "question", "score", "dense", "words")}
        for one in found
        for passage in one.passages
    ]
    outcome, legs = "found" if passages else "nothing", dict(results[0].legs)
    reranked = found[0].reranked
    note(runtime, "retrieve", outcome=outcome, legs=legs, rerank=reranked, passages=passages)


def _follow_up(state: State, found_by: str) -> tuple[str, str] | None:
    """Return a follow-up as (joined with what it leans on, its own words); None for no follow-up.

    Where rules can't tell whether a message leans on the talk before, it does if the reading that
    says so found the best hit (`found_by`): one that changes the topic would otherwise be refused
    for not answering the question before.
    """
    own = state.get("own") or state["question"]
    joined = state["question"] if state.get("own") else found_by
    return (joined, own) if own in joined and own != joined and asks_itself(own) else None


async def _read_together(
    reader: TokenReader | None,
    question: str,
    follow_up: tuple[str, str] | None,
    passages: list[Passage],
) -> list[Passage]:
    """Return the passages, the first with `answers`, and `follows` for a follow-up (see Passage).

    `answers` is left out where the index holds no token readings, or where question and hit say
    nearly the same anyway. A follow-up is read twice, joined and by itself: joined it resembles the
    entry just shown whatever it asks, by itself it may resemble one about something else.
    """
    if reader is None or not passages:
        return passages
    best, *others = passages
    told = best["matched"], best["answer"]
    if 0 < agreement(passages) < SAME_FROM:
        best = {**best, "answers": round(await reader.answers(question, *told), 4)}
    if follow_up:
        read = [await reader.answers(text, *told) for text in follow_up]
        best = {**best, "follows": round(sum(read), 4)}
    return [best, *others]


async def _with_section(
    search: SearchBackend, passages: list[Passage], *, tenant: str
) -> list[Passage]:
    """Return the passages, the first with its section; without, if the index does not say."""
    if not passages or passages[0]["kind"] != "doc":
        return passages
    best, *others = passages
    try:
        text = await section(search, best["id"], tenant=tenant)
    except TransientError:
        logger.warning("no section", exc_info=True)
        return passages
    return [{**best, "section": text}, *others] if text else passages


def _is_new_topic(question: str, result: SearchResult, own: str) -> bool:
    """Say whether `question` is a follow-up's `own` words, and says nearly the same as one hit."""
    found = result.passages
    return question == own != "" and agreement(found) >= SAME_FROM and margin(found) >= LEAD


def _without(denied: Sequence[str], result: SearchResult) -> SearchResult:
    """Return the result without what the customer was shown before and did not mean."""
    if not denied:
        return result
    left = [p for p in result.passages if p["id"] not in denied and p["question"] not in denied]
    return replace(result, passages=left)


def _readings(state: State) -> list[tuple[str, list[float]]]:
    """Return the ways to read the question (nodes/readings.py), each with its vector."""
    own = (state["question"], state["vector"])
    other = state.get("other", "")
    return [own, *([(other, state["other_vector"])] if other else []), *state.get("wider", [])]


async def _asked(
    readings: Sequence[tuple[str, list[float]]],
    *,
    search: SearchBackend,
    k: int,
    filters: Filters,
    lang: str,
) -> SearchResult:
    asked = [(text, np.array(v, np.float32) if v else None) for text, v in readings]
    return await look_up_each(search, asked, k=k, filters=filters, lang=lang)


def merged(
    questions: Sequence[str], results: Sequence[SearchResult], own: str = ""
) -> tuple[int, SearchResult]:
    """Return the number of the reading that found the best passage, and the passages of all.

    Each passage has its best score, and there are as many as the longest result has. The first
    reading is the rules' own and has an edge. A reading that is word for word its best passage's
    question wins alone, as does one that shows a new topic. Scores of different questions are not
    quite comparable; the higher one still finds more than either reading alone, and more than
    reciprocal ranks (`python -m eval dialogue`).
    """
    for number, (question, result) in enumerate(zip(questions, results, strict=True)):
        is_said = any(is_wording(question, p) for p in result.passages[:1])
        if len(results) == 1 or is_said or _is_new_topic(question, result, own):
            return number, result
    edges = [OWN_EDGE, *(0.0 for _ in results[1:])]
    by_id: dict[str, tuple[float, Passage]] = {}
    for result, edge in zip(results, edges, strict=True):
        for passage in result.passages:
            value = passage["score"] + edge
            entry = passage["id"].removesuffix("-en")  # and its translation count as one
            if entry not in by_id or value > by_id[entry][0]:
                by_id[entry] = (value, passage)
    ranked = [passage for _, passage in sorted(by_id.values(), key=lambda found: -found[0])]
    best = next((n for n, r in enumerate(results) if ranked and ranked[0] in r.passages), 0)
    longest = max(len(result.passages) for result in results)
    return best, SearchResult(ranked[:longest], results[best].legs)
