"""Labelled queries as the decision sees them: after intent and retrieve, before decide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.runtime import Runtime

from eval.queries import TENANT, Label, Query, read_queries, searched
from graph.app import classifier
from graph.context import Context
from graph.settings import Settings
from graph.state import State
from nodes.intent import intent
from nodes.retrieve import retrieve
from nodes.rules.deciding.features import features, said_itself
from nodes.rules.deciding.near import near
from nodes.rules.deciding.stale import Mark
from nodes.rules.policy import part_state
from nodes.suits import mark
from tools.business.shop import shop_time
from tools.embed import Embedder
from tools.search.base import Progress, SearchBackend

REPLY = "好的，请看上面的说明。"  # to earlier messages
ELSEWHERE = ("handoff", "ambiguous", "account_specific")  # labels that no passage should settle


@dataclass(frozen=True)
class Case:
    """One query, what was found for it, and where the right entry is among that."""

    state: State  # as `decide` would get it
    found: dict[str, float]  # features of the hits, as the policy weighs them
    words: dict[str, float]  # the same of a search by words alone
    # How far the first relevant hit is behind the best one, in fused score; None if none of those
    # that would be shown at most (nodes/rules/deciding/near.py) is relevant.
    lag: float | None
    words_lag: float | None  # the same by words alone
    label: Label
    group: str  # cases of one group share a relevant entry, so they are never split up
    split: str
    is_later: bool = False  # not the first message of its conversation
    relevant: frozenset[str] = frozenset()
    company: str = ""  # whose knowledge it is
    served: str | None = None  # whose chances count, "" = nobody's own; None: its company's

    @property
    def is_right(self) -> bool:
        """Whether answering from the best hit is right."""
        return any(p["id"] in self.relevant for p in self.state["passages"][:1])


@dataclass(frozen=True)
class Cases:
    """All cases of a file, and what they were found with."""

    cases: list[Case]
    embedder: str  # "" = none
    knowledge: dict[str, Mark]  # by company


async def read_companies(
    files: Sequence[tuple[Path, Path]], config: Settings, *, progress: Progress | None = None
) -> Cases:
    """Return the cases of several companies, each given as its knowledge and its queries."""
    read = [
        await read_cases(kb, read_queries(queries), config, progress=progress)
        for kb, queries in files
    ]
    cases = [
        replace(case, company=f"{number}/{kb.name}", group=f"{number} {case.group}")
        for number, ((kb, _), found) in enumerate(zip(files, read, strict=True))
        for case in found.cases
    ]
    knowledge = {
        f"{number}/{kb.name}": mark
        for number, ((kb, _), found) in enumerate(zip(files, read, strict=True))
        for mark in found.knowledge.values()
    }
    return Cases(cases, read[0].embedder, knowledge)


async def read_cases(
    kb: Path, asked: Sequence[Query], config: Settings, *, progress: Progress | None = None
) -> Cases:
    """Put every query through the graph's own first nodes, as a conversation of its own.

    Of a message of several questions the first counts.
    """
    async with searched(kb, config, progress=progress) as (search, embedder):
        by_both = [await _seen(query, search, embedder) for query in asked]
        by_words = [await _seen(query, search, None) for query in asked]
        knowledge = await mark(search, tenant=TENANT)
    groups = grouped([query["relevant_ids"] for query in asked])
    cases = [
        Case(
            state=both,
            found=_features(both),
            words=_features(words),
            lag=_lag(both, query),
            words_lag=_lag(words, query),
            relevant=frozenset(query["relevant_ids"]),
            label=query["label"],
            group=group,
            split=query["split"],
            is_later=bool(query["earlier"]),
        )
        for query, both, words, group in zip(asked, by_both, by_words, groups, strict=True)
    ]
    return Cases(cases, embedder.name if embedder else "", {"": knowledge})


async def _seen(query: Query, search: SearchBackend, embedder: Embedder | None) -> State:
    now = shop_time()
    runtime = Runtime(
        context=Context(tenant=TENANT, channel=query["channel"]), stream_writer=lambda _: None
    )
    messages: list[AnyMessage] = []
    for number, text in enumerate(query["earlier"]):
        messages += [HumanMessage(text, id=f"{query['qid']}-{number}"), AIMessage(REPLY)]
    state: State = {"messages": [*messages, HumanMessage(query["query"], id=query["qid"])]}
    state |= await intent(
        state, runtime, classifier=classifier(), embedder=embedder, now_s=now.timestamp
    )
    reader = embedder.reader if embedder else None
    state |= await retrieve(state, runtime, search=search, now=lambda: now, reader=reader)
    return state | part_state(state["parts"][0]) if state["parts"] else state


def _features(state: State) -> dict[str, float]:
    own = "" if state["parts"] else said_itself(state.get("own", ""), state["question"])
    return features(state["question"], state["passages"], state["chances"], own)


def _lag(state: State, query: Query) -> float | None:
    shown = near(state["question"], state["passages"], math.inf)
    scores = [p["score"] for p in shown if p["id"] in query["relevant_ids"]]
    return max(shown[0]["score"] - scores[0], 0.0) if scores else None


def grouped(relevant: Sequence[Sequence[str]]) -> list[str]:
    """Name a group for every query: queries that share a relevant entry, over however many others.

    A query without relevant entries is a group of its own.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := parent.setdefault(name, name)) != name:
            name = above
        return name

    for entries in relevant:
        for entry in entries[1:]:
            parent[root(entry)] = root(entries[0])
    return [root(entries[0]) if entries else f"#{n}" for n, entries in enumerate(relevant)]
