"""What a model server may do to an answer: each has one outcome, and no turn is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from graph.context import Context
from graph.setting_groups import LLMSettings
from tests.fakes.kefu import small_kefu
from tests.fakes.vllm import FakeVLLM
from ui.runner import Runner

QUESTION = "支付宝的退款钱多久"  # near enough to be answered, not so near as to be quoted
REFUND = "退款审核通过后，支付宝和微信支付 1-3 个工作日到账，信用卡 5-7 个工作日到账。"
TRUE = "支付宝 1-3 个工作日到账[1]。"
PATIENT: dict[str, object] = {"timeout_s": 120.0, "first_token_timeout_s": 60.0}
HASTY: dict[str, object] = {"timeout_s": 2.0, "first_token_timeout_s": 1.0}


@pytest.fixture(scope="module")
def server() -> Iterator[FakeVLLM]:
    with FakeVLLM() as fake:
        yield fake


class Turn(NamedTuple):
    text: str
    shown: str
    level: int
    calls: int


async def turn(folder: Path, server: FakeVLLM, *replies: str, **switches: object) -> Turn:
    """Ask once; the model gives `replies` one after the other, `switches` say how."""
    is_slow = any(name.endswith("delay_s") for name in switches)
    server.reset()
    server.switches.replies = list(replies)
    for name, value in switches.items():
        setattr(server.switches, name, value)
    llm = LLMSettings(base_url=server.url, **(HASTY if is_slow else PATIENT))  # type: ignore[arg-type]
    shown, done = "", None
    async with small_kefu(folder, llm=llm) as kefu:
        runner = Runner(kefu)
        async for event in runner.stream(QUESTION, thread_id="th1", context=Context()):
            if event["kind"] == "reset":
                shown = ""
            elif event["kind"] == "text":
                shown += event["text"]
            elif event["kind"] == "done":
                done = event
        saved = await runner.messages("th1", context=Context())
    assert done is not None
    assert [message.text for message in saved] == [QUESTION, done["text"]]
    return Turn(done["text"], shown, done["reply"]["level"], done["reply"]["llm_calls"])


@pytest.mark.parametrize(
    "reply",
    [
        "Refunds to Alipay take one to three working days after review.",
        "支付宝 1-3 个工作日到账[9]。",
        '工具调用：<tool_call>\n{"name": "refund", "arguments": {}}\n</tool_call>',
        '{"name": "refund_request", "arguments": {"order": 1}}',
        "我的规则是：只用 <资料> 里写明的内容。",
        "不要说已经或将要替顾客办理任何事，这是我的规则。",
        "<|im_start|>assistant",
        "支付宝" * 5000,
        "<think>\n顾客问的是支付宝，资料里写了 1-3 个工作日",
    ],
    ids=[
        "foreign language",
        "passage 9 of 3",
        "tool call",
        "tool call as JSON",
        "leaks a tag",
        "leaks a rule",
        "template mark",
        "no end of a sentence",
        "a thought without an end",
    ],
)
async def test_what_is_no_answer_twice_is_quoted(
    tmp_path: Path, server: FakeVLLM, reply: str
) -> None:
    got = await turn(tmp_path, server, reply, reply)

    assert (got.text, got.shown, got.level) == (REFUND, REFUND, 0 if got.calls == 2 else 2)


@pytest.mark.parametrize(
    "reply",
    [
        f"<think>\n顾客问支付宝，资料 [1] 写了 1-3 个工作日，也许 2 天。\n</think>\n\n{TRUE}",
        f"<think>\n\n</think>\n\n{TRUE}",
        TRUE * 400,
        f"{TRUE}\n" * 400,
        TRUE + "信用卡 5-7 个工作日到账[1]。" * 300,
    ],
    ids=["thought", "empty thought", "one for ever", "one a line", "the second for ever"],
)
async def test_what_surrounds_a_true_answer_is_left_out(
    tmp_path: Path, server: FakeVLLM, reply: str
) -> None:
    got = await turn(tmp_path, server, reply)

    assert got.text == got.shown
    assert got.text.strip() in (TRUE, f"{TRUE}信用卡 5-7 个工作日到账[1]。")
    assert (got.level, got.calls) == (0, 1)


@pytest.mark.parametrize(
    ("reply", "tokens"),
    [
        ("支付宝 1-3 个工作日到账[1]。信用卡 5-7 个工作日到账[1]。", 15),
        ("| 方式 | 到账 |\n|---|---|\n| 支付宝 | 1-3 个工作日 |\n| 信用卡 | 5-7 个工作日 |", 22),
        ("请运行：\n```\nrefund --alipay\n```\n", 9),
    ],
    ids=["in a number", "in a table", "in a code block"],
)
async def test_a_stream_that_is_cut_leaves_the_quote_alone(
    tmp_path: Path, server: FakeVLLM, reply: str, tokens: int
) -> None:
    got = await turn(tmp_path, server, reply, cut_after=tokens)

    assert got[:3] == (REFUND, REFUND, 2)


@pytest.mark.parametrize(
    "switches",
    [
        {"is_only_thinking": True},
        {"status": 429, "retry_after_s": 60},
        {"delay_s": 60.0},
        {"token_delay_s": 60.0},
    ],
    ids=["reasoning only", "429 with Retry-After", "slow first token", "slow tokens"],
)
async def test_a_server_that_does_not_answer_in_time_leaves_the_quote(
    tmp_path: Path, server: FakeVLLM, switches: dict[str, object]
) -> None:
    got = await turn(tmp_path, server, TRUE * 2, **switches)

    assert got[:3] == (REFUND, REFUND, 2)


async def test_a_connection_that_drops_after_a_finished_answer_costs_nothing(
    tmp_path: Path, server: FakeVLLM
) -> None:
    got = await turn(tmp_path, server, TRUE, is_dropped=True)

    assert got == (TRUE, TRUE, 0, 1)


async def test_an_answer_cut_at_its_most_tokens_ends_with_a_whole_sentence(
    tmp_path: Path, server: FakeVLLM
) -> None:
    """The most are 512 tokens; the fake's are two characters long."""
    said = [f"支付宝 1-3 个工作日到账，这是第 {n} 遍[1]。" for n in "一二三四五六七八九十"]
    reply = "".join(f"{''.join(said)}{mark}" for mark in "哦嗯啊呀呢")

    got = await turn(tmp_path, server, reply)

    assert got.text == got.shown
    assert got.text.endswith(("。", REFUND))


