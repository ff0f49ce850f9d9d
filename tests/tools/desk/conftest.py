from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.fakes.postgres import NO_PROGRAMS, postgres, programs
from tools.desk.desk import Desk
from tools.desk.records import Clock, InboxMessage, Turn


@pytest.fixture
def moment() -> list[datetime]:
    return [datetime(2026, 11, 22, 9, 30, tzinfo=UTC)]


@pytest.fixture
def clock(moment: list[datetime]) -> Clock:
    """A clock that moves only when told."""
    return lambda: moment[0]


@pytest.fixture
def advance(moment: list[datetime]) -> Callable[..., None]:
    """Move the clock: `advance(seconds=1)`."""

    def move(**by: float) -> None:
        moment[0] += timedelta(**by)

    return move


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL for the whole session."""
    if programs() is None or find_spec("asyncpg") is None:
        pytest.skip(NO_PROGRAMS)
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/desk.db"
    address: str = request.getfixturevalue("server")
    name = f"desk_{uuid4().hex}"
    engine = create_async_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return f"{address}/{name}"


@pytest.fixture
async def desk(url: str, clock: Clock) -> AsyncIterator[Desk]:
    desk = await Desk.open(url, clock=clock)
    yield desk
    await desk.close()


@pytest.fixture
def message() -> Callable[..., InboxMessage]:
    def build(turn_id: str = "turn1", **changes: str) -> InboxMessage:
        built = InboxMessage(
            turn_id=turn_id,
            tenant="acme",
            thread_id="thread1",
            user_id="li",
            channel="web",
            text="我的手机13800138000收不到验证码",
            locale="zh",
            region="",
        )
        built.update(changes)  # type: ignore[typeddict-item]
        return built

    return build


@pytest.fixture
def turn() -> Callable[..., Turn]:
    def build(turn_id: str = "turn1", **changes: object) -> Turn:
        built = Turn(
            turn_id=turn_id,
            tenant="acme",
            thread_id="thread1",
            user_id="li",
            channel="web",
            question="我的手机[电话]收不到验证码",
            answer="请检查短信拦截。",
            action="answer",
            intent="account",
            confidence=0.93,
            reason="clear_match",
            owner="bot",
            level=0,
            citations=["faq-17", "faq-3"],
            llm_calls=1,
            cached=False,
            took_ms=812.5,
            first_token_ms=240.0,
        )
        built.update(changes)  # type: ignore[typeddict-item]
        return built

    return build
