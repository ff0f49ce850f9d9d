"""What a message asks is embedded while the message is being kept, and once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from graph.app import Kefu
from graph.context import Context
from tests.fakes.embed import HashEmbedder
from tools.desk.records import InboxMessage
from tools.embed import CachedEmbedder
from tools.embed_base import Vector2D
from ui.runner import Runner


class Told(HashEmbedder):
    """Says when it is asked for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = asyncio.Event()

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        self.has_begun.set()
        return await super().questions(texts)


@pytest.fixture
async def inner() -> Told:
    return Told()


@pytest.fixture
async def runner(kefu: Kefu, inner: Told, tmp_path: Path) -> AsyncIterator[Runner]:
    cached = CachedEmbedder(inner, tmp_path / "vectors.db")
    runner = Runner(kefu.with_services(embedder=cached))
    yield runner
    await runner.close()
    await cached.close()


@pytest.mark.parametrize(
    "message",
    [
        "退款 多久到账？",
        "不用找客服，怎么退货",
        "ｓ２０ 啥时候发货到杭州",
        "我的电话是 13912345678，怎么改地址",
        "How long does a refund take?",
    ],
)
async def test_the_turn_embeds_nothing_more(runner: Runner, inner: Told, message: str) -> None:
    await runner.ask(message, thread_id="t", context=Context())

    assert len(inner.asked) == 1


async def test_it_has_begun_before_the_message_is_kept(
    runner: Runner, inner: Told, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = kefu.services.desk.receive

    async def late(message: InboxMessage) -> bool:
        await inner.has_begun.wait()
        return await receive(message)

    monkeypatch.setattr(kefu.services.desk, "receive", late)

    await asyncio.wait_for(runner.ask("退款多久到账", thread_id="t", context=Context()), 30)


async def test_a_follow_up_embeds_only_what_it_is_joined_with_besides(
    runner: Runner, inner: Told
) -> None:
    await runner.ask("退款多久到账", thread_id="t", context=Context())
    before = len(inner.asked)

    await runner.ask("那运费呢", thread_id="t", context=Context())

    asked = inner.asked[before:]
    assert len(asked) == len(set(asked)) > 1
    assert "那运费呢" in asked


async def test_an_embedder_that_breaks_is_met_by_the_turn_alone(
    runner: Runner, inner: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(texts: Sequence[str]) -> Vector2D:
        raise RuntimeError(f"a fault of ours, {len(texts)}")

    monkeypatch.setattr(inner, "questions", broken)

    end = await runner.ask("退款多久到账", thread_id="t", context=Context())
    (turn,) = runner._running or [None]
    if turn is not None:
        await turn

    assert end["reply"]["level"] == 4
    assert "fault" not in end["text"]
