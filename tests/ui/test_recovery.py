"""Messages that a crash left unanswered, and those who are here while they are answered."""

import asyncio
from pathlib import Path

import pytest

from graph.app import Kefu
from graph.context import Context
from graph.setting_groups import LLMSettings
from tests.fakes.kefu import small_settings
from tests.fakes.vllm import FakeVLLM
from tools.desk.desk import Desk
from tools.desk.records import InboxMessage, WaitingMessage
from tools.errors import StoreUnavailable
from ui.recovery import AT_ONCE, taken_up
from ui.runner import Runner
from ui.service import service
from ui.spool import Spool
from ui.turn import again

PATIENCE_S = 120.0


def message(turn_id: str, thread_id: str) -> InboxMessage:
    return InboxMessage(
        turn_id=turn_id,
        tenant="default",
        thread_id=thread_id,
        user_id="",
        channel="web",
        text="退款多久到账，和换货比哪个快？",
        locale="zh",
        region="",
    )


async def left(desk: Desk, *messages: InboxMessage) -> list[WaitingMessage]:
    """Keep messages as if the process had died before it could answer them."""
    for each in messages:
        await desk.receive(each)
    return await desk.waiting()


class Runs:
    """Runs that end when they are told to; notes which there were and how many at once."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.going = self.most = 0
        self.may_end = asyncio.Event()

    def __call__(self, waiting: WaitingMessage) -> asyncio.Task[None]:
        return asyncio.create_task(self._run(waiting))

    async def _run(self, waiting: WaitingMessage) -> None:
        self.begun.append(waiting["turn_id"])
        self.going += 1
        self.most = max(self.most, self.going)
        await self.may_end.wait()
        self.going -= 1


async def test_conversations_do_not_wait_for_each_other_up_to_a_limit(kefu: Kefu) -> None:
    desk, runs = kefu.services.desk, Runs()
    many = [message(f"t{number}", f"th{number}") for number in range(3 * AT_ONCE)]
    taking = asyncio.create_task(taken_up(await left(desk, *many), desk, runs))
    while runs.going < AT_ONCE:  # noqa: ASYNC110 the desk answers in a thread
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # for one too many
    runs.may_end.set()
    count = await taking

    assert (count, len(runs.begun), runs.most) == (3 * AT_ONCE, 3 * AT_ONCE, AT_ONCE)


async def test_the_messages_of_a_conversation_keep_their_order(kefu: Kefu) -> None:
    desk, runs = kefu.services.desk, Runs()
    waiting = await left(desk, message("t1", "a"), message("t2", "b"), message("t3", "a"))
    taking = asyncio.create_task(taken_up(waiting, desk, runs))
    while runs.going < 2:  # noqa: ASYNC110 the desk answers in a thread
        await asyncio.sleep(0.01)
    first = sorted(runs.begun)
    runs.may_end.set()
    await taking

    assert (first, sorted(runs.begun)) == (["t1", "t2"], ["t1", "t2", "t3"])
    assert runs.begun.index("t1") < runs.begun.index("t3")


async def test_a_message_is_taken_up_with_all_that_it_came_with(kefu: Kefu) -> None:
    came = message("t1", "a")
    came |= {"user_id": "u001", "channel": "app", "locale": "en", "region": "浙江"}
    context = Context(user_id="u001", channel="app", locale="en", region="浙江")

    (waiting,) = await left(kefu.services.desk, came)

    assert again(waiting) == (came, context)


async def test_what_another_process_has_taken_up_is_left_to_it(kefu: Kefu) -> None:
    desk, runs = kefu.services.desk, Runs()
    runs.may_end.set()
    waiting = await left(desk, message("t1", "a"), message("t2", "b"))
    await desk.claim(waiting[0])

    count = await taken_up(waiting, desk, runs)

    assert (count, runs.begun) == (1, ["t2"])


async def test_a_message_that_the_desk_can_not_note_is_told_when_the_others_were_run(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, runs = kefu.services.desk, Runs()
    runs.may_end.set()
    waiting = await left(desk, message("t1", "a"), message("t2", "b"))
    claim = desk.claim

    async def locked_once(each: WaitingMessage) -> bool:
        if each["turn_id"] == "t1":
            raise StoreUnavailable("locked")
        return await claim(each)

    monkeypatch.setattr(desk, "claim", locked_once)
    with pytest.raises(StoreUnavailable, match="locked"):
        await taken_up(waiting, desk, runs)

    assert (runs.begun, runs.going) == (["t2"], 0)


async def test_at_the_end_of_the_server_what_runs_goes_on_and_nothing_else_begins(
    kefu: Kefu,
) -> None:
    desk, runs = kefu.services.desk, Runs()
    waiting = await left(desk, message("t1", "a"), message("t2", "a"))
    taking = asyncio.create_task(taken_up(waiting, desk, runs))
    while not runs.going:  # noqa: ASYNC110
        await asyncio.sleep(0.01)

    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    runs.may_end.set()
    await asyncio.sleep(0.01)

    assert (runs.begun, runs.going) == (["t1"], 0)


async def test_a_start_does_not_wait_for_a_slow_model_to_answer_what_was_left(
    tmp_path: Path,
) -> None:
    with FakeVLLM() as fake:
        llm = LLMSettings(base_url=fake.url, timeout_s=3600.0, first_token_timeout_s=3600.0)  # type: ignore[arg-type]
        settings = small_settings(tmp_path, llm=llm)
        desk = await Desk.open(settings.desk_address)
        await left(desk, *[message(f"t{number}", f"th{number}") for number in range(3)])
        fake.switches.is_hanging = True

        async with asyncio.timeout(PATIENCE_S), service(settings, lambda *_: None) as started:
            waiting = await desk.waiting()
            fake.switches.is_hanging = False
            while await desk.waiting():  # noqa: ASYNC110
                await asyncio.sleep(0.1)

        await desk.close()
    assert len(waiting) == 3
    assert "3 unanswered messages are taken up" in started.notes


async def test_a_spool_that_can_not_be_removed_is_told_and_loses_nothing(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Spool(tmp_path / "spool.jsonl").keep(message("t1", "a"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        with pytest.raises(StoreUnavailable, match="denied"):
            await runner.recover(idle_s=0)

    assert await runner.recover(idle_s=0) == 1
    assert len(await runner.messages("a", context=Context())) == 2
