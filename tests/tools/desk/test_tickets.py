import asyncio
from collections.abc import Callable

import pytest

from tools.desk.desk import Desk
from tools.desk.records import Clock, Ticket

Advance = Callable[..., None]


async def opened(desk: Desk, thread_id: str = "thread1", *, tenant: str = "acme") -> Ticket:
    return await desk.open_ticket(
        thread_id, tenant=tenant, user_id="li", reason="wants_person", summary="要求退款"
    )


async def test_a_new_ticket_is_open_and_dated(desk: Desk, clock: Clock) -> None:
    ticket = await opened(desk)

    assert ticket["ticket_id"].startswith("T20261122-")
    assert (ticket["status"], ticket["opened_at"]) == ("open", clock())
    assert (ticket["agent"], ticket["taken_at"], ticket["closed_at"]) == ("", None, None)
    assert await desk.ticket(ticket["ticket_id"], tenant="acme") == ticket


async def test_opening_twice_returns_the_ticket_that_is_open(desk: Desk) -> None:
    first, again = await asyncio.gather(opened(desk), opened(desk))

    assert first == again


async def test_opening_while_a_person_has_the_ticket_returns_that_ticket(desk: Desk) -> None:
    ticket = await opened(desk)
    taken = await desk.take_ticket(ticket["ticket_id"], "zhao", tenant="acme")

    assert await opened(desk) == taken


async def test_a_thread_gets_a_new_ticket_after_the_old_one_is_closed(desk: Desk) -> None:
    first = await opened(desk)
    await desk.close_ticket(first["ticket_id"], tenant="acme")

    second = await opened(desk)

    assert second["ticket_id"] != first["ticket_id"]


async def test_only_one_agent_gets_a_ticket(desk: Desk) -> None:
    ticket_id = (await opened(desk))["ticket_id"]

    mine = await desk.take_ticket(ticket_id, "zhao", tenant="acme")
    again = await desk.take_ticket(ticket_id, "zhao", tenant="acme")
    theirs = await desk.take_ticket(ticket_id, "qian", tenant="acme")

    assert mine is not None
    assert (mine["status"], mine["agent"]) == ("taken", "zhao")
    assert again == mine
    assert theirs is None


async def test_a_closed_ticket_stays_closed(desk: Desk, advance: Advance) -> None:
    ticket_id = (await opened(desk))["ticket_id"]
    closed = await desk.close_ticket(ticket_id, tenant="acme")
    advance(hours=1)

    assert closed is not None
    assert closed["status"] == "closed"
    assert await desk.close_ticket(ticket_id, tenant="acme") == closed
    assert await desk.take_ticket(ticket_id, "zhao", tenant="acme") is None


async def test_the_queue_lists_who_waits_longest_first(desk: Desk, advance: Advance) -> None:
    for thread_id in ("a", "b", "c"):
        await opened(desk, thread_id)
        advance(minutes=1)
    first = (await desk.tickets(tenant="acme", status="open"))[0]
    await desk.take_ticket(first["ticket_id"], "zhao", tenant="acme")

    queue = await desk.tickets(tenant="acme", status="open")
    everything = await desk.tickets(tenant="acme")

    assert [ticket["thread_id"] for ticket in queue] == ["b", "c"]
    assert await desk.tickets(tenant="acme", status="open", limit=1) == queue[:1]
    assert [ticket["thread_id"] for ticket in everything] == ["c", "b", "a"]


async def test_messages_of_a_ticket_keep_their_order(desk: Desk) -> None:
    ticket_id = (await opened(desk))["ticket_id"]
    await desk.add_desk_message(ticket_id, "customer", "在吗", tenant="acme")
    await desk.add_desk_message(ticket_id, "agent", "您好,我是小赵", tenant="acme")

    messages = await desk.desk_messages(ticket_id, tenant="acme")

    assert [(one["role"], one["text"]) for one in messages] == [
        ("customer", "在吗"),
        ("agent", "您好,我是小赵"),
    ]


async def test_a_message_that_arrives_as_the_ticket_closes_is_kept(desk: Desk) -> None:
    ticket_id = (await opened(desk))["ticket_id"]
    await desk.close_ticket(ticket_id, tenant="acme")

    assert await desk.add_desk_message(ticket_id, "customer", "等等", tenant="acme")
    assert len(await desk.desk_messages(ticket_id, tenant="acme")) == 1


