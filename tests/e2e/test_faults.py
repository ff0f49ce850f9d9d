"""What customers send and what breaks: the answer stays complete and no message is lost."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from graph.app import Kefu, opened
from graph.context import Context
from graph.setting_groups import LLMSettings
from graph.settings import ROOT
from tests.fakes.chat import ScriptedChat
from tests.fakes.kefu import small_kefu, small_settings
from tests.fakes.vllm import FakeVLLM
from tools.desk.records import InboxMessage
from tools.errors import ConfigError, StoreUnavailable
from ui.runner import Done, NotYours, Runner
from ui.spool import Spool

QUESTION = "支付宝的退款钱多久"  # near enough to be answered, not so near as to be quoted
REFUND = "退款审核通过后，支付宝和微信支付 1-3 个工作日到账，信用卡 5-7 个工作日到账。"
DOWN = "您的消息已经保存"
CONTEXT = Context()
KILL_AFTER_S = 120.0


async def ask(runner: Runner, text: str = QUESTION, **options: Any) -> Done:  # noqa: ANN401
    return await runner.ask(text, **{"thread_id": "th1", "context": CONTEXT, **options})


async def saved(runner: Runner, thread_id: str = "th1") -> list[str]:
    return [m.text for m in await runner.messages(thread_id, context=CONTEXT)]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a database as another program would."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.rollback()


# what customers send


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "长" * 20_000,
        "退款多久\x00到账\x07\x1b[31m？",
        "退款多久到账😀🧧👨‍👩‍👧？",
        "refund 退款 возврат 返金 환불 ‏استرداد‏ 多久？",
        "半个字符\ud83d退款多久到账",
        "{{7*7}} $name ${x} %s <script>alert(1)</script>",
        "';DROP TABLE inbox;--",
    ],
    ids=["empty", "blank", "20,000 characters", "control characters", "emoji", "mixed scripts",
         "lone surrogate", "templates", "SQL"],
)  # fmt: skip
async def test_every_message_gets_an_answer_and_is_kept(
    runner: Runner, kefu: Kefu, text: str
) -> None:
    done = await ask(runner, text, turn_id="t1")

    assert done["text"].strip()
    assert done["reply"]["level"] < 4
    human, ai = await runner.messages("th1", context=CONTEXT)
    assert (human.id, ai.text) == ("t1", done["text"])
    assert len(human.text) == len(text.replace("\x00", ""))
    assert [t["turn_id"] for t in await kefu.services.desk.turns("th1", tenant="default")] == ["t1"]
    assert await kefu.services.desk.waiting() == []


async def test_a_huge_message_does_not_spoil_the_next_turn(runner: Runner) -> None:
    await ask(runner, "长" * 20_000)

    assert (await ask(runner, "退款多久到账？"))["text"] == REFUND


# the model


@pytest.fixture(scope="module")
def server() -> Iterator[FakeVLLM]:
    with FakeVLLM() as fake:
        yield fake


@pytest.fixture
def fake(server: FakeVLLM) -> FakeVLLM:
    server.reset()
    return server


def reach(url: str, **changes: object) -> LLMSettings:
    patient = {"timeout_s": 120.0, "first_token_timeout_s": 60.0, "breaker_failures": 2}
    return LLMSettings(base_url=url, **(patient | changes))  # type: ignore[arg-type]


@pytest.fixture
async def with_model(tmp_path: Path, fake: FakeVLLM) -> AsyncIterator[Runner]:
    async with small_kefu(tmp_path, llm=reach(fake.url)) as kefu:
        yield Runner(kefu)


async def test_a_model_that_answers_is_level_0(with_model: Runner, fake: FakeVLLM) -> None:
    done = await ask(with_model)

    assert done["text"].endswith("[1]")
    assert (done["reply"]["level"], done["reply"]["llm_calls"]) == (0, 1)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    "switches",
    [
        {"status": 503},
        {"status": 404},
        {"delay_s": 60.0},
        {"is_hanging": True},
        {"cut_after": 9},
        {"is_unfinished": True},
        {"is_empty": True},
    ],
    ids=lambda switches: next(iter(switches)),
)
async def test_a_failing_model_leaves_the_customer_a_complete_quote(
    tmp_path: Path, fake: FakeVLLM, switches: dict[str, object]
) -> None:
    for name, value in switches.items():
        setattr(fake.switches, name, value)

    async with small_kefu(tmp_path, llm=reach(fake.url, first_token_timeout_s=0.4)) as kefu:
        done = await ask(Runner(kefu))
        texts = await saved(Runner(kefu))

    assert (done["text"], texts) == (REFUND, [QUESTION, REFUND])
    assert (done["reply"]["action"], done["reply"]["level"]) == ("answer", 2)


async def test_a_model_server_that_is_absent_leaves_a_complete_quote(tmp_path: Path) -> None:
    async with small_kefu(tmp_path, llm=reach("http://127.0.0.1:9/v1")) as kefu:
        done = await ask(Runner(kefu))

    assert (done["text"], done["reply"]["level"]) == (REFUND, 2)


async def test_what_a_dying_model_said_is_replaced_on_the_screen(
    with_model: Runner, fake: FakeVLLM
) -> None:
    fake.switches.replies = ["支付宝 1-3 个工作日到账。信用卡 5-7 个工作日到账。"]
    fake.switches.cut_after = 10
    shown = ""

    async for event in with_model.stream(QUESTION, thread_id="th1", context=CONTEXT):
        if event["kind"] == "reset":
            shown = ""
        elif event["kind"] == "text":
            shown += event["text"]

    assert shown == REFUND


async def test_an_open_breaker_means_level_2_at_once_and_no_request(
    tmp_path: Path, fake: FakeVLLM
) -> None:
    fake.switches.status = 503
    async with small_kefu(tmp_path, llm=reach(fake.url, breaker_failures=1)) as kefu:
        runner = Runner(kefu)
        await ask(runner)
        requests = len(fake.requests)

        done = await ask(runner, thread_id="th2")

    assert (done["text"], done["reply"]["level"]) == (REFUND, 2)
    assert done["reply"]["llm_calls"] == 0
    assert len(fake.requests) == requests == 1


# the stores


async def test_locked_threads_are_told_and_the_message_is_answered_once_they_are_free(
    runner: Runner, tmp_path: Path
) -> None:
    await ask(runner, "你好")
    with locked(tmp_path / "threads.db"):
        done = await ask(runner, "退款多久到账？")

    recovered = await runner.recover(idle_s=0)

    assert DOWN in done["text"]
    assert (done["reply"]["level"], recovered) == (4, 1)
    assert (await saved(runner))[2:] == ["退款多久到账？", REFUND]


async def test_threads_that_turn_read_only_lose_nothing(runner: Runner, kefu: Kefu) -> None:
    await kefu.saver.execute("PRAGMA query_only = 1")
    done = await ask(runner, "退款多久到账？")
    await kefu.saver.execute("PRAGMA query_only = 0")

    assert DOWN in done["text"]
    assert "readonly" not in done["text"]
    assert await runner.recover(idle_s=0) == 1
    assert await saved(runner) == ["退款多久到账？", REFUND]


async def test_a_locked_desk_spools_the_message_and_recovery_answers_it(
    runner: Runner, kefu: Kefu, tmp_path: Path
) -> None:
    with locked(tmp_path / "desk.db"):
        done = await ask(runner, "退款多久到账？", turn_id="t1")
        with pytest.raises(StoreUnavailable):
            await runner.recover(idle_s=0)
        second = await ask(runner, "可以开什么发票？", turn_id="t2")

    recovered = await runner.recover(idle_s=0)

    assert DOWN in done["text"]
    assert DOWN in second["text"]
    assert (done["reply"]["level"], recovered) == (4, 2)
    texts = await saved(runner)
    assert (texts[:2], texts[2]) == (["退款多久到账？", REFUND], "可以开什么发票？")
    turns = await kefu.services.desk.turns("th1", tenant="default")
    assert [t["turn_id"] for t in turns] == ["t1", "t2"]
    assert "spool" not in " ".join(await asyncio.to_thread(os.listdir, tmp_path))
    assert await runner.recover(idle_s=0) == 0


async def test_a_message_that_not_even_the_spool_takes_is_not_said_to_be_kept(
    runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "spool.jsonl").mkdir()  # as with a full disk, it can't be written
    with locked(tmp_path / "desk.db"):
        done = await ask(runner, "退款多久到账？")

    assert DOWN not in done["text"]
    assert "这条消息没有收到" in done["text"]
    assert done["reply"]["level"] == 4


@pytest.mark.parametrize("given", [["u001"], "\ud83d"], ids=["list", "surrogate"])
@pytest.mark.parametrize("name", ["user_id", "region"])
async def test_what_no_store_takes_is_refused_and_blocks_no_recovery(
    runner: Runner, tmp_path: Path, name: str, given: object
) -> None:
    with pytest.raises(ValueError, match=name):
        await ask(runner, "退款多久到账？", context=Context(**{name: given}))  # type: ignore[arg-type]

    assert await runner.recover(idle_s=0) == 0
    assert not (tmp_path / "spool.jsonl").exists()


async def test_a_spool_that_can_not_be_read_is_told_and_tried_again(
    runner: Runner, tmp_path: Path
) -> None:
    with locked(tmp_path / "desk.db"):
        await ask(runner, "退款多久到账？")
    (tmp_path / "spool.taken").mkdir()
    with pytest.raises(StoreUnavailable, match="spool"):
        await runner.recover(idle_s=0)
    (tmp_path / "spool.taken").rmdir()

    assert await runner.recover(idle_s=0) == 1


async def test_half_a_line_in_the_spool_does_not_hold_back_the_others(
    runner: Runner, kefu: Kefu, tmp_path: Path
) -> None:
    with locked(tmp_path / "desk.db"):
        await ask(runner, "退款多久到账？", turn_id="t1")
    spool = tmp_path / "spool.jsonl"
    await asyncio.to_thread(spool.write_text, spool.read_text("utf-8") + '{"turn_id": "t', "utf-8")

    assert await runner.recover(idle_s=0) == 1
    assert (await saved(runner))[-1] == REFUND


async def test_a_threads_file_that_can_not_be_used_is_named_with_advice(tmp_path: Path) -> None:
    (tmp_path / "threads.db").mkdir()

    with pytest.raises(ConfigError, match=r"threads\.db: can't be used"):
        async with opened(small_settings(tmp_path)):
            pass


class Stubborn:
    """A desk of which one method fails a number of times."""

    def __init__(self, desk: object, method: str, times: int) -> None:
        self._desk, self._method, self.times = desk, method, times

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        found: Callable[..., Awaitable[object]] = getattr(self._desk, name)
        if name != self._method or self.times == 0:
            return found
        self.times -= 1

        async def fail(*args: object, **kwargs: object) -> None:
            raise StoreUnavailable("desk: locked")

        return fail


def failing(kefu: Kefu, method: str, times: int = 1) -> Runner:
    desk: Any = Stubborn(kefu.services.desk, method, times)
    return Runner(kefu.with_services(desk=desk))


async def test_a_turn_that_is_saved_but_not_logged_is_only_logged_later(tmp_path: Path) -> None:
    model = ScriptedChat(["支付宝 1-3 个工作日到账[1]。"])
    async with small_kefu(tmp_path, model=model) as kefu:
        runner = failing(kefu, "finish")
        done = await ask(runner, turn_id="t1")
        await ask(runner, "你好", turn_id="t2")

        assert await runner.recover(idle_s=0) == 1
        texts = await saved(runner)
        turns = await kefu.services.desk.turns("th1", tenant="default")

    assert texts[:2] == [QUESTION, done["text"]]
    assert len(texts) == 4
    assert {t["turn_id"]: t["answer"] for t in turns}["t1"] == done["text"]
    model.assert_done()


async def test_what_a_person_was_given_is_not_given_again_because_the_log_failed(
    kefu: Kefu,
) -> None:
    ticket = (await ask(Runner(kefu), "转人工"))["ticket_id"]
    runner = failing(kefu, "finish")
    await ask(runner, "我的包裹破了", turn_id="t2")

    assert await runner.recover(idle_s=0) == 1
    given = await kefu.services.desk.desk_messages(ticket, tenant="default")

    assert [each["text"] for each in given].count("我的包裹破了") == 1


async def test_what_a_person_was_given_is_not_given_again_because_the_thread_was_not_saved(
    kefu: Kefu,
) -> None:
    runner = Runner(kefu)
    ticket = (await ask(runner, "转人工"))["ticket_id"]
    await kefu.saver.execute("PRAGMA query_only = 1")
    await ask(runner, "在吗", turn_id="t2")
    await runner.recover(idle_s=0)

    await kefu.saver.execute("PRAGMA query_only = 0")
    await runner.recover(idle_s=0)
    await ask(runner, "在吗", turn_id="t3")
    given = await kefu.services.desk.desk_messages(ticket, tenant="default")

    assert [each["text"] for each in given] == ["在吗", "在吗"]


async def test_a_desk_that_is_down_at_handoff_promises_nothing(kefu: Kefu) -> None:
    runner = failing(kefu, "open_ticket")

    done = await ask(runner, "转人工")
    again = await ask(runner, "转人工")

    assert "没能接通" in done["text"]
    assert (done["owner"], done["reply"]["level"]) == ("bot", 4)
    assert (again["owner"], again["reply"]["action"]) == ("queue", "handoff")


async def test_a_message_that_fails_every_time_is_given_up_and_kept(kefu: Kefu) -> None:
    runner = failing(kefu, "add_desk_message", 0)
    await kefu.services.desk.receive(
        {"turn_id": "t1", "tenant": "default", "thread_id": "th1", "user_id": "", "channel": "web",
         "text": "退款多久到账？", "locale": "zh", "region": ""}
    )  # fmt: skip
    await kefu.saver.execute("PRAGMA query_only = 1")

    counts = [await runner.recover(idle_s=0) for _ in range(4)]

    assert counts == [1, 1, 0, 0]
    assert await kefu.services.desk.waiting() == []


# crashes


VICTIM = """
import asyncio, sys
from pathlib import Path
from graph.context import Context
from graph.setting_groups import LLMSettings
from tests.fakes.kefu import small_kefu
from ui.runner import Runner

