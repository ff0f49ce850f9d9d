import asyncio
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy.exc import IntegrityError

from tools.desk.desk import Desk
from tools.desk.records import Clock, InboxMessage, Turn

Advance = Callable[..., None]
NewMessage = Callable[..., InboxMessage]
NewTurn = Callable[..., Turn]

RECEIVE_AND_HANG = """
import asyncio, json, sys
from tools.desk.desk import Desk

async def main():
    desk = await Desk.open(sys.argv[1])
    await desk.receive(json.loads(sys.argv[2]))
    sys.stdout.write("received\\n")
    sys.stdout.flush()
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_received_message_waits_until_its_turn_is_finished(
    desk: Desk, message: NewMessage, turn: NewTurn
) -> None:
    await desk.receive(message())
    before = await desk.waiting()

    await desk.finish(turn())

    assert [waiting["text"] for waiting in before] == ["我的手机13800138000收不到验证码"]
    assert await desk.waiting() == []


async def test_a_message_survives_kill_9_of_the_process_that_received_it(
    url: str, message: NewMessage
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RECEIVE_AND_HANG,
        url,
        orjson.dumps(message()).decode(),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    said = await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()

    desk = await Desk.open(url)
    waiting = await desk.waiting()
    await desk.close()

    assert said == b"received\n"
    assert {name: waiting[0][name] for name in message()} == message()  # type: ignore[literal-required]


async def test_a_message_sent_twice_is_run_once(
    desk: Desk, message: NewMessage, turn: NewTurn
) -> None:
    is_new = await desk.receive(message())
    is_new_while_waiting = await desk.receive(message())
    await desk.finish(turn())
    is_new_when_done = await desk.receive(message())

    assert (is_new, is_new_while_waiting, is_new_when_done) == (True, False, False)


async def test_a_message_to_another_customers_thread_is_not_kept(
    desk: Desk, message: NewMessage, turn: NewTurn
) -> None:
    await desk.finish(turn("t-before", thread_id="th1", user_id="u001"))

    of = {
        user_id: await desk.receive(message(f"t-{user_id}", thread_id="th1", user_id=user_id))
        for user_id in ("u001", "u002", "")
    }

    assert of == {"u001": True, "u002": False, "": False}
    assert [m["user_id"] for m in await desk.waiting()] == ["u001"]


async def test_a_failed_message_waits_no_more_but_runs_when_it_is_sent_again(
    desk: Desk, message: NewMessage
) -> None:
    await desk.receive(message())
    await desk.fail("turn1", tenant="acme")
    waiting_after_failure = await desk.waiting()

    is_to_be_run = await desk.receive(message())

    assert waiting_after_failure == []
    assert is_to_be_run
    assert [waiting["attempts"] for waiting in await desk.waiting()] == [2]


async def test_failing_a_finished_turn_changes_nothing(
    desk: Desk, message: NewMessage, turn: NewTurn
) -> None:
    await desk.receive(message())
    await desk.finish(turn())

    await desk.fail("turn1", tenant="acme")

    assert not await desk.receive(message())


async def test_only_one_of_two_workers_may_claim_a_waiting_message(
    desk: Desk, message: NewMessage
) -> None:
    await desk.receive(message())
    [waiting] = await desk.waiting()

    claims = await asyncio.gather(desk.claim(waiting), desk.claim(waiting))

    assert sorted(claims) == [False, True]
    assert [again["attempts"] for again in await desk.waiting()] == [2]


async def test_a_claim_does_not_touch_a_message_of_another_tenant(
    desk: Desk, message: NewMessage
) -> None:
    await desk.receive(message(tenant="acme"))
    await desk.receive(message(tenant="globex"))
    [waiting] = [one for one in await desk.waiting() if one["tenant"] == "acme"]

    await desk.claim(waiting)

    attempts = {one["tenant"]: one["attempts"] for one in await desk.waiting()}
    assert attempts == {"acme": 2, "globex": 1}


async def test_messages_that_another_worker_may_still_work_on_are_left_alone(
    desk: Desk, message: NewMessage, advance: Advance
) -> None:
    await desk.receive(message("old"))
    advance(seconds=90)
    await desk.receive(message("new"))

    waiting = await desk.waiting(idle_s=60)

    assert [one["turn_id"] for one in waiting] == ["old"]


async def test_a_clock_that_was_put_back_holds_no_message_back_at_a_start(
    desk: Desk, message: NewMessage, advance: Advance
) -> None:
    await desk.receive(message("killed"))
    advance(seconds=-3600)

    assert [one["turn_id"] for one in await desk.waiting()] == ["killed"]


async def test_waiting_messages_come_oldest_first(
    desk: Desk, message: NewMessage, advance: Advance
) -> None:
    for turn_id in ("c", "a", "b"):
        await desk.receive(message(turn_id))
        advance(seconds=1)

    assert [one["turn_id"] for one in await desk.waiting()] == ["c", "a", "b"]


async def test_a_finished_turn_is_read_back_as_it_was_logged(
    desk: Desk, turn: NewTurn, clock: Clock
) -> None:
    await desk.finish(turn())

    assert await desk.turns("thread1", tenant="acme") == [{**turn(), "at": clock()}]


async def test_the_log_of_a_thread_comes_oldest_first(
    desk: Desk, turn: NewTurn, advance: Advance
) -> None:
    for turn_id in ("b", "a"):
        await desk.finish(turn(turn_id))
        advance(seconds=1)

    logged = await desk.turns("thread1", tenant="acme")

    assert [one["turn_id"] for one in logged] == ["b", "a"]


async def test_finishing_a_turn_twice_logs_it_once(desk: Desk, turn: NewTurn) -> None:
    await desk.finish(turn())
    await desk.finish(turn(answer="另一个回答"))

    logged = await desk.turns("thread1", tenant="acme")

    assert [one["answer"] for one in logged] == ["请检查短信拦截。"]


async def test_finish_does_all_or_nothing(desk: Desk, message: NewMessage, turn: NewTurn) -> None:
    await desk.receive(message())
    unstorable = turn(owner=None)

    with pytest.raises((sqlite3.IntegrityError, IntegrityError)):
        await desk.finish(unstorable)

    assert await desk.turns("thread1", tenant="acme") == []
    assert len(await desk.waiting()) == 1


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_raw_text_of_a_message_is_gone_when_its_turn_is_done(
    desk: Desk, message: NewMessage, turn: NewTurn, tmp_path: Path
) -> None:
    await desk.receive(message())
    await desk.finish(turn())
    await desk.close()

    connection = sqlite3.connect(tmp_path / "desk.db")
    texts = connection.execute("SELECT text, status FROM inbox").fetchall()
    connection.close()

    assert texts == [("", "done")]


async def test_threads_are_listed_latest_first_with_their_first_question(
    desk: Desk, turn: NewTurn, advance: Advance
) -> None:
    for turn_id, thread_id, question in (
        ("1", "thread1", "怎么退款"),
        ("2", "thread2", "怎么开发票"),
        ("3", "thread1", "多久到账"),
    ):
        await desk.finish(turn(turn_id, thread_id=thread_id, question=question))
        advance(seconds=1)

    listed = await desk.threads("li", tenant="acme")

    assert [thread["title"] for thread in listed] == ["怎么退款", "怎么开发票"]
    assert len(await desk.threads("li", tenant="acme", limit=1)) == 1


async def test_the_title_of_a_thread_is_the_start_of_a_long_question(
    desk: Desk, turn: NewTurn
) -> None:
    await desk.finish(turn(question="怎么退款呢" * 100))

    [thread] = await desk.threads("li", tenant="acme")

    assert thread["title"] == "怎么退款呢" * 8


async def test_visitors_who_are_not_signed_in_see_no_earlier_threads(
    desk: Desk, turn: NewTurn
) -> None:
    await desk.finish(turn(user_id=""))

    assert await desk.threads("", tenant="acme") == []
    assert await desk.threads_of("", tenant="acme") == []


async def test_a_thread_gets_its_customer_at_sign_in_and_keeps_them(
    desk: Desk, turn: NewTurn
) -> None:
    for turn_id, user_id in (("1", ""), ("2", "li"), ("3", "wang")):
        await desk.finish(turn(turn_id, user_id=user_id))

    thread = await desk.thread("thread1", tenant="acme")

    assert thread is not None
    assert thread["user_id"] == "li"


async def test_touching_a_thread_changes_its_owner_and_moves_it_up(
    desk: Desk, turn: NewTurn, clock: Clock, advance: Advance
) -> None:
    await desk.finish(turn())
    advance(minutes=5)

    await desk.touch_thread("thread1", tenant="acme", owner="human")

    thread = await desk.thread("thread1", tenant="acme")
    assert thread is not None
    assert (thread["owner"], thread["title"]) == ("human", "我的手机[电话]收不到验证码")
    assert thread["updated_at"] == clock()
    assert thread["created_at"] < clock()


async def test_tenants_do_not_see_each_others_conversations(
    desk: Desk, message: NewMessage, turn: NewTurn
) -> None:
    await desk.receive(message("turn1"))
    await desk.receive(message("turn1", tenant="globex"))
    await desk.finish(turn(answer="acme 的回答"))
    await desk.finish(turn("turn2", tenant="globex", answer="globex 的回答"))

    assert [one["tenant"] for one in await desk.waiting()] == ["globex"]
    logged = await desk.turns("thread1", tenant="globex")
    assert [one["answer"] for one in logged] == ["globex 的回答"]
    assert [one["tenant"] for one in await desk.threads("li", tenant="acme")] == ["acme"]
    assert await desk.thread("thread1", tenant="initech") is None


async def test_many_turns_at_once_are_all_logged(
    desk: Desk, message: NewMessage, turn: NewTurn
) -> None:
    async def one(turn_id: str) -> None:
        await desk.receive(message(turn_id))
        await desk.turns("thread1", tenant="acme")
        await desk.finish(turn(turn_id))

    await asyncio.gather(*(one(str(number)) for number in range(60)))

    assert len(await desk.turns("thread1", tenant="acme")) == 60
    assert await desk.waiting() == []


async def test_a_cancelled_call_leaves_the_desk_usable(desk: Desk, turn: NewTurn) -> None:
    tasks = [asyncio.create_task(desk.finish(turn(str(number)))) for number in range(8)]
    await asyncio.sleep(0.002)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    await desk.finish(turn("after"))

    logged = await desk.turns("thread1", tenant="acme")
    assert "after" in [one["turn_id"] for one in logged]
