"""The vLLM client's breaker, slots and cancelled calls, on the fake server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing

import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import BaseModel, Field

from tests.fakes.client import LONG_S, vllm_chat
from tests.fakes.clock import passes
from tests.fakes.vllm import FakeVLLM
from tools.errors import ModelUnavailable
from tools.vllm import VLLMChat

QUESTION: list[BaseMessage] = [HumanMessage("怎么退款?")]
RESET_S = 20.0
SHORT_S = 0.1

Make = Callable[..., VLLMChat]


class Clock:
    """Seconds that pass only when told; the breaker's."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Word(BaseModel):
    """The smallest form."""

    word: str = Field(max_length=4)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeVLLM]:
    with FakeVLLM() as fake:
        yield fake


@pytest.fixture
def fake(server: FakeVLLM) -> FakeVLLM:
    server.reset()
    return server


@pytest.fixture
async def make(fake: FakeVLLM, clock: Clock) -> AsyncIterator[Make]:
    made: list[VLLMChat] = []

    def build(**changes: object) -> VLLMChat:
        made.append(vllm_chat(fake.url, clock=clock, breaker_reset_s=RESET_S, **changes))
        return made[-1]

    yield build
    for chat in made:
        await chat.close()


async def ask(chat: VLLMChat) -> str:
    return "".join([piece async for piece in chat.stream(QUESTION)])


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for another thread's doing."""
    async with asyncio.timeout(LONG_S):
        while not is_true():  # noqa: ASYNC110 it happens in the server's thread
            await asyncio.sleep(0.005)


async def test_an_open_breaker_rejects_every_call_without_a_request(
    make: Make, fake: FakeVLLM
) -> None:
    fake.switches.status = 503
    chat = make(breaker_failures=3)
    for _ in range(3):
        with pytest.raises(ModelUnavailable):
            await ask(chat)
    fake.reset()

    for call in (ask(chat), chat.choose(QUESTION, ["退款"]), chat.structured(QUESTION, Word)):
        with pytest.raises(ModelUnavailable, match="3 failures in a row"):
            await call

    assert not fake.requests
    assert await chat.probe() == ["qwen3-14b"]
    assert not chat.is_available()


async def open_breaker(chat: VLLMChat, fake: FakeVLLM) -> None:
    fake.switches.status = 503
    with pytest.raises(ModelUnavailable):
        await ask(chat)
    fake.reset()


async def test_after_the_reset_time_exactly_one_call_tries_and_closes_it(
    make: Make, fake: FakeVLLM, clock: Clock
) -> None:
    chat = make()
    await open_breaker(chat, fake)
    clock.now_s += RESET_S
    fake.switches.delay_s = SHORT_S

    outcomes = await asyncio.gather(*[ask(chat) for _ in range(4)], return_exceptions=True)

    assert [type(o) for o in outcomes].count(ModelUnavailable) == 3
    assert len(fake.requests) == 1
    assert await ask(chat)


async def test_who_is_rejected_does_not_wait_for_a_slot_first(
    make: Make, fake: FakeVLLM, clock: Clock
) -> None:
    chat = make(concurrency=1)
    await open_breaker(chat, fake)
    clock.now_s += RESET_S

    async with aclosing(chat.stream(QUESTION)) as the_try:
        await anext(the_try)
        with pytest.raises(ModelUnavailable, match="failures in a row"):
            await ask(chat)


async def test_a_cancelled_try_leaves_the_turn_to_the_next(
    make: Make, fake: FakeVLLM, clock: Clock
) -> None:
    chat = make()
    await open_breaker(chat, fake)
    clock.now_s += RESET_S
    fake.switches.is_hanging = True
    call = asyncio.create_task(ask(chat))
    await until(lambda: fake.running == 1)

    call.cancel()
    await asyncio.wait([call])

    fake.reset()
    assert await ask(chat)


async def test_a_cancelled_call_is_no_failure_and_ends_the_request(
    make: Make, fake: FakeVLLM
) -> None:
    fake.switches.is_hanging = True
    chat = make(concurrency=1)
    call = asyncio.create_task(ask(chat))
    await until(lambda: fake.running == 1)

    call.cancel()
    await asyncio.wait([call])

    assert call.cancelled()
    assert chat.is_available()
    await until(lambda: fake.aborted == 1)
    fake.reset()
    assert await ask(chat)


async def test_a_reader_who_stops_ends_the_request_and_frees_the_slot(
    make: Make, fake: FakeVLLM
) -> None:
    fake.switches.token_delay_s = LONG_S
    chat = make(concurrency=1)

    async with aclosing(chat.stream(QUESTION)) as pieces:
        await anext(pieces)

    assert chat.is_available()
    await until(lambda: fake.aborted == 1)
    fake.reset()
    assert await ask(chat)


async def test_never_more_requests_at_once_than_slots(make: Make, fake: FakeVLLM) -> None:
    fake.switches.delay_s = 0.02
    chat = make(concurrency=2)

    await asyncio.gather(*[ask(chat) for _ in range(7)])

    assert fake.peak == 2
    assert fake.finished == 7


async def test_waiting_for_a_slot_counts_as_time_but_not_as_the_servers_failure(
    make: Make, fake: FakeVLLM
) -> None:
    chat = make(concurrency=1)

    async with aclosing(chat.stream(QUESTION)) as pieces:
        await anext(pieces)
        waiting = asyncio.create_task(ask(chat))
        await asyncio.sleep(0.05)
        passes(LONG_S)
        with pytest.raises(ModelUnavailable, match="free slot within 30 s"):
            await waiting

    assert len(fake.requests) == 1
    assert chat.is_available()


async def test_a_timed_out_request_is_given_up_on_the_server_too(
    make: Make, fake: FakeVLLM
) -> None:
    fake.switches.is_hanging = True
    call = asyncio.create_task(ask(make()))
    await until(lambda: fake.running == 1)

    passes(LONG_S)
    with pytest.raises(ModelUnavailable):
        await call

    await until(lambda: fake.aborted == 1)
