from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tools.desk.desk import Desk
from tools.desk.records import Clock, InboxMessage, Turn

Advance = Callable[..., None]
Leave = Callable[..., Awaitable[None]]
NewMessage = Callable[..., InboxMessage]
NewTurn = Callable[..., Turn]

EVERYTHING = {
    "inbox": 2,
    "turns": 1,
    "desk_messages": 1,
    "tickets": 1,
    "feedback": 1,
    "gaps": 1,
    "app_threads": 1,
    "threads": 1,
}  # rows that `leave_traces` leaves


@pytest.fixture
def leave_traces(message: NewMessage, turn: NewTurn) -> Leave:
    async def leave(
        desk: Desk, *, tenant: str = "acme", user_id: str, thread_id: str, turn_id: str
    ) -> None:
        whose = {"tenant": tenant, "user_id": user_id, "thread_id": thread_id}
        secret = f"secret-{turn_id}"
        await desk.add_app_thread(**whose, app="shop", metadata={"note": secret})
        await desk.receive(message(turn_id, **whose, text=secret))
        await desk.finish(turn(turn_id, **whose, question=secret))
        await desk.receive(message(f"{turn_id}b", **whose, text=secret))
        ticket = await desk.open_ticket(**whose, reason="wants_person", summary=secret)
        await desk.add_desk_message(ticket["ticket_id"], "customer", secret, tenant=tenant)
        await desk.add_feedback(turn_id, tenant=tenant, score=-1, comment=secret)
        await desk.add_gap(secret, "nothing", **whose)

    return leave


def traces(folder: Path, secret: str) -> list[str]:
    return [file.name for file in folder.iterdir() if secret.encode() in file.read_bytes()]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_forgetting_erases_everything_of_the_customer_down_to_the_bytes(
    desk: Desk, leave_traces: Leave, tmp_path: Path
) -> None:
    await leave_traces(desk, user_id="li", thread_id="thread1", turn_id="t1")
    before = traces(tmp_path, "secret-t1")

    erased = await desk.forget("li", tenant="acme")

    assert before != []
    assert erased == EVERYTHING
    assert traces(tmp_path, "secret-t1") == []


async def test_forgetting_erases_nothing_of_others(desk: Desk, leave_traces: Leave) -> None:
    await leave_traces(desk, user_id="li", thread_id="thread1", turn_id="t1")
    await leave_traces(desk, user_id="wang", thread_id="thread2", turn_id="t2")
    await leave_traces(desk, tenant="globex", user_id="li", thread_id="thread1", turn_id="t3")
    await leave_traces(desk, user_id="", thread_id="thread4", turn_id="t4")

    await desk.forget("li", tenant="acme")

    for tenant, thread_id in (("acme", "thread2"), ("globex", "thread1"), ("acme", "thread4")):
        left = await desk.forget_thread(thread_id, tenant=tenant)
        assert left == EVERYTHING


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_forgetting_includes_what_was_written_before_signing_in(
    desk: Desk, leave_traces: Leave, turn: NewTurn, tmp_path: Path
) -> None:
    await leave_traces(desk, user_id="", thread_id="thread1", turn_id="t1")
    await desk.finish(turn("t2", user_id="li", thread_id="thread1"))

    erased = await desk.forget("li", tenant="acme")

    assert erased["turns"] == 2
    assert traces(tmp_path, "secret-t1") == []


async def test_forgetting_spares_visitors_of_a_thread_that_is_the_customers_elsewhere(
    desk: Desk, turn: NewTurn
) -> None:
    await desk.finish(turn("t1", tenant="acme", user_id=""))
    await desk.finish(turn("t2", tenant="globex", user_id="li"))

    await desk.forget("li", tenant="acme")

    assert len(await desk.turns("thread1", tenant="acme")) == 1


async def test_forgetting_spares_a_second_customer_in_the_same_thread(
    desk: Desk, turn: NewTurn
) -> None:
    await desk.finish(turn("t1", user_id="li"))
    await desk.finish(turn("t2", user_id="wang"))

    await desk.forget("li", tenant="acme")

    left = await desk.turns("thread1", tenant="acme")
    assert [one["user_id"] for one in left] == ["wang"]


