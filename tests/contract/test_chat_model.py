"""What every chat model does: the scripted one, vLLM's client on the fake server and on a real one.

The real server may serve random weights, so nothing here depends on what its texts say.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, suppress
from typing import Literal

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, Field

from tests.fakes.chat import ScriptedChat
from tests.fakes.client import vllm_chat
from tests.fakes.vllm import FakeVLLM
from tools.errors import BadReply, ConfigError, CutShort, ModelUnavailable
from tools.llm import ChatModel
from tools.vllm import VLLMChat

QUESTION: list[BaseMessage] = [SystemMessage("你是客服。"), HumanMessage("怎么退款?")]
TOO_LONG: list[BaseMessage] = [HumanMessage("怎么退款?" * 2000)]  # over 4096 tokens
OPTIONS = ["退款", "物流", "发票"]
RATING = '{"intent": "refund", "reason": "", "tags": [], "is_urgent": false}'

Make = Callable[..., ChatModel]
Connect = Callable[..., VLLMChat]


class Rating(BaseModel):
    """A form with the bounds a random model needs."""

    intent: Literal["refund", "other"]
    reason: str = Field(max_length=8)
    tags: list[Literal["a", "b"]] = Field(max_length=2)
    is_urgent: bool


@pytest.fixture(scope="module")
def server() -> Iterator[FakeVLLM]:
    with FakeVLLM(max_model_len=4096) as fake:
        yield fake


@pytest.fixture
def fake(server: FakeVLLM) -> FakeVLLM:
    server.reset()
    return server


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.vllm)])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    """Build a client of a server that answers as vLLM does."""
    made: list[VLLMChat] = []
    url = _url(request)

    def build(**changes: object) -> VLLMChat:
        made.append(vllm_chat(url, **changes))
        return made[-1]

    yield build
    for chat in made:
        await chat.close()


@pytest.fixture(params=["scripted", "fake", pytest.param("real", marks=pytest.mark.vllm)])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Build a model; a server says what it likes, the scripted model needs its outcomes."""
    made: list[ChatModel] = []
    url = "" if request.param == "scripted" else _url(request)

    def build(*outcomes: str | list[str]) -> ChatModel:
        made.append(vllm_chat(url) if url else ScriptedChat(outcomes))
        return made[-1]

    yield build
    for chat in made:
        await chat.close()
        if isinstance(chat, ScriptedChat):
            chat.assert_done()


@pytest.fixture(params=["scripted", "fake"])
async def saying(request: pytest.FixtureRequest, fake: FakeVLLM) -> AsyncIterator[Make]:
    """Build a model that says exactly this."""
    made: list[ChatModel] = []

    def build(*outcomes: str) -> ChatModel:
        fake.switches.replies = list(outcomes)
        is_scripted = request.param == "scripted"
        made.append(ScriptedChat(outcomes) if is_scripted else vllm_chat(fake.url))
        return made[-1]

    yield build
    for chat in made:
        await chat.close()


def _url(request: pytest.FixtureRequest) -> str:
    if request.param == "fake":
        fake: FakeVLLM = request.getfixturevalue("fake")
        return fake.url
    if real := os.environ.get("KEFU_TEST_VLLM"):  # noqa: TID251 the test's own switch
        return real
    pytest.skip("needs a real vLLM server: `make test-vllm`")


async def pieces_of(chat: ChatModel, messages: list[BaseMessage], max_tokens: int) -> list[str]:
    pieces: list[str] = []
    with suppress(CutShort):  # random weights seldom end by themselves
        await read(chat, messages, max_tokens, pieces)
    return pieces


async def read(
    chat: ChatModel, messages: list[BaseMessage], max_tokens: int, into: list[str]
) -> None:
    async for piece in chat.stream(messages, max_tokens=max_tokens):
        into.append(piece)


async def test_streams_text_in_pieces_none_of_them_empty(make: Make) -> None:
    chat = make(["请在", "", "订单页"])

    pieces = await pieces_of(chat, QUESTION, 32)

    assert len(pieces) > 1
    assert all(pieces)


