"""What people do with a conversation, and what becomes of it when a store fails meanwhile."""

import pytest
from langchain_core.messages import AIMessage

from graph.app import Kefu
from graph.context import Context
from tools.desk.desk import Desk
from tools.desk.records import Ticket
from tools.errors import StoreUnavailable
from ui.runner import Runner

LIN, ZHOU = "小林", "小周"


async def asked(runner: Runner, kefu: Kefu, *texts: str) -> Ticket:
    """Return the ticket of a customer who has said this."""
    for text in texts or ("转人工",):
        await runner.ask(text, thread_id="th1", context=Context(user_id="u001"))
    [ticket] = await kefu.services.desk.tickets(tenant="default")
    return ticket


async def heard(runner: Runner) -> list[str]:
    """Return what the customer has read from the desk."""
    messages = (await runner.state("th1"))["messages"]
    return [m.text for m in messages if isinstance(m, AIMessage) and "-reply" not in str(m.id)]


async def test_what_a_person_says_is_in_the_conversation_and_at_the_desk(
    runner: Runner, kefu: Kefu
) -> None:
    ticket = await asked(runner, kefu)
    await runner.take("th1", LIN, tenant="default")

    assert await runner.reply(ticket, "请问订单号？", agent=LIN)

    silent = await runner.ask("运费怎么算？", thread_id="th1", context=Context(user_id="u001"))
    said = await kefu.services.desk.said_in("th1", tenant="default")
    assert (await heard(runner))[-1] == "请问订单号？"
    assert [(m["role"], m["text"]) for m in said] == [
        ("agent", "请问订单号？"),
        ("customer", "运费怎么算？"),
    ]
    assert silent["text"] == ""


async def test_the_list_of_conversations_says_who_has_them(runner: Runner, kefu: Kefu) -> None:
    ticket = await asked(runner, kefu)
    owners = []
    for step in (runner.take("th1", LIN, tenant="default"), runner.end(ticket, agent=LIN)):
        await step
        thread = await kefu.services.desk.thread("th1", tenant="default")
        owners.append(thread and thread["owner"])

    assert owners == ["human", "bot"]


async def test_only_who_has_the_ticket_can_write_and_nobody_once_it_is_closed(
    runner: Runner, kefu: Kefu
) -> None:
    ticket = await asked(runner, kefu)

    before = await runner.reply(ticket, "一", agent=LIN)
    await runner.take("th1", LIN, tenant="default")
    another = await runner.reply(ticket, "二", agent=ZHOU)
    ended = await runner.end(ticket, agent=ZHOU), await runner.end(ticket, agent=LIN)
    after = await runner.reply(ticket, "三", agent=LIN)

    assert (before, another, ended, after) == (False, False, (False, True), False)
    assert await kefu.services.desk.said_in("th1", tenant="default") == []
    assert [text for text in await heard(runner) if text in "一二三"] == []


async def test_another_tenants_ticket_is_nobodys(runner: Runner, kefu: Kefu) -> None:
    ticket = await asked(runner, kefu)
    await runner.take("th1", LIN, tenant="default")

    assert not await runner.reply({**ticket, "tenant": "acme"}, "一", agent=LIN)
    assert not await runner.end({**ticket, "tenant": "acme"}, agent=LIN)


async def test_a_colleague_takes_over_and_the_customer_is_told_each_time(
    runner: Runner, kefu: Kefu
) -> None:
    ticket = await asked(runner, kefu)
    await runner.take("th1", LIN, tenant="default")

    assert not await runner.take("th1", ZHOU, tenant="default", instead_of="小王")
    assert await runner.take("th1", ZHOU, tenant="default", instead_of=LIN)
    assert not await runner.reply(ticket, "还是我", agent=LIN)
    assert await runner.take("th1", LIN, tenant="default", instead_of=ZHOU)

    told = [text for text in await heard(runner) if "已接入" in text]
    assert [LIN in text for text in told] == [True, False, True]


