"""The desk page while its server and its browser disagree on which ticket is open."""

from collections.abc import Awaitable, Callable

import pytest

from graph.app import Kefu
from graph.context import Context
from tests.fakes.desk_page import Colleague
from tools.desk.desk import Desk
from tools.desk.records import Ticket
from tools.errors import StoreUnavailable
from ui.runner import Runner

Two = Callable[[], Awaitable[tuple[Ticket, Ticket]]]


@pytest.fixture
def two(runner: Runner, kefu: Kefu) -> Two:
    async def waiting() -> tuple[Ticket, Ticket]:
        for thread in ("th1", "th2"):
            await runner.ask("转人工", thread_id=thread, context=Context(user_id=thread))
        first, second = await kefu.services.desk.tickets(tenant="default", status="open")
        return first, second

    return waiting


async def bring_back(page: Colleague, first: Ticket, second: Ticket) -> None:
    """Open a ticket, and the next one before an answer to the first is through."""
    await page.opens(first["ticket_id"])
    was = page.memory, page.shown["seen"]
    await page.opens(second["ticket_id"])
    now = page.memory
    page.shown |= dict(zip(("memory", "seen"), was, strict=True))
    await page.says("晚到的一句")
    page.shown["memory"] = now  # an answer to the customer leaves it alone


async def test_what_a_late_answer_brought_back_is_not_written_to_the_ticket_that_is_open(
    runner: Runner, kefu: Kefu, two: Two
) -> None:
    first, second = await two()
    lin = Colleague(runner, kefu)
    for ticket in (second, first):
        await lin.opens(ticket["ticket_id"])
        await lin.does("take")
    await bring_back(lin, first, second)
    shown = lin.shown["talk"]

    await lin.says("只给第一位<b>")
    refused = lin.shown["note"], lin.shown["talk"]
    await lin.says("给第二位")

    texts = {
        ticket["thread_id"]: [
            each["text"]
            for each in await kefu.services.desk.said_in(ticket["thread_id"], tenant="default")
        ]
        for ticket in (first, second)
    }
    assert first["ticket_id"] in shown
    assert "没有发送" in refused[0]
    assert "只给第一位&lt;b&gt;" in refused[0]
    assert second["ticket_id"] in refused[1]
    assert texts == {first["thread_id"]: ["晚到的一句"], second["thread_id"]: ["给第二位"]}


@pytest.mark.parametrize("act", ["take_over", "end"])
async def test_nor_is_the_open_ticket_taken_or_ended(
    runner: Runner, kefu: Kefu, two: Two, act: str
) -> None:
    first, second = await two()
    lin, zhou = Colleague(runner, kefu), Colleague(runner, kefu, "小周")
    await lin.opens(first["ticket_id"])
    await lin.does("take")
    holder = zhou if act == "take_over" else lin
    await holder.opens(second["ticket_id"])
    await holder.does("take")
    await bring_back(lin, first, second)
    lin.shown["seen"] = {**lin.shown["seen"], "agent": "小周"}

    await lin.does(act)

    ticket = await kefu.services.desk.ticket(second["ticket_id"], tenant="default")
    assert "刚刚换到另一张工单" in lin.shown["note"]
    assert ticket is not None
    assert (ticket["status"], ticket["agent"]) == ("taken", "小周" if holder is zhou else "小林")


async def test_nor_is_somebody_said_to_have_taken_a_ticket_that_waits(
    runner: Runner, kefu: Kefu, two: Two
) -> None:
    first, second = await two()
    lin = Colleague(runner, kefu)
    await lin.opens(first["ticket_id"])
    await lin.does("take")
    await bring_back(lin, first, second)

    await lin.looks()

    assert second["ticket_id"] in lin.shown["talk"]
    assert "接待" not in lin.shown["note"]


async def test_a_ticket_that_can_not_be_read_does_not_become_the_one_that_is_written_to(
    runner: Runner, kefu: Kefu, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await two()
    lin = Colleague(runner, kefu)
    await lin.opens(first["ticket_id"])
    await lin.does("take")
    lin.shown["box"] = "写到一半"

    async def down(*_: object, **__: object) -> None:
        raise StoreUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "tickets", down)
        await lin.opens(second["ticket_id"])
    told, box = lin.shown["note"], lin.shown["box"]
    await lin.says("给第一位")

    said = await kefu.services.desk.said_in(first["thread_id"], tenant="default")
    assert (box, "正在重试" in told) == ("写到一半", True)
    assert [each["text"] for each in said] == ["给第一位"]
