"""The vLLM client when things go wrong, on the fake server."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from langchain_core.messages import AnyMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from pydantic import BaseModel, Field

from tests.fakes.client import LONG_S, vllm_chat
from tests.fakes.clock import passes
from tests.fakes.vllm import FakeVLLM
from tools.errors import BadReply, ConfigError, CutShort, KefuError, ModelUnavailable
from tools.vllm import VLLMChat

QUESTION: list[AnyMessage] = [HumanMessage("怎么退款?")]
SHORT_S = 0.1

Make = Callable[..., VLLMChat]


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
async def make(fake: FakeVLLM) -> AsyncIterator[Make]:
    made: list[VLLMChat] = []

    def build(**changes: object) -> VLLMChat:
        made.append(vllm_chat(fake.url, **changes))
        return made[-1]

    yield build
    for chat in made:
        await chat.close()


async def ask(chat: VLLMChat) -> str:
    return "".join([piece async for piece in chat.stream(QUESTION)])


async def test_asks_without_thinking_and_with_every_sampling_parameter(
    make: Make, fake: FakeVLLM
) -> None:
    await ask(make(temperature=0.7))

    assert fake.requests.pop() == {
        "model": "qwen3-14b",
        "messages": [{"role": "user", "content": "怎么退款?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 256,
        "temperature": 0.7,
        "top_p": 0.8,
        "top_k": 20,
        "chat_template_kwargs": {"enable_thinking": False},
    }


async def test_a_call_may_ask_for_fewer_tokens(make: Make, fake: FakeVLLM) -> None:
    async with aclosing(make().stream(QUESTION, max_tokens=2)) as pieces:
        assert [await anext(pieces), await anext(pieces)] == ["您好", ",请"]
        with pytest.raises(CutShort):
            await anext(pieces)

    assert fake.requests.pop()["max_completion_tokens"] == 2


async def test_a_choice_is_asked_for_in_the_field_that_vllm_honours(
    make: Make, fake: FakeVLLM
) -> None:
    assert await make().choose(QUESTION, ["物流", "退款"]) == "物流"

    body = fake.requests.pop()
    assert body["structured_outputs"] == {"choice": ["物流", "退款"]}
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert body["temperature"] == 0
    assert "guided_choice" not in body


async def test_a_form_is_asked_for_as_its_json_schema(make: Make, fake: FakeVLLM) -> None:
    assert await make().structured(QUESTION, Word) == Word(word="")

    body = fake.requests.pop()
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Word", "schema": Word.model_json_schema()},
    }
    assert body["temperature"] == 0


async def test_quotes_the_passage_with_the_fake_model(make: Make) -> None:
    prompt = "<资料 编号=1>\n问:怎么退款?\n答:在订单页点退款。三天到账。\n</资料>\n问题:怎么退款"

    pieces = [piece async for piece in make().stream([HumanMessage(prompt)])]

    assert "".join(pieces) == "在订单页点退款。[1]"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_failing_server_is_unavailable_after_one_request(
    make: Make, fake: FakeVLLM, status: int
) -> None:
    fake.switches.status = status
    chat = make()

    with pytest.raises(ModelUnavailable, match=f"HTTP {status}"):
        await ask(chat)

    assert len(fake.requests) == 1
    assert not chat.is_available()


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadReply), (422, BadReply), (401, ConfigError), (403, ConfigError), (404, ConfigError)],
)
async def test_what_the_server_refuses_does_not_open_the_breaker(
    make: Make, fake: FakeVLLM, status: int, error: type[KefuError]
) -> None:
    fake.switches.status = status
    chat = make()

    with pytest.raises(error, match=f"HTTP {status}"):
        await chat.choose(QUESTION, ["退款"])

    assert chat.is_available()


async def test_no_server_at_all_is_unavailable(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    chat = make(base_url=f"http://127.0.0.1:{port}/v1")

    with pytest.raises(ModelUnavailable, match="Connection"):
        await ask(chat)
    with pytest.raises(ModelUnavailable):
        await chat.probe()


@pytest.mark.parametrize("is_choice", [True, False])
async def test_a_first_token_that_does_not_come_is_unavailable(
    make: Make, fake: FakeVLLM, is_choice: bool
) -> None:
    fake.switches.is_hanging = True
    chat = make(first_token_timeout_s=SHORT_S)

    with pytest.raises(ModelUnavailable, match="expected the first token within"):
        await (chat.choose(QUESTION, ["退款"]) if is_choice else ask(chat))

    assert not chat.is_available()


async def test_an_answer_that_does_not_end_is_unavailable_after_its_pieces(
    make: Make, fake: FakeVLLM
) -> None:
    fake.switches.token_delay_s = LONG_S
    pieces = make().stream(QUESTION)

    assert await anext(pieces) == "您好"
    passes(2 * LONG_S)
    with pytest.raises(ModelUnavailable, match="all within 60 s"):
        await anext(pieces)


async def test_an_answer_may_take_longer_than_its_first_token(make: Make, fake: FakeVLLM) -> None:
    fake.switches.token_delay_s = 0.05  # so that each is waited for
    async with aclosing(make().stream(QUESTION)) as pieces:
        said = await anext(pieces)
        passes(1.2 * LONG_S)
        async for piece in pieces:
            said += piece

    assert said == "您好,请问有什么可以帮您?"


@pytest.mark.parametrize("tokens", [0, 3, 100])
async def test_a_connection_cut_before_the_end_is_unavailable(
    make: Make, fake: FakeVLLM, tokens: int
) -> None:
    fake.switches.cut_after = tokens
    chat = make()

    with pytest.raises(ModelUnavailable):
        await ask(chat)

    assert not chat.is_available()


async def test_a_stream_that_ends_without_a_finish_reason_is_unavailable(
    make: Make, fake: FakeVLLM
) -> None:
    fake.switches.is_unfinished = True

    with pytest.raises(ModelUnavailable, match="finish_reason None"):
        await ask(make())


@pytest.mark.parametrize("chunk", ["{", "[]", "7", '{"choices": [{}]}', '{"choices": ["word"]}'])
async def test_a_stream_of_another_form_is_unavailable(
    make: Make, fake: FakeVLLM, chunk: str
) -> None:
    fake.switches.odd_chunk = chunk

    with pytest.raises(ModelUnavailable):
        await ask(make())


async def test_silence_counts_as_failure(make: Make, fake: FakeVLLM) -> None:
    fake.switches.is_empty = True
    chat = make()

    with pytest.raises(ModelUnavailable, match="no words"):
        await ask(chat)

    assert not chat.is_available()


async def test_a_server_without_grammars_gives_bad_replies(make: Make, fake: FakeVLLM) -> None:
    fake.switches.is_unbound = True
    chat = make()

    with pytest.raises(BadReply):
        await chat.choose(QUESTION, ["退款"])
    with pytest.raises(BadReply):
        await chat.structured(QUESTION, Word)

    assert chat.is_available()


async def test_raw_tokens_do_not_reach_the_graphs_message_stream(make: Make) -> None:
    chat = make()

    async def answer(state: MessagesState) -> MessagesState:
        return {"messages": [HumanMessage(await ask(chat))]}

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    start: MessagesState = {"messages": list(QUESTION)}
    stream = builder.compile().astream(start, stream_mode="messages")

    parts: list[Any] = [part async for part in stream]

    assert [message.text for message, _ in parts] == ["您好,请问有什么可以帮您?"]