async def test_forgetting_a_thread_spares_other_threads_and_tenants(
    desk: Desk, leave_traces: Leave
) -> None:
    await leave_traces(desk, user_id="li", thread_id="thread1", turn_id="t1")
    await leave_traces(desk, user_id="li", thread_id="thread2", turn_id="t2")
    await leave_traces(desk, tenant="globex", user_id="li", thread_id="thread1", turn_id="t3")

    await desk.forget_thread("thread1", tenant="acme")

    assert await desk.turns("thread1", tenant="acme") == []
    assert len(await desk.turns("thread2", tenant="acme")) == 1
    assert len(await desk.turns("thread1", tenant="globex")) == 1


async def test_forgetting_nobody_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="expected a user id"):
        await desk.forget("", tenant="acme")


async def test_retention_erases_what_is_old_and_settled(
    desk: Desk, leave_traces: Leave, clock: Clock, advance: Advance
) -> None:
    await leave_traces(desk, user_id="li", thread_id="thread1", turn_id="t1")
    [ticket] = await desk.tickets(tenant="acme")
    await desk.close_ticket(ticket["ticket_id"], tenant="acme")
    await desk.fail("t1b", tenant="acme")
    advance(days=40)
    await leave_traces(desk, user_id="li", thread_id="thread2", turn_id="t2")

    erased = await desk.purge(clock() - timedelta(days=30), tenant="acme")

    assert erased == EVERYTHING
    assert len(await desk.turns("thread2", tenant="acme")) == 1


async def test_retention_spares_what_is_recent_and_other_tenants(
    desk: Desk, leave_traces: Leave, clock: Clock, advance: Advance
) -> None:
    for tenant in ("acme", "globex"):
        await leave_traces(
            desk, tenant=tenant, user_id="li", thread_id="thread1", turn_id=f"t-{tenant}"
        )
        [ticket] = await desk.tickets(tenant=tenant)
        await desk.close_ticket(ticket["ticket_id"], tenant=tenant)
        await desk.fail(f"t-{tenant}b", tenant=tenant)

    erased_now = await desk.purge(clock(), tenant="acme")
    advance(days=40)
    await desk.purge(clock(), tenant="acme")

    assert set(erased_now.values()) == {0}
    left = await desk.forget("li", tenant="globex")
    assert left == EVERYTHING


async def test_retention_spares_waiting_messages_and_unclosed_tickets(
    desk: Desk, leave_traces: Leave, clock: Clock, advance: Advance
) -> None:
    await leave_traces(desk, user_id="li", thread_id="thread1", turn_id="t1")
    advance(days=40)

    erased = await desk.purge(clock(), tenant="acme")

    assert (erased["tickets"], erased["desk_messages"], erased["threads"]) == (0, 0, 0)
    assert [one["turn_id"] for one in await desk.waiting()] == ["t1b"]


async def test_retention_spares_a_conversation_in_which_a_message_waits(
    desk: Desk, leave_traces: Leave, clock: Clock, advance: Advance
) -> None:
    await leave_traces(desk, user_id="li", thread_id="thread1", turn_id="t1")
    [ticket] = await desk.tickets(tenant="acme")
    await desk.close_ticket(ticket["ticket_id"], tenant="acme")
    advance(days=40)

    doomed = await desk.threads_before(clock(), tenant="acme")
    erased = await desk.purge(clock(), tenant="acme")

    assert (doomed, erased["threads"]) == ([], 0)


async def test_a_conversation_of_which_only_a_message_given_up_is_left_is_old_some_day(
    desk: Desk, leave_traces: Leave, message: NewMessage, clock: Clock, advance: Advance
) -> None:
    await leave_traces(desk, user_id="li", thread_id="other", turn_id="t0", tenant="globex")
    await desk.receive(message("t1", thread_id="lost"))
    waits = await desk.threads_before(clock() + timedelta(days=1), tenant="acme")
    await desk.fail("t1", tenant="acme")
    advance(days=40)

    before = clock() - timedelta(days=30)

    assert waits == []
    assert await desk.threads_before(before, tenant="acme") == ["lost"]
    await desk.receive(message("t2", thread_id="lost"))
    await desk.fail("t2", tenant="acme")
    assert await desk.threads_before(before, tenant="acme") == []
