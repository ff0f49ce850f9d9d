import argparse
import asyncio
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from graph.settings import settings
from tests.fakes.kefu import BUSINESS, KNOWLEDGE, small_kefu
from ui import console
from ui.__main__ import main
from ui.runner import Runner

REFUND = "退款审核通过后，支付宝和微信支付 1-3 个工作日到账，信用卡 5-7 个工作日到账。"
METADATA = [
    "thread_id", "turn_id", "action", "confidence", "reason", "intent", "level", "citations",
    "options", "llm_calls", "cached", "took_ms", "first_token_ms",
]  # fmt: skip

Run = Callable[..., "Outcome"]


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `python -m ui …` in this process; keywords are KEFU_ variables."""

    def call(argv: Sequence[str], stdin: str = "", **environment: str) -> Outcome:
        values = {"VAR": str(tmp_path), "KB": str(KNOWLEDGE), "EMBED__KIND": "none"}
        values |= {"BUSINESS": str(BUSINESS), **environment}
        for name, value in values.items():
            monkeypatch.setenv(f"KEFU_{name}", value)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        settings.cache_clear()
        try:
            code = main(argv)
        except SystemExit as exc:
            code = int(exc.code or 0)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.mark.parametrize("argv", [["profile", "u001"], ["ask", "退款多久到账？", "--json"]])
def test_who_stops_reading_gets_no_traceback(
    argv: list[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.close(read)

    with os.fdopen(write, "w") as out:
        monkeypatch.setattr("sys.stdout", out)
        ended = run(argv)

    assert (ended.code, ended.err) == (1, "")


def test_ask_prints_the_answer_and_what_it_rests_on(run: Run) -> None:
    ended = run(["ask", "退款多久到账？"])

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{REFUND}\n")
    assert "[1] 退款多久到账？" in ended.out
    assert "L2" in ended.out


def test_ask_json_prints_one_object_with_all_metadata_and_nothing_else(run: Run) -> None:
    ended = run(["ask", "--json", "--thread", "t1", "退款多久到账？"])

    reply = json.loads(ended.out)
    assert list(reply) == ["text", *METADATA]
    assert ended.out.count("\n") == 1
    assert (reply["text"], reply["thread_id"], reply["action"]) == (REFUND, "t1", "answer")
    assert list(reply["citations"][0]) == ["id", "title", "quote"]


def test_ask_reads_a_long_question_from_standard_input(run: Run) -> None:
    ended = run(["ask", "--json", "-"], stdin="退款多久到账？\n")

    assert json.loads(ended.out)["text"] == REFUND


def test_ask_shows_texts_as_they_are_written(run: Run, tmp_path: Path) -> None:
    answer = "请按 [bold]键 :smile: ，" + "长" * 200 + "。"
    entry = {"id": "odd", "question": "遥控器怎么配对？", "answer": answer}
    knowledge = tmp_path / "odd.jsonl"
    knowledge.write_text(json.dumps(entry, ensure_ascii=False), "utf-8")

    ended = run(["ask", "遥控器怎么配对？"], KB=str(knowledge))

    assert ended.out.startswith(f"{answer}\n")
    assert "😄" not in ended.out


def test_ask_speaks_of_the_signed_in_customers_orders(run: Run) -> None:
    ended = run(["ask", "--json", "--user", "u001", "NZ261121003121 到哪了"])

    assert json.loads(ended.out)["action"] == "act"


def test_ask_does_not_continue_another_customers_thread(run: Run) -> None:
    run(["ask", "--thread", "t1", "--user", "u001", "你好"])

    ended = run(["ask", "--thread", "t1", "--user", "u002", "你好"])

    assert ended.code == 2
    assert "belongs to another customer" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("argv", [["--help"], ["ask", "--help"], ["chat", "--help"]])
def test_help_names_what_can_be_given(run: Run, argv: list[str]) -> None:
    ended = run(argv)

    assert ended.code == 0
    assert ended.out.startswith("usage: python -m ui")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"KB": "/nowhere/kb.jsonl"}, "/nowhere/kb.jsonl"),
        ({"VAR": "/dev/null/var"}, "KEFU_VAR: expected a folder that can be written"),
        ({"PORT": "many"}, "KEFU_PORT"),
        ({"EMBED__KIND": "local"}, "KEFU_EMBED__FOLDER"),
        ({"BUSINESS": "/nowhere"}, "/nowhere"),
        ({"DESK_URL": "mysql://desk"}, "sqlite+aiosqlite"),
    ],
    ids=["knowledge", "var", "port", "embedder", "shop", "desk"],
)
def test_a_setting_that_can_not_be_used_is_named_without_a_traceback(
    run: Run, environment: dict[str, str], words: str
) -> None:
    ended = run(["ask", "你好"], **environment)

    assert ended.code == 2
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_a_name_that_is_no_setting_is_told_and_the_question_answered(run: Run) -> None:
    ended = run(["ask", "退款多久到账？"], LLM_BASE_URL="http://127.0.0.1:1/v1")

    assert ended.code == 0
    told = "KEFU_LLM_BASE_URL is no setting and changes nothing; did you mean KEFU_LLM__BASE_URL?"
    assert told in ended.err


def test_a_bad_line_of_knowledge_is_named_and_the_rest_is_served(run: Run, tmp_path: Path) -> None:
    knowledge = tmp_path / "kb.jsonl"
    knowledge.write_text(KNOWLEDGE.read_text("utf-8") + "{broken\n", "utf-8")

    ended = run(["ask", "退款多久到账？"], KB=str(knowledge))

    assert ended.code == 0
    assert "kb.jsonl:17" in ended.err.replace("\n", "")
    assert REFUND in ended.out


def test_chat_answers_turn_by_turn_in_one_conversation(run: Run) -> None:
    ended = run(["chat"], stdin="电饭煲能煮几杯米？\n它保修多久？\n/quit\n")

    assert ended.code == 0
    assert "电饭煲整机保修 3 年" in ended.out
    assert "再见" in ended.out


def test_chat_says_when_a_person_has_the_thread(run: Run) -> None:
    ended = run(["chat", "--thread", "t1"], stdin="转人工\n在吗\n")

    assert ended.out.count("已转人工，工单 T") == 2


def test_chat_starts_over_when_told_to(run: Run) -> None:
    ended = run(["chat"], stdin="转人工\n/new\n你好\n")

    assert ended.code == 0
    assert "客服助手" in ended.out


def test_chat_in_a_thread_of_another_customer_says_so(run: Run) -> None:
    run(["ask", "--thread", "t1", "--user", "u001", "你好"])

    ended = run(["chat", "--thread", "t1", "--user", "u002"], stdin="你好\n")

    assert ended.code == 2
    assert "belongs to another customer" in ended.err


async def test_chat_shows_what_a_person_says_while_the_customer_types_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, ours = os.pipe()
    stdin = os.fdopen(theirs)
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setattr(console, "LISTEN_S", 0.02)
    args = argparse.Namespace(thread="t1", user="u001", region="")
    out = ""

    async def shows(text: str) -> None:
        nonlocal out
        async with asyncio.timeout(120):
            while text not in out:
                out += capsys.readouterr().out
                await asyncio.sleep(0.02)

    async with small_kefu(tmp_path) as kefu:  # as the desk's own process
        talking = asyncio.create_task(console.chat(args, kefu.settings))
        desk = Runner(kefu)
        os.write(ours, "转人".encode())  # a line may come in pieces
        os.write(ours, "工\n".encode())
        await shows("已转人工，工单")
        [ticket] = await kefu.services.desk.tickets(tenant="default")
        await desk.take("t1", "小林", tenant="default")
        await desk.reply(ticket, "请问[bold]订单号？", agent="小林")
        await shows("人工客服 小林 › 请问[bold]订单号？")
        os.write(ours, b"20261122001\n")
        await shows("relay")
        await desk.end(ticket, agent="小林")
        await shows("智能客服继续为您服务")
        os.close(ours)
        code = await talking
        await desk.close()
    stdin.close()

    assert code == 0
    assert out.count("请问[bold]订单号？") == 1
    assert out.index("小林 已接入") < out.index("请问[bold]")


async def test_chat_reads_what_is_typed_in_the_terminals_own_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, ours = os.pipe()
    os.write(ours, "转人工\n".encode("gb18030"))
    os.close(ours)
    args = argparse.Namespace(thread="t1", user="u001", region="")

    async with small_kefu(tmp_path) as kefu:
        with os.fdopen(theirs, encoding="gb18030") as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            await console.chat(args, kefu.settings)

    assert "已转人工，工单" in capsys.readouterr().out


async def test_chat_ends_where_nothing_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    args = argparse.Namespace(thread="t1", user="u001", region="")

    async with small_kefu(tmp_path) as kefu:
        code = await console.chat(args, kefu.settings)

    assert (code, "再见" in capsys.readouterr().out) == (0, True)


def test_chat_shows_at_its_start_what_a_person_said_since(run: Run, tmp_path: Path) -> None:
    run(["chat", "--thread", "t1"], stdin="转人工\n第一句\n")

    async def answered(*texts: str) -> None:
        async with small_kefu(tmp_path) as kefu:
            desk = Runner(kefu)
            await desk.take("t1", "小林", tenant="default")
            [ticket] = await kefu.services.desk.tickets(tenant="default")
            for text in texts:
                await desk.reply(ticket, text, agent="小林")
            await desk.close()

    asyncio.run(answered("在的", "请说"))
    first = run(["chat", "--thread", "t1"], stdin="好的\n")
    again = run(["chat", "--thread", "t1"])

    assert (
        first.out.index("小林 › 在的") < first.out.index("小林 › 请说") < first.out.index("relay")
    )
    assert "在的" not in again.out