async def test_who_clicks_twice_is_announced_once(runner: Runner, kefu: Kefu) -> None:
    await asked(runner, kefu)
    for _ in range(2):
        assert await runner.take("th1", LIN, tenant="default")
    for _ in range(2):
        assert await runner.take("th1", ZHOU, tenant="default", instead_of=LIN)

    told = [text for text in await heard(runner) if "已接入" in text]
    assert [LIN in text for text in told] == [True, False]


@pytest.mark.parametrize("fails", ["add_desk_message", "touch_thread"])
async def test_what_is_sent_again_after_a_failure_is_not_said_twice(
    runner: Runner, kefu: Kefu, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    ticket = await asked(runner, kefu)
    await runner.take("th1", LIN, tenant="default")
    with monkeypatch.context() as patch:
        patch.setattr(Desk, fails, _down)
        with pytest.raises(StoreUnavailable):
            await runner.reply(ticket, "请问订单号？", agent=LIN)

    await runner.reply(ticket, "请问订单号？", agent=LIN)

    assert (await heard(runner)).count("请问订单号？") == 1
    assert len(await kefu.services.desk.said_in("th1", tenant="default")) == 1


async def test_the_same_words_said_on_purpose_are_said_twice(runner: Runner, kefu: Kefu) -> None:
    ticket = await asked(runner, kefu)
    await runner.take("th1", LIN, tenant="default")

    for _ in range(2):
        await runner.reply(ticket, "在的", agent=LIN)

    assert (await heard(runner))[-2:] == ["在的", "在的"]


async def test_a_ticket_whose_closing_failed_can_be_closed_again(
    runner: Runner, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await asked(runner, kefu)
    await runner.take("th1", LIN, tenant="default")
    with monkeypatch.context() as patch:
        patch.setattr(Desk, "close_ticket", _down)
        with pytest.raises(StoreUnavailable):
            await runner.end(ticket, agent=LIN)

    answered = await runner.ask("运费怎么算？", thread_id="th1", context=Context(user_id="u001"))
    assert answered["text"]  # the customer does not wait for nobody
    assert await runner.end(ticket, agent=LIN)
    assert (await kefu.services.desk.tickets(tenant="default"))[0]["status"] == "closed"


async def test_a_ticket_that_no_conversation_waits_for_is_anybodys_to_close(
    runner: Runner, kefu: Kefu
) -> None:
    desk = kefu.services.desk
    ticket = await desk.open_ticket(
        "elsewhere", tenant="default", user_id="", reason="human", summary=""
    )

    assert not await runner.waits(ticket)
    assert not await runner.take("elsewhere", LIN, tenant="default")
    assert await runner.end(ticket, agent=ZHOU)
    assert await runner.waits(await asked_after(runner, kefu))


async def asked_after(runner: Runner, kefu: Kefu) -> Ticket:
    await runner.ask("转人工", thread_id="th1", context=Context(user_id="u001"))
    [ticket] = await kefu.services.desk.tickets(tenant="default", status="open")
    return ticket


@pytest.mark.parametrize(
    ("said", "is_chinese"),
    [
        (("退款多久到账？", "转人工", "ok"), True),
        (("转人工", "https://shop.example/p/1?a=b"), True),
        (("How long does a refund take?", "human agent please", "13800138000"), False),
    ],
)
async def test_changes_are_told_in_the_language_of_the_conversation(
    runner: Runner, kefu: Kefu, said: tuple[str, ...], is_chinese: bool
) -> None:
    ticket = await asked(runner, kefu, *said)
    await runner.take("th1", "Lin", tenant="default")
    await runner.reply(ticket, "您好，请问您的订单号是多少？" * 30, agent="Lin")
    await runner.end(ticket, agent="Lin")

    joined, _, ended = (await heard(runner))[-3:]
    assert ("已接入" in joined, "继续为您服务" in ended) == (is_chinese, is_chinese)


async def _down(*_: object, **__: object) -> None:
    raise StoreUnavailable("locked")
