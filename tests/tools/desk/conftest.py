from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/desk.db"


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
