"""How Kefu keeps up with many customers at once: turns a second, P50 to P99, errors."""

import asyncio
import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import HttpUrl

from eval.load import ENDINGS, stub_model
from eval.queries import read_queries, served
from graph.context import Context
from graph.setting_groups import CacheSettings, LLMSettings
from graph.settings import Settings
from tools.search.base import Progress
from ui.runner import Runner

TALK = 3  # questions in a conversation
WORST = 4  # level of a turn that no part of Kefu could answer


class _Turn(NamedTuple):
    """One answered message."""

    ms: float  # until the whole reply was there
    level: int


async def crowd(
    kb: Path,
    queries: Path,
    config: Settings,
    *,
    customers: Sequence[int],
    turns: int,
    delay_ms: int,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return what `turns` turns took by how many customers asked at once.

    Every customer asks the next question as soon as the last is answered, three in a conversation:
    with pauses as people make them, one of these stands for dozens. The questions are the labelled
    ones of all kinds, each asked once before, then with another ending. The stub model answers
    after `delay_ms`; 0 is no model.

    turns_per_s    answered
    p50_ms …       until the whole reply was there
    cpu_ms         this process's own, a turn, with embedding and the model's client
    errors         share of turns at level 4
    """
    found: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        changes: dict[str, Any] = {"cache": CacheSettings(size=0), "llm": LLMSettings()}
        if delay_ms:
            address = await stack.enter_async_context(stub_model(delay_ms))
            changes["llm"] = LLMSettings(base_url=HttpUrl(address))
        kefu = await stack.enter_async_context(served(kb, config.model_copy(update=changes)))
        gc.freeze()  # as the server does
        stack.callback(gc.unfreeze)
        runner = Runner(kefu)
        stack.push_async_callback(runner.close)
        asked = [query["query"] for query in read_queries(queries)]
        await _at_once(runner, iter(asked), max(customers), len(asked), progress)
        anew = _with_endings(asked)
        for number in customers:
            cpu_s, started_s = time.process_time(), time.perf_counter()
            done = await _at_once(runner, anew, number, turns, progress)
            took_s, cpu_s = time.perf_counter() - started_s, time.process_time() - cpu_s
            found[str(number)] = _told(done, took_s=took_s, cpu_s=cpu_s)
    return {"turns": turns, "model_delay_ms": delay_ms, "customers": found}


def _with_endings(asked: Sequence[str]) -> Iterator[str]:
    """Yield the questions again and again, never one twice as it was."""
    for round_number in count():
        ending = ENDINGS[round_number % len(ENDINGS)] * (1 + round_number // len(ENDINGS))
        yield from (question + ending for question in asked)


async def _at_once(
    runner: Runner, asked: Iterator[str], customers: int, turns: int, progress: Progress | None
) -> list[_Turn]:
    done: list[_Turn] = []
    left = iter(range(turns))  # shared: who has time takes the next

    async def customer(number: int) -> None:
        thread = ""
        for talked, turn in enumerate(left):
            text = next(asked)
            if talked % TALK == 0:
                thread = f"crowd {customers} {number} {text}"
            started_s = time.perf_counter()
            end = await runner.ask(text, thread_id=thread, context=Context())
            took_ms = (time.perf_counter() - started_s) * 1000
            done.append(_Turn(took_ms, end["reply"]["level"]))
            if progress is not None:
                progress(turn + 1, turns)

    async with asyncio.TaskGroup() as group:
        for number in range(customers):
            group.create_task(customer(number))
    return done


def _told(done: Sequence[_Turn], *, took_s: float, cpu_s: float) -> dict[str, float]:
    p50, p95, p99 = np.percentile([turn.ms for turn in done], [50, 95, 99]).tolist()
    return {
        "turns_per_s": round(len(done) / took_s, 1),
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "p99_ms": round(p99, 1),
        "cpu_ms": round(1000 * cpu_s / len(done), 1),
        "errors": sum(turn.level == WORST for turn in done) / len(done),
    }