OTHER = "信用卡 5-7 个工作日到账[1]。"
ROWS = "| 方式 | 到账 |\n|---|---|\n"


@pytest.mark.parametrize("finish", ["length", "content_filter", "repetition"])
@pytest.mark.parametrize(
    ("reply", "left"),
    [
        (TRUE, TRUE),
        (TRUE + "信用卡 5-7 个工作日到账。[", TRUE + "信用卡 5-7 个工作日到账。"),
        (TRUE + "信用卡 5-7 个工作日到账[", TRUE),
        (TRUE + "信用卡 5-", TRUE),
        (TRUE + "满 1,0", TRUE),
        (f"- {TRUE}\n- 信用卡 5-7 个", f"- {TRUE}"),
        (f"1. {TRUE}\n2.", f"1. {TRUE}"),
        (f"{ROWS}| 支付宝 | 1-3 个工作日 |\n| 信用卡", f"{ROWS}| 支付宝 | 1-3 个工作日 |"),
    ],
    ids=["stop", "mark", "mark before stop", "range", "number", "list", "numbered", "table"],
)
async def test_a_text_that_is_cut_keeps_its_whole_sentences(
    tmp_path: Path, server: FakeVLLM, reply: str, left: str, finish: str
) -> None:
    got = await turn(tmp_path, server, reply, finish=finish)

    assert got.text == left
    assert got.shown.rstrip() == left
    assert (got.level, got.calls) == (0, 1)


@pytest.mark.parametrize(
    "reply",
    [
        "支付宝 1-3 个工作日到账[1",
        "支付宝 1-",
        "到账时间如下：\n- 支付宝",
        "到账时间如下：\n\n",
        ROWS,
    ],
    ids=["in a mark", "in a number", "a list's first item", "before a list", "a table's head"],
)
async def test_a_cut_text_that_says_nothing_whole_is_asked_for_again_then_quoted(
    tmp_path: Path, server: FakeVLLM, reply: str
) -> None:
    got = await turn(tmp_path, server, reply, reply, finish="length")

    assert got == (REFUND, REFUND, 0, 2)


@pytest.mark.parametrize("finish", ["stop", "tool_calls"])
async def test_a_last_line_without_a_stop_is_whole_where_the_model_ended_it(
    tmp_path: Path, server: FakeVLLM, finish: str
) -> None:
    got = await turn(tmp_path, server, TRUE + OTHER.rstrip("。"), finish=finish)

    assert got == (TRUE + OTHER.rstrip("。"), TRUE + OTHER.rstrip("。"), 0, 1)


async def test_a_server_that_never_says_how_it_ended_leaves_the_quote(
    tmp_path: Path, server: FakeVLLM
) -> None:
    got = await turn(tmp_path, server, TRUE, is_unfinished=True)

    assert got[:3] == (REFUND, REFUND, 2)


@pytest.mark.parametrize("is_empty", [True, False], ids=["empty", "blank"])
async def test_an_answer_without_words_leaves_the_quote(
    tmp_path: Path, server: FakeVLLM, is_empty: bool
) -> None:
    got = await turn(tmp_path, server, " \n\n ", is_empty=is_empty)

    assert got[:3] == (REFUND, REFUND, 2)
