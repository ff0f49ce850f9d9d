"""Conversations of IBM's mt-rag-benchmark with their reference passages as the knowledge.

Every task has passages of its own, kept as a tenant's knowledge, and goes through the whole graph.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict
from uuid import uuid4

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from eval.dialogue import Dialogue
from eval.metrics import mean
from eval.told import told
from eval.watch import Generation, Watch, grounded, measured
from graph.build import Graph, Services, build
from graph.context import Context
from nodes.rules.hearing.topics import Turn
from tools.ingest.clean import clean
from tools.json_lines import read_lines, text
from tools.search.base import Progress
from tools.search.sqlite import SqliteSearch
from tools.search.types import Entry

Did = Literal["answered", "refused", "asked_back", "other"]

RIGHT: dict[str, tuple[Did, ...]] = {
    "ANSWERABLE": ("answered",),
    "PARTIAL": ("answered",),
    "UNANSWERABLE": ("refused",),
    "UNDERSPECIFIED": ("asked_back",),
}
POOL = "pool"  # the tenant that has all passages
TITLE_CHARS = 100
_ROLES: dict[str, Literal["user", "assistant"]] = {"user": "user", "agent": "assistant"}


class Task(TypedDict):
    """A conversation that ends with a question, and what there is to answer it from."""

    qid: str
    label: str  # a key of RIGHT
    turns: list[Turn]
    passages: list[Entry]


class Turned(NamedTuple):
    """What became of one task."""

    as_served: Did
    reason: str
    given: Did  # with the passages taken for right: the policy is not asked
    reply: str
    question: str
    generations: list[Generation]


def read_tasks(path: Path) -> list[Task]:
    """Read tasks, one JSON object a line.

    Raises:
        ConfigError: if the file is missing, empty or a line is no task; names the line.
    """
    return read_lines(path, "mt-rag task", _task)


def _task(raw: dict[str, Any]) -> Task:
    label = text(raw, "answerability")
    if label not in RIGHT:
        raise ValueError(f"answerability: expected one of {', '.join(RIGHT)}, got {label!r}")
    turns = [Turn(_ROLES[text(turn, "speaker")], text(turn, "text")) for turn in raw["turns"]]
    if not turns or turns[-1].role != "user":
        raise ValueError("turns: expected a last one by the user")
    passages = [_entry(text(passage, "id"), text(passage, "text")) for passage in raw["contexts"]]
    return Task(qid=text(raw, "task_id"), label=label, turns=turns, passages=passages)


def _entry(entry_id: str, whole: str) -> Entry:
    """Return a passage under its first line, where that is short enough to be its title."""
    whole = clean(whole)
    title, _, rest = whole.partition("\n")
    if not rest.strip() or len(title) > TITLE_CHARS:
        title, rest = whole[:TITLE_CHARS], whole
    return {"id": entry_id, "kind": "doc", "question": title, "answer": rest, "lang": "en"}


@asynccontextmanager
async def opened(
    tasks: Sequence[Task], pool: Sequence[Task], services: Services, folder: Path
) -> AsyncIterator[SqliteSearch]:
    """Index every task's passages under its id, and those of `pool` together under POOL."""
    search = await SqliteSearch.open(folder, services.embedder)
    try:
        for task in tasks:
            await search.upsert(task["passages"], tenant=task["qid"])
        every = {entry["id"]: entry for task in pool for entry in task["passages"]}
        await search.upsert(list(every.values()), tenant=POOL)
        yield search
    finally:
        await search.close()


async def mtrag(
    tasks: Sequence[Task],
    services: Services,
    watch: Watch,
    progress: Progress,
) -> dict[str, Any]:
    """Return per class what was done, and how the generated answers stood the checks.

    right_as_served  share of tasks that ended as their class should
    right_given      the same where the passages are taken for right, so that the model says what
                     they are worth: `services.search` is what `opened` gave
    """
    served = build(replace(services, model=watch, cache=None), InMemorySaver())
    trusting = services.policy()._replace(answer_at=0.0, clarify_at=0.0, clear_at=1.1)
    sure = replace(services, model=watch, cache=None, policy=lambda: trusting)
    given = build(sure, InMemorySaver())

    async def ask(task: Task) -> Turned:
        before = len(watch.generations)
        state = again = await _turn(served, task)
        if task["passages"] and state["reply"]["action"] != "answer":
            again = await _turn(given, task)
        return Turned(
            _did(state),
            state["reply"]["reason"],
            _did(again),
            again["messages"][-1].text,
            state["question"],
            watch.generations[before:],
        )

    result = await measured(tasks, ask, watch, progress)
    return {**result.note(), **_report(result.done)}


async def _turn(graph: Graph, task: Task) -> dict[str, Any]:
    """Return what the last turn leaves of `question`, `messages` and `reply`.

    The turns before are laid into a thread of its own: of an input the graph takes no replies.
    """
    messages: list[AnyMessage] = [
        (HumanMessage if turn.role == "user" else AIMessage)(turn.content) for turn in task["turns"]
    ]
    thread: RunnableConfig = {"configurable": {"thread_id": uuid4().hex}}
    await graph.aupdate_state(thread, {"messages": messages[:-1]}, as_node="remember")
    state: dict[str, Any] = await graph.ainvoke(
        {"messages": messages[-1:]},
        thread,
        context=Context(tenant=task["qid"], channel="eval", locale="en"),
        output_keys=["question", "messages", "reply"],
        durability="exit",
    )
    return state


def _did(state: dict[str, Any]) -> Did:
    reply = state["reply"]
    match reply["action"]:
        case "answer":
            said = told(state["messages"][-1].text)
            return said if reply["llm_calls"] else "answered"
        case "clarify":
            return "asked_back"
        case "fallback":
            return "refused"
    return "other"


def _report(done: Sequence[tuple[Task, Turned]]) -> dict[str, Any]:
    by_class: dict[str, dict[str, Any]] = {}
    for label in RIGHT:
        rows = [turned for task, turned in done if task["label"] == label]
        if not rows:
            continue
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for turned in rows:
            counts["as_served"][turned.as_served] += 1
            counts["given"][turned.given] += 1
        by_class[label] = {
            "n": len(rows),
            "as_served": dict(counts["as_served"]),
            "given": dict(counts["given"]),
            "right_as_served": mean(row.as_served in RIGHT[label] for row in rows),
            "right_given": mean(row.given in RIGHT[label] for row in rows),
            "grounded": grounded([row.generations for row in rows]),
        }
    return {
        "by_class": by_class,
        "right_as_served": mean(t.as_served in RIGHT[task["label"]] for task, t in done),
        "right_given": mean(t.given in RIGHT[task["label"]] for task, t in done),
        "grounded": grounded([turned.generations for _, turned in done]),
        "outcomes": [
            {"qid": task["qid"], "label": task["label"], **turned._asdict()}
            | {"generations": [made._asdict() for made in turned.generations]}
            for task, turned in done
        ],
    }


def as_dialogues(tasks: Sequence[Task]) -> list[Dialogue]:
    """Return the tasks that have earlier turns and passages, to measure how they are found."""
    return [
        Dialogue(
            qid=task["qid"],
            history=task["turns"][:-1],
            query=task["turns"][-1].content,
            relevant_ids=[entry["id"] for entry in task["passages"]],
        )
        for task in tasks
        if task["passages"] and len(task["turns"]) > 1
    ]
