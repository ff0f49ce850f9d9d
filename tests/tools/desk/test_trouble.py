import asyncio
import re
import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tests.fakes.clock import ticking
from tools.desk import engines
from tools.desk.connection import Database
from tools.desk.desk import Desk
from tools.desk.prepared import Step, written
from tools.desk.records import Clock, InboxMessage, Turn
from tools.desk.schema import METADATA
from tools.errors import ConfigError, StoreUnavailable

NewMessage = Callable[..., InboxMessage]
NewTurn = Callable[..., Turn]

in_a_file = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def other(desk: Desk, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process that holds the file."""
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


@in_a_file
async def test_a_file_that_another_process_holds_is_named_and_works_again_once_let_go(
    desk: Desk, other: sqlite3.Connection, message: NewMessage, tmp_path: Path
) -> None:
    with pytest.raises(StoreUnavailable, match="something held it") as told:
        await desk.receive(message())
    other.execute("ROLLBACK")

    assert f"{tmp_path}/desk.db" in str(told.value)
    assert await desk.receive(message())


@in_a_file
@pytest.mark.usefixtures("other")
async def test_a_locked_file_can_still_be_read(desk: Desk) -> None:
    assert await desk.waiting() == []


@in_a_file
async def test_a_short_lock_is_waited_for(
    url: str, message: NewMessage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engines._SQLITE_ARGS, "timeout", 60.0)
    desk = await Desk.open(url)
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        receiving = asyncio.create_task(desk.receive(message()))
        await asyncio.sleep(0.2)
        was_waiting = not receiving.done()
        other.execute("ROLLBACK")
        is_new = await receiving

    await desk.close()
    assert (was_waiting, is_new) == (True, True)


@in_a_file
async def test_a_read_only_file_is_refused_at_the_start(desk: Desk, tmp_path: Path) -> None:
    await desk.close()
    url = f"sqlite+aiosqlite:///file:{tmp_path}/desk.db?mode=ro&uri=true"

    with pytest.raises(StoreUnavailable, match="right to write the file"):
        await Desk.open(url)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="create the folder") as told:
        await Desk.open(f"sqlite+aiosqlite:///{tmp_path}/missing/desk.db")

    assert f"{tmp_path}/missing/desk.db" in str(told.value)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_text("这不是数据库" * 200, encoding="utf-8")

    with pytest.raises(StoreUnavailable, match="restore the file from a backup"):
        await Desk.open(f"sqlite+aiosqlite:///{tmp_path}/desk.db")


@in_a_file
async def test_a_full_disk_is_told_and_loses_nothing_written_before(
    url: str, clock: Clock, message: NewMessage
) -> None:
    database = await Database.open(url)
    desk = Desk(database, clock)
    await desk.receive(message())
    await database.fetch(dict, text("PRAGMA max_page_count=1"))  # SQLite's own stand-in

    with pytest.raises(StoreUnavailable, match="free space"):
        await desk.receive(message("more", text="满" * 40_000))

    waiting = await desk.waiting()
    await desk.close()
    assert [one["turn_id"] for one in waiting] == ["turn1"]


async def test_errors_never_quote_the_customer(desk: Desk, turn: NewTurn) -> None:
    with pytest.raises((sqlite3.IntegrityError, IntegrityError)) as told:
        await desk.finish(turn(owner=None, question="my secret"))

    assert "my secret" not in str(told.value)


async def test_a_database_server_that_is_down_is_named_without_its_password() -> None:
    pytest.importorskip("asyncpg")

    with pytest.raises(StoreUnavailable) as told:
        await Desk.open("postgresql+asyncpg://kefu:hunter2@127.0.0.1:9/kefu")

    assert "127.0.0.1:9" in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("url", ["", "desk.db", "sqlite:///desk.db", "mysql+aiomysql://h/kefu"])
async def test_a_url_without_an_async_driver_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigError, match="expected a URL like sqlite"):
        await Desk.open(url)


async def test_two_processes_may_create_the_tables_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engines._SQLITE_ARGS, "timeout", 60)  # a busy disk takes its time

    desks = await asyncio.gather(*(Desk.open(url) for _ in range(4)))

    assert [(await desk.health()).waiting_messages for desk in desks] == [0, 0, 0, 0]
    for desk in desks:
        await desk.close()


async def test_a_desk_in_memory_serves_readers_and_writers_at_once(
    message: NewMessage, turn: NewTurn
) -> None:
    desk = await Desk.open("sqlite+aiosqlite://")

    async def one(turn_id: str) -> None:
        await desk.receive(message(turn_id))
        await desk.waiting()
        await desk.finish(turn(turn_id))

    await asyncio.gather(*(one(str(number)) for number in range(20)))
    logged = await desk.turns("thread1", tenant="acme")
    await desk.close()

    assert len(logged) == 20


async def test_health_counts_what_waits(desk: Desk, message: NewMessage) -> None:
    await desk.receive(message())
    await desk.open_ticket("thread1", tenant="acme", user_id="li", reason="angry", summary="投诉")

    health = await desk.health()

    assert re.match(r"(sqlite 3|postgresql \d)", health.backend)
    assert (health.waiting_messages, health.unclosed_tickets) == (1, 1)


@in_a_file
@pytest.mark.usefixtures("other")
async def test_health_notices_soon_that_nothing_can_be_written_however_many_ask(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk._database._line, "_stuck_s", 0.9 * engines.LOCK_WAIT_S)
    async with ticking() as tenths:
        told = await asyncio.gather(*(desk.health() for _ in range(6)), return_exceptions=True)

    assert {type(one) for one in told} == {StoreUnavailable}
    assert len(tenths) < 60  # each by itself waits for two seconds


@in_a_file
async def test_a_write_that_waits_for_many_others_is_not_told_that_the_file_is_held(
    desk: Desk, message: NewMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.desk.connection.written", slowly)

    kept = await asyncio.gather(*(desk.receive(message(f"turn{n}")) for n in range(30)))

    assert kept == [True] * 30


def slowly(engine: Engine, steps: Sequence[Step]) -> list[int]:
    time.sleep(0.08)  # 30 of them: longer than another process may hold the file
    return written(engine, steps)


@in_a_file
async def test_a_write_does_not_wait_for_what_else_the_process_does_in_threads(
    desk: Desk, message: NewMessage
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    done = threading.Event()
    reading = asyncio.create_task(asyncio.to_thread(done.wait, 120))  # e.g. files for the index

    kept = await asyncio.gather(*(desk.receive(message(f"turn{n}")) for n in range(3)))
    was_reading = not reading.done()
    done.set()
    await reading

    assert was_reading
    assert kept == [True] * 3


@in_a_file
async def test_a_disk_that_is_full_is_noticed_before_a_customer_writes(
    desk: Desk, message: NewMessage, tmp_path: Path
) -> None:
    await desk.receive(message())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    full = (tmp_path / "desk.db-wal").stat().st_size

    resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
    try:
        with pytest.raises(StoreUnavailable):
            await desk.health()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    health = await desk.health()

    assert health.waiting_messages == 1


async def test_looking_at_the_health_leaves_nothing_behind(desk: Desk, message: NewMessage) -> None:
    await desk.receive(message())

    looks = await asyncio.gather(*(desk.health() for _ in range(5)))

    assert [look.waiting_messages for look in looks] == [1] * 5
    assert [each["turn_id"] for each in await desk.waiting()] == ["turn1"]
    assert await desk.purge(datetime.max.replace(tzinfo=UTC), tenant="") == dict.fromkeys(
        METADATA.tables, 0
    )
