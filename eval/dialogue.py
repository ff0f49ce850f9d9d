"""How well the last question of a conversation is found: rewriting and search together."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, get_args

import numpy as np
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.runtime import Runtime

from eval.queries import TENANT, searched
from graph.app import classifier
from graph.context import Context
from graph.settings import Settings
from graph.state import State
from nodes.intent import intent
from nodes.retrieve import retrieve
from nodes.rules.hearing.topics import Turn
from tools.business.shop import shop_time
from tools.embed import Embedder
from tools.json_lines import ids, read_lines, text
from tools.search.base import Progress, SearchBackend

DEPTH = 10


class Dialogue(TypedDict):
    """Earlier turns, oldest first, and the question that is to be found after them."""

    qid: str
    history: list[Turn]
    query: str
    relevant_ids: list[str]


def read_dialogues(path: Path) -> list[Dialogue]:
    """Read dialogues, one JSON object a line.

    Raises:
        ConfigError: if the file is missing, empty or a line is no dialogue; names the line.
    """
    return read_lines(path, "dialogue", _dialogue)


def _dialogue(raw: dict[str, Any]) -> Dialogue:
    roles = get_args(Turn.__annotations__["role"])
    history = [Turn(turn["role"], text(turn, "content")) for turn in raw["history"]]
    if strange := {str(turn.role) for turn in history} - set(roles):
        raise ValueError(f"role: expected one of {roles}, got {sorted(strange)}")
    relevant = ids(raw, "relevant_ids")
    if not relevant:
        raise ValueError("relevant_ids: expected a list of ids, got []")
    return Dialogue(
        qid=str(raw["qid"]), history=history, query=text(raw, "query"), relevant_ids=relevant
    )


async def dialogue(
    kb: Path, dialogues: Path, config: Settings, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Return recall@1/5 and MRR@10 of each dialogue's last question.

    The nodes `intent` and `retrieve` do the work, with the earlier turns as the file has them.
    """
    asked = read_dialogues(dialogues)
    async with searched(kb, config, progress=progress) as (search, embedder):
        rows = await _ask_all(asked, search, embedder, progress)
    return {
        "n": len(rows),
        **figures([row["rank"] for row in rows]),
        "outcomes": rows,
    }


def figures(ranks: Sequence[int | None]) -> dict[str, float]:
    """Return recall@1/5 and MRR@10 of at least one rank; None = not found."""
    at = np.array([rank or np.inf for rank in ranks], float)
    return {
        "r_at_1": round(float(np.mean(at <= 1)), 4),
        "r_at_5": round(float(np.mean(at <= 5)), 4),
        "mrr_at_10": round(float(np.mean(1 / at)), 4),
    }


async def _ask_all(
    asked: Sequence[Dialogue],
    search: SearchBackend,
    embedder: Embedder | None,
    progress: Progress | None,
) -> list[dict[str, Any]]:
    finder = Finder(search, embedder)
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(asked, start=1):
        question, ids = await finder.find(messages(row))
        rows.append(
            {
                "qid": row["qid"],
                "query": row["query"],
                "question": question,
                "relevant_ids": row["relevant_ids"],
                "found": ids[:5],
                "rank": rank(ids, row),
            }
        )
        if progress is not None:
            progress(number, len(asked))
        await asyncio.sleep(0)
    return rows


class Finder:
    """Takes a conversation's last question through the nodes `intent` and `retrieve`."""

    def __init__(
        self, search: SearchBackend, embedder: Embedder | None, *, tenant: str = TENANT
    ) -> None:
        self._search, self._embedder = search, embedder
        self._classifier = classifier()
        context = Context(tenant=tenant, channel="eval", top_k=DEPTH)
        self._runtime = Runtime(context=context, stream_writer=lambda _: None)

    async def find(self, messages: Sequence[AnyMessage]) -> tuple[str, list[str]]:
        """Return the question that was searched, and the ids of what was found, best first."""
        turn = await intent(
            State(messages=list(messages)),
            self._runtime,
            classifier=self._classifier,
            embedder=self._embedder,
            now_s=shop_time().timestamp,
        )
        found = await retrieve(turn, self._runtime, search=self._search, now=shop_time)
        return turn["question"], [passage["id"] for passage in found["passages"]]


def rank(ids: Sequence[str], row: Dialogue) -> int | None:
    """Return the place of the first relevant one, from 1; None if none was found."""
    return next((n for n, i in enumerate(ids, 1) if i in row["relevant_ids"]), None)


def messages(row: Dialogue) -> list[AnyMessage]:
    """Return the whole conversation, the question last."""
    past: list[AnyMessage] = [
        (HumanMessage if turn.role == "user" else AIMessage)(turn.content)
        for turn in row["history"]
    ]
    return [*past, HumanMessage(row["query"])]