async def test_tenants_do_not_see_or_touch_each_others_tickets(desk: Desk) -> None:
    ticket_id = (await opened(desk))["ticket_id"]
    await desk.add_desk_message(ticket_id, "customer", "在吗", tenant="acme")

    assert await desk.ticket(ticket_id, tenant="globex") is None
    assert await desk.tickets(tenant="globex") == []
    assert await desk.take_ticket(ticket_id, "mallory", tenant="globex") is None
    assert await desk.close_ticket(ticket_id, tenant="globex") is None
    assert not await desk.add_desk_message(ticket_id, "agent", "嘿", tenant="globex")
    assert await desk.desk_messages(ticket_id, tenant="globex") == []
    assert (await opened(desk, tenant="globex"))["ticket_id"] != ticket_id
    mine = await desk.ticket(ticket_id, tenant="acme")
    assert mine is not None
    assert mine["status"] == "open"


@pytest.mark.parametrize("ticket_id", ["", "T20261122-NOSUCHID", "' OR 1=1 --"])
async def test_unknown_tickets_are_none(desk: Desk, ticket_id: str) -> None:
    await opened(desk)

    assert await desk.ticket(ticket_id, tenant="acme") is None
    assert await desk.close_ticket(ticket_id, tenant="acme") is None


async def test_a_ticket_is_taken_over_only_from_the_colleague_who_has_it(desk: Desk) -> None:
    ticket_id = (await opened(desk))["ticket_id"]
    await desk.take_ticket(ticket_id, "zhao", tenant="acme")

    wrong = await desk.take_ticket(ticket_id, "sun", tenant="acme", instead_of="qian")
    right = await desk.take_ticket(ticket_id, "sun", tenant="acme", instead_of="zhao")

    assert wrong is None
    assert right is not None
    assert right["agent"] == "sun"


async def test_a_conversations_tickets_and_words_come_in_order(desk: Desk) -> None:
    first = (await opened(desk))["ticket_id"]
    await desk.add_desk_message(first, "customer", "一", tenant="acme")
    await desk.close_ticket(first, tenant="acme")
    second = (await opened(desk))["ticket_id"]
    await desk.add_desk_message(second, "agent", "二", tenant="acme")
    await opened(desk, tenant="other")

    tickets = await desk.tickets_of("thread1", tenant="acme")
    said = await desk.said_in("thread1", tenant="acme")

    assert {ticket["ticket_id"] for ticket in tickets} == {first, second}
    assert [message["text"] for message in said] == ["一", "二"]


async def test_the_last_word_is_known_of_every_ticket_that_is_not_closed(desk: Desk) -> None:
    one, two, closed = [(await opened(desk, name))["ticket_id"] for name in ("t1", "t2", "t3")]
    for ticket_id, text in ((one, "一"), (closed, "三"), (one, "二")):
        await desk.add_desk_message(ticket_id, "customer", text, tenant="acme")
    await desk.close_ticket(closed, tenant="acme")

    last = await desk.said_last(tenant="acme")

    assert {name: message["text"] for name, message in last.items()} == {one: "二"}
    assert two not in last
    assert await desk.said_last(tenant="other") == {}


async def test_who_serves_several_tenants_sees_the_tickets_of_these_and_of_no_other(
    desk: Desk,
) -> None:
    names = ("acme", "globex", "initech")
    acme, globex, initech = [(await opened(desk, tenant=name))["ticket_id"] for name in names]
    for name, ticket_id in zip(names, (acme, globex, initech), strict=True):
        await desk.add_desk_message(ticket_id, "customer", name, tenant=name)
    served = ("acme", "initech")

    assert {each["ticket_id"] for each in await desk.tickets(tenant=served)} == {acme, initech}
    assert set(await desk.said_last(tenant=served)) == {acme, initech}
    assert await desk.unclosed(tenant=served) == {"": 2}
    assert await desk.unclosed_elsewhere(served) == 1
    assert await desk.ticket(initech, tenant=served)
    assert await desk.ticket(globex, tenant=served) is None
    assert await desk.tickets(tenant=()) == []
    await desk.close_ticket(globex, tenant="globex")
    assert await desk.unclosed_elsewhere(served) == 0


async def test_all_that_wait_are_counted_and_everybody_finds_their_own(desk: Desk) -> None:
    for number in range(3):
        theirs = await desk.open_ticket(
            f"th{number}", tenant="acme", user_id="", reason="human", summary=""
        )
        await desk.take_ticket(theirs["ticket_id"], ["Lin", "Lin", "Zhou"][number], tenant="acme")
    await desk.open_ticket("waits", tenant="acme", user_id="", reason="human", summary="")

    of_zhou = await desk.tickets(tenant="acme", status="taken", agent="Zhou", limit=1)
    of_others = await desk.tickets(tenant="acme", status="taken", but_of="Zhou")

    assert await desk.unclosed(tenant="acme") == {"": 1, "Lin": 2, "Zhou": 1}
    assert [each["thread_id"] for each in of_zhou] == ["th2"]
    assert {each["agent"] for each in of_others} == {"Lin"}