async def main(var: Path, url: str, text: str) -> None:
    llm = LLMSettings(base_url=url, timeout_s=60.0, first_token_timeout_s=60.0)
    async with small_kefu(var, llm=llm) as kefu:
        await Runner(kefu).ask(text, thread_id="th1", context=Context(), turn_id="t1")

asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


async def test_a_message_whose_turn_was_killed_is_answered_exactly_once(
    tmp_path: Path, fake: FakeVLLM
) -> None:
    fake.switches.is_hanging = True
    victim = await asyncio.create_subprocess_exec(
        "env", f"PYTHONPATH={ROOT}", sys.executable, "-c", VICTIM,
        str(tmp_path), fake.url, QUESTION,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(KILL_AFTER_S):
        while not fake.requests:  # noqa: ASYNC110 the server is in another thread
            await asyncio.sleep(0.05)
    victim.kill()
    assert await victim.wait() == -signal.SIGKILL
    fake.reset()

    async with small_kefu(tmp_path, llm=reach(fake.url)) as kefu:
        runner = Runner(kefu)
        recovered = [await runner.recover(idle_s=0) for _ in range(2)]
        messages = await runner.messages("th1", context=CONTEXT)
        turns = await kefu.services.desk.turns("th1", tenant="default")
        waiting = await kefu.services.desk.waiting()

    assert recovered == [1, 0]
    assert [type(m) for m in messages] == [HumanMessage, AIMessage]
    assert (messages[0].id, messages[0].text) == ("t1", QUESTION)
    assert [t["turn_id"] for t in turns] == ["t1"]
    assert (len(fake.requests), waiting) == (1, [])


async def test_a_failed_message_is_answered_late_as_itself_not_as_the_one_after(
    tmp_path: Path,
) -> None:
    model = ScriptedChat([RuntimeError("a bug at 10.0.0.7"), "支付宝 1-3 个工作日到账[1]。"])
    async with small_kefu(tmp_path, model=model) as kefu:
        runner = Runner(kefu)
        done = await ask(runner, turn_id="t1")
        await ask(runner, "你好", turn_id="t2")

        recovered = await runner.recover(idle_s=0)
        texts = await saved(runner)
        turns = await kefu.services.desk.turns("th1", tenant="default")

    assert DOWN in done["text"]
    assert "10.0.0.7" not in done["text"]
    assert recovered == 1
    assert (texts[0], texts[2:]) == ("你好", [QUESTION, "支付宝 1-3 个工作日到账[1]。"])
    assert {t["turn_id"]: t["question"] for t in turns} == {"t1": QUESTION, "t2": "你好"}


# who reads and who writes


async def test_the_turn_goes_on_when_the_reader_leaves(runner: Runner) -> None:
    stream = runner.stream("退款多久到账？", thread_id="th1", context=CONTEXT)

    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    await runner.close()

    assert await saved(runner) == ["退款多久到账？", REFUND]


async def test_messages_sent_at_once_are_all_kept_and_answered_in_order(
    with_model: Runner, fake: FakeVLLM
) -> None:
    fake.switches.delay_s = 0.05
    texts = [f"{QUESTION}{'？' * n}" for n in range(5)]

    ends = await asyncio.gather(*(ask(with_model, text) for text in texts))

    messages = await with_model.messages("th1", context=CONTEXT)
    assert [m.text for m in messages[::2]] == texts
    assert [m.text for m in messages[1::2]] == [end["text"] for end in ends]
    assert fake.peak == 1


async def test_threads_do_not_wait_for_each_other(with_model: Runner, fake: FakeVLLM) -> None:
    fake.switches.delay_s = 0.2

    await asyncio.gather(*(ask(with_model, thread_id=f"th{n}") for n in range(4)))

    assert fake.peak > 1


@pytest.mark.parametrize("is_at_once", [True, False])
async def test_a_message_sent_twice_under_one_id_is_answered_once(
    with_model: Runner, fake: FakeVLLM, is_at_once: bool
) -> None:
    if is_at_once:
        first, second = await asyncio.gather(*(ask(with_model, turn_id="t1") for _ in range(2)))
    else:
        first, second = await ask(with_model, turn_id="t1"), await ask(with_model, turn_id="t1")

    assert first["text"] == second["text"]
    assert first["reply"] == second["reply"]
    assert len(fake.requests) == 1
    assert len(await saved(with_model)) == 2


async def test_another_customers_thread_is_neither_read_nor_written(
    runner: Runner, kefu: Kefu
) -> None:
    await ask(runner, "你好", context=Context(user_id="u001"))

    for stranger in (Context(user_id="u002"), Context()):
        with pytest.raises(NotYours):
            await ask(runner, "我的订单", context=stranger)
        with pytest.raises(NotYours):
            await runner.messages("th1", context=stranger)

    assert len(await runner.messages("th1", context=Context(user_id="u001"))) == 2
    assert await kefu.services.desk.waiting() == []


async def test_while_the_desk_can_not_tell_whose_it_is_nobody_reads_a_thread(kefu: Kefu) -> None:
    await ask(Runner(kefu), "你好", context=Context(user_id="u001"))

    with pytest.raises(StoreUnavailable):
        await failing(kefu, "thread").messages("th1", context=Context(user_id="u002"))


async def test_a_spooled_message_of_a_stranger_is_not_run_in_anothers_thread(
    kefu: Kefu, tmp_path: Path
) -> None:
    runner, owner = Runner(kefu), Context(user_id="u001")
    await ask(runner, "你好", context=owner)
    with locked(tmp_path / "desk.db"):
        done = await ask(failing(kefu, "thread"), "转人工", context=Context(user_id="u002"))

    await runner.recover(idle_s=0)

    assert done["reply"]["level"] == 4
    assert len(await runner.messages("th1", context=owner)) == 2


def spooled(turn_id: str, text: str) -> InboxMessage:
    who = {"turn_id": turn_id, "tenant": "default", "thread_id": "th1", "user_id": "u001"}
    return cast(InboxMessage, {**who, "channel": "web", "text": text, "locale": "zh", "region": ""})


def test_the_spool_is_readable_and_keeps_what_comes_after_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "spool.jsonl"
    path.write_text('{"turn_id": "t0', "utf-8")
    spool = Spool(path)

    spool.keep(spooled("t1", "退款\ud83d"))

    assert "退款" in path.read_text("utf-8")
    assert [m["turn_id"] for m in spool.take() or []] == ["t1"]


def test_the_spool_keeps_line_separators_and_what_comes_after_half_a_character(
    tmp_path: Path,
) -> None:
    path = tmp_path / "spool.jsonl"
    path.write_bytes('{"turn_id": "t0", "text": "退'.encode()[:-1])
    spool = Spool(path)

    spool.keep(spooled("t1", "退款\u2028多久\x85到账"))

    assert [m["text"] for m in spool.take() or []] == ["退款\u2028多久\x85到账"]


@pytest.mark.parametrize("line", ["[]", '"t0"', '{"turn_id": "t0", "text": "退款"}'])
def test_what_is_no_message_does_not_hold_up_those_that_are(tmp_path: Path, line: str) -> None:
    path = tmp_path / "spool.jsonl"
    path.write_text(f"{line}\n", "utf-8")
    spool = Spool(path)

    spool.keep(spooled("t1", "退款"))

    assert [m["turn_id"] for m in spool.take() or []] == ["t1"]


def test_what_an_interrupted_take_has_left_comes_before_what_was_kept_since(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path / "spool.jsonl")
    spool.keep(spooled("t1", "退款"))
    spool.take()
    spool.keep(spooled("t2", "运费"))

    first = Spool(tmp_path / "spool.jsonl").take() or []
    spool.taken()
    then = spool.take() or []

    assert [[m["turn_id"] for m in taken] for taken in (first, then)] == [["t1"], ["t2"]]


def test_a_message_is_given_to_the_disk_before_it_is_said_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spool.jsonl"
    on_disk: list[str] = []
    monkeypatch.setattr("os.fsync", lambda _: on_disk.append(path.read_text("utf-8")))

    assert Spool(path).keep(spooled("t1", "退款"))

    assert "退款" in on_disk[0]
