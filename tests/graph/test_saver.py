"""What the threads' file keeps, and that LangGraph's own saver reads it."""

import asyncio
import resource
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import id as checkpoint_ids
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from typing_extensions import TypedDict

from graph.saver import KEPT, ThreadSaver

CONFIG: RunnableConfig = {"configurable": {"thread_id": "th1"}}
OTHER: RunnableConfig = {"configurable": {"thread_id": "th2"}}
DAY_NS = 86_400 * 10**9


class Counted(TypedDict):
    """A number that each run raises."""

    count: int


class Noted(TypedDict):
    """A text that each run replaces."""

    note: str


Counter = CompiledStateGraph[Counted, None, Counted, Counted]


def counter(saver: ThreadSaver | AsyncSqliteSaver) -> Counter:
    def up(state: Counted) -> Counted:
        return {"count": state["count"] + 1}

    builder = StateGraph(Counted)
    builder.add_node("up", up)
    builder.add_edge(START, "up")
    builder.add_edge("up", END)
    return builder.compile(checkpointer=saver)


@pytest.fixture
async def saver(tmp_path: Path) -> AsyncIterator[ThreadSaver]:
    saver = await ThreadSaver.open(tmp_path / "threads.db")
    yield saver
    await saver.close()


async def test_a_thread_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = await ThreadSaver.open(tmp_path / "threads.db")
    await counter(first).ainvoke({"count": 1}, CONFIG, durability="exit")
    await first.close()

    again = await ThreadSaver.open(tmp_path / "threads.db")
    state = await counter(again).aget_state(CONFIG)
    await again.close()

    assert state.values == {"count": 2}


async def test_what_is_saved_last_counts_though_the_clock_was_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = time.time_ns
    first = await ThreadSaver.open(tmp_path / "threads.db")
    with monkeypatch.context() as clock:
        clock.setattr(time, "time_ns", lambda: now_ns() + DAY_NS)
        await counter(first).ainvoke({"count": 1}, CONFIG, durability="exit")
    await first.close()

    monkeypatch.setattr(checkpoint_ids, "_last_v6_timestamp", None)  # as in another process
    again = await ThreadSaver.open(tmp_path / "threads.db")
    await counter(again).ainvoke({"count": 5}, CONFIG, durability="exit")
    state = await counter(again).aget_state(CONFIG)
    await again.close()

    assert state.values == {"count": 6}


async def test_langgraphs_own_saver_reads_the_file(saver: ThreadSaver, tmp_path: Path) -> None:
    await counter(saver).ainvoke({"count": 1}, CONFIG)

    async with aiosqlite.connect(tmp_path / "threads.db") as connection:
        state = await counter(AsyncSqliteSaver(connection)).aget_state(CONFIG)

    assert state.values == {"count": 2}


async def test_lists_a_threads_checkpoints_latest_first(saver: ThreadSaver) -> None:
    await counter(saver).ainvoke({"count": 1}, CONFIG)

    history = [state.values async for state in counter(saver).aget_state_history(CONFIG, limit=2)]

    assert history == [{"count": 2}, {"count": 1}]


async def test_of_a_long_thread_only_the_last_states_are_kept(
    saver: ThreadSaver, tmp_path: Path
) -> None:
    await counter(saver).ainvoke({"count": 50}, OTHER, durability="exit")
    for count in range(2 * KEPT):
        await counter(saver).ainvoke({"count": count}, CONFIG)

    history = [state.values async for state in counter(saver).aget_state_history(CONFIG)]
    kept = await saver.execute("SELECT thread_id, checkpoint_id FROM checkpoints")
    writes = await saver.execute("SELECT thread_id, checkpoint_id FROM writes")

    assert (history[0], len(history)) == ({"count": 2 * KEPT}, KEPT)
    assert (await counter(saver).aget_state(OTHER)).values == {"count": 51}
    assert {*writes} <= {*kept}


async def test_a_state_is_saved_with_the_old_ones_gone_or_not_at_all(
    saver: ThreadSaver, tmp_path: Path
) -> None:
    for count in range(KEPT):
        await counter(saver).ainvoke({"count": count}, CONFIG, durability="exit")
    before = await saver.execute("SELECT checkpoint_id FROM checkpoints")
    await saver.execute(
        "CREATE TRIGGER held BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'held'); END"
    )

    with pytest.raises(sqlite3.IntegrityError, match="held"):
        await counter(saver).ainvoke({"count": 70}, CONFIG, durability="exit")

    assert await saver.execute("SELECT checkpoint_id FROM checkpoints") == before
    with closing(sqlite3.connect(tmp_path / "threads.db", timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")  # nor is the file held


async def test_what_a_thread_has_forgotten_is_in_no_byte_of_the_file(
    saver: ThreadSaver, tmp_path: Path
) -> None:
    builder = StateGraph(Noted)
    builder.add_node("note", lambda state: state)
    builder.add_edge(START, "note")
    builder.add_edge("note", END)
    notes = builder.compile(checkpointer=saver)
    await notes.ainvoke({"note": "13800138000" * 5000}, CONFIG, durability="exit")
    for _ in range(KEPT):
        await notes.ainvoke({"note": "masked"}, CONFIG, durability="exit")
    await saver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert b"13800138000" not in (tmp_path / "threads.db").read_bytes()


async def test_an_erased_thread_is_gone_and_others_stay(saver: ThreadSaver) -> None:
    other: RunnableConfig = {"configurable": {"thread_id": "th2"}}
    for config in (CONFIG, other):
        await counter(saver).ainvoke({"count": 1}, config)

    await saver.adelete_thread("th1")

    assert (await counter(saver).aget_state(CONFIG)).values == {}
    assert (await counter(saver).aget_state(other)).values == {"count": 2}


async def test_a_file_that_is_no_database_is_an_error_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "threads.db"
    path.write_text("no database " * 100, encoding="utf-8")

    with pytest.raises(sqlite3.DatabaseError):
        await ThreadSaver.open(path)


async def test_many_who_wait_for_a_file_that_is_held_are_told_together(
    saver: ThreadSaver, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "threads.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        tried: list[str] = []
        saver.conn.set_trace_callback(tried.append)
        told = await asyncio.gather(
            *(saver.check_writable() for _ in range(10)), return_exceptions=True
        )
        saver.conn.set_trace_callback(None)
        other.execute("ROLLBACK")

    await saver.check_writable()

    assert [type(each) for each in told] == [sqlite3.OperationalError] * 10
    assert len(tried) < 5


async def test_a_disk_that_is_full_is_noticed_and_looking_leaves_nothing_behind(
    saver: ThreadSaver, tmp_path: Path
) -> None:
    await saver.check_writable()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    full = (tmp_path / "threads.db-wal").stat().st_size

    resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
    try:
        with pytest.raises(sqlite3.Error):
            await saver.check_writable()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    await saver.check_writable()

    assert await saver.execute("SELECT * FROM writes") == []


async def test_the_file_is_closed_though_another_process_holds_it(tmp_path: Path) -> None:
    saver = await ThreadSaver.open(tmp_path / "threads.db")
    with closing(sqlite3.connect(tmp_path / "threads.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        told, closed = await asyncio.gather(
            saver.check_writable(), saver.close(), return_exceptions=True
        )

    assert isinstance(told, sqlite3.OperationalError)
    assert closed is None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        saver.conn.execute("SELECT 1")