async def test_chooses_one_of_the_options(make: Make) -> None:
    chat = make("物流")

    assert await chat.choose(QUESTION, OPTIONS) in OPTIONS


async def test_answers_in_the_form_asked_for(make: Make) -> None:
    chat = make(RATING)

    rating = await chat.structured(QUESTION, Rating)

    assert rating.intent in ("refund", "other")


async def test_a_reader_may_stop_early(make: Make) -> None:
    chat = make(["请在", "订单页", "点退款"], "退款")

    async with aclosing(chat.stream(QUESTION, max_tokens=200)) as pieces:
        assert await anext(pieces)

    assert chat.is_available()
    assert await chat.choose(QUESTION, OPTIONS) in OPTIONS


async def test_names_the_models_served(make: Make) -> None:
    chat = make()

    assert chat.name in await chat.probe()


async def test_closes_twice(make: Make) -> None:
    chat = make()

    await chat.close()


async def test_says_word_for_word_what_the_model_says(saying: Make) -> None:
    chat = saying("退款三天内到账,以银行为准。[1]")

    assert "".join(await pieces_of(chat, QUESTION, 64)) == "退款三天内到账,以银行为准。[1]"


async def test_a_choice_that_was_not_offered_is_a_bad_reply(saying: Make) -> None:
    chat = saying("我不知道")

    with pytest.raises(BadReply, match="expected one of"):
        await chat.choose(QUESTION, OPTIONS)

    assert chat.is_available()


@pytest.mark.parametrize("reply", ["好的", '{"intent": "refund"', '{"intent": "else"}', "[]"])
async def test_another_form_than_asked_is_a_bad_reply(saying: Make, reply: str) -> None:
    chat = saying(reply)

    with pytest.raises(BadReply, match="Rating"):
        await chat.structured(QUESTION, Rating)

    assert chat.is_available()


async def test_a_form_may_hold_raw_control_characters(saying: Make) -> None:
    chat = saying(RATING.replace('"reason": ""', '"reason": "一\t二\n三"'))

    assert (await chat.structured(QUESTION, Rating)).reason == "一\t二\n三"


@pytest.mark.parametrize("nothing", ["", " \n"])
async def test_an_answer_without_words_is_no_answer(saying: Make, nothing: str) -> None:
    chat = saying(nothing)

    with pytest.raises(ModelUnavailable, match="no words"):
        await pieces_of(chat, QUESTION, 64)


async def test_a_text_cut_at_its_most_tokens_says_so_behind_its_pieces(
    connect: Connect, fake: FakeVLLM
) -> None:
    fake.switches.replies = ["请在订单页申请退款。" * 9]  # a real one needs no telling
    chat, pieces = connect(), list[str]()

    with pytest.raises(CutShort):
        await read(chat, QUESTION, 32, pieces)  # of fewer, random weights may make no word

    assert 0 < len(pieces) <= 32
    assert chat.is_available()


async def test_a_request_that_is_too_long_is_refused_and_the_model_stays_available(
    connect: Connect,
) -> None:
    chat = connect()

    with pytest.raises(BadReply, match="maximum context length is 4096"):
        await pieces_of(chat, TOO_LONG, 8)

    assert chat.is_available()


async def test_an_unknown_model_is_a_wrong_setting(connect: Connect) -> None:
    chat = connect(model="qwen4")

    with pytest.raises(ConfigError, match="`qwen4` does not exist"):
        await chat.choose(QUESTION, OPTIONS)

    assert chat.is_available()


async def test_more_calls_than_slots_are_all_answered(connect: Connect) -> None:
    chat = connect(concurrency=2)

    chosen = await asyncio.gather(*[chat.choose(QUESTION, OPTIONS) for _ in range(6)])

    assert set(chosen) <= set(OPTIONS)


async def test_a_cancelled_call_frees_its_slot_and_is_no_failure(connect: Connect) -> None:
    chat = connect(concurrency=1)
    call = asyncio.create_task(pieces_of(chat, QUESTION, 256))
    await asyncio.sleep(0.05)

    call.cancel()
    await asyncio.wait([call])

    assert chat.is_available()
    assert await chat.choose(QUESTION, OPTIONS) in OPTIONS
