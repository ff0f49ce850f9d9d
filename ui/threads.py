"""The saved conversations, read and changed between two turns."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot

from graph.build import Graph
from graph.context import saved_as
from graph.state import State
from tools.errors import StoreUnavailable


class Threads:
    """What the graph keeps of each thread; every method may raise StoreUnavailable."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def read(self, thread_id: str, *, tenant: str) -> State:
        """Return a thread's saved state, {} for a new one."""
        async with _errors_told():
            snapshot = await self._graph.aget_state(config(thread_id, tenant=tenant))
        return cast(State, snapshot.values)

    async def history(
        self, thread_id: str, *, tenant: str, limit: int, before: str = ""
    ) -> list[StateSnapshot]:
        """Return how a thread stood after its last turns, latest first, before a checkpoint."""
        place = config(thread_id, tenant=tenant)
        older: RunnableConfig | None = None
        if before:
            older = {"configurable": {**place["configurable"], "checkpoint_id": before}}
        async with _errors_told():
            found = self._graph.aget_state_history(place, before=older, limit=limit)
            return [snapshot async for snapshot in found]

    async def change(self, thread_id: str, changes: Mapping[str, Any], *, tenant: str) -> None:
        """Write some keys of a thread, as the end of a turn would."""
        async with _errors_told():
            await self._graph.aupdate_state(
                config(thread_id, tenant=tenant), dict(changes), as_node="remember"
            )


def config(thread_id: str, *, tenant: str) -> RunnableConfig:
    """Return what names a thread to the graph."""
    return {"configurable": {"thread_id": saved_as(tenant, thread_id)}}


@asynccontextmanager
async def _errors_told() -> AsyncIterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise StoreUnavailable(f"threads can't be read or written ({exc})") from exc
