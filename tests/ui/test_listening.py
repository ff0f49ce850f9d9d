"""What a customer's page shows of the people at the desk."""

import gradio as gr
import pytest

from graph.app import Kefu
from tests.fakes.chat_page import said, visited
from tools.desk.records import Ticket
from tools.errors import StoreUnavailable
from ui.chat_events import ChatEvents
from ui.listening import Listening
from ui.page import UNCHANGED, Page, Update, lay_out
from ui.runner import Runner
from ui.session import Session
from ui.threads import Threads

LIN = "小林"


@pytest.fixture
async def page() -> Page:
    with gr.Blocks():
        return lay_out("zh")


async def wished(runner: Runner, kefu: Kefu, page: Page) -> tuple[Update, Ticket]:
    """Return the page of a customer who has asked for a person, and the ticket they took."""
    update = await said(ChatEvents(runner, kefu, page), "转人工", None, "", None)
    session: Session = update[page.session]
    await runner.take(session["thread_id"], LIN, tenant="default")
    [ticket] = await kefu.services.desk.tickets(tenant="default")
    return update, ticket


def told(update: Update, page: Page) -> list[str]:
    """Return the page's messages without the notes."""
    shown = update[page.chat]
    shown = shown["value"] if isinstance(shown, dict) else shown
    return [each["content"] for each in shown if each["content"]]


async def test_an_open_page_hears_who_joined_and_what_they_say(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, ticket = await wished(runner, kefu, page)
    await runner.reply(ticket, "请问<b>订单号</b>？", agent=LIN)

    heard = await Listening(runner, kefu, page).listen(before[page.session], "", "zh")

    assert before[page.pulse]["active"]
    assert "小林 已接入" in told(heard, page)[-2]
    assert "人工客服 小林" in told(heard, page)[-1]
    assert "&lt;b&gt;订单号" in told(heard, page)[-1]
    assert "人工客服正在接待您" in heard[page.banner]["value"]
    again = await Listening(runner, kefu, page).listen(heard[page.session], "", "zh")
    assert again == UNCHANGED


async def test_a_message_to_a_person_leaves_no_empty_reply_to_be_rated(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, _ = await wished(runner, kefu, page)

    after = await said(ChatEvents(runner, kefu, page), "师傅没来", before[page.session], "", None)

    assert after[page.chat][-1] == {"role": "user", "content": "师傅没来"}


async def test_what_was_said_before_the_customers_message_stands_before_it(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, ticket = await wished(runner, kefu, page)
    await runner.reply(ticket, "请问订单号？", agent=LIN)

    after = await said(
        ChatEvents(runner, kefu, page), "20261122001", before[page.session], "", None
    )

    words = [text for text in told(after, page) if "订单号？" in text or "20261122001" in text]
    assert ["订单号？" in text for text in words] == [True, False]


async def test_who_writes_before_the_next_look_reads_that_the_bot_goes_on(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, ticket = await wished(runner, kefu, page)
    await runner.end(ticket, agent=LIN)

    after = await said(
        ChatEvents(runner, kefu, page), "退款多久到账？", before[page.session], "", None
    )

    texts = "".join(told(after, page))
    assert texts.index("已接入") < texts.index("继续为您服务") < texts.index("退款多久到账？")
    assert not after[page.pulse]["active"]


async def test_the_last_look_of_a_page_hears_that_the_bot_goes_on(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, ticket = await wished(runner, kefu, page)
    await runner.end(ticket, agent=LIN)

    heard = await Listening(runner, kefu, page).listen(before[page.session], "", "zh")

    assert "继续为您服务" in told(heard, page)[-1]
    assert (heard[page.session]["owner"], heard[page.pulse]["active"]) == ("bot", False)


async def test_a_page_whose_server_was_started_anew_hears_on(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, ticket = await wished(runner, kefu, page)
    await runner.reply(ticket, "请问订单号？", agent=LIN)
    open_id = before[page.session]["thread_id"]

    heard = await Listening(runner, kefu, page).listen(None, "", "zh", open_id)

    assert "订单号？" in told(heard, page)[-1]
    assert heard[page.session]["thread_id"] == open_id


@pytest.mark.parametrize("is_ended", [False, True])
async def test_who_was_away_finds_what_a_person_has_said(
    runner: Runner, kefu: Kefu, page: Page, is_ended: bool
) -> None:
    before, ticket = await wished(runner, kefu, page)
    await runner.reply(ticket, "已经给您补发了。", agent=LIN)
    if is_ended:
        await runner.end(ticket, agent=LIN)
    memory = {**before[page.memory], "said_at": before[page.memory]["said_at"] - 20 * 3600}

    after = await visited(runner, kefu, page, memory)

    assert any("已经给您补发了" in text for text in told(after, page))
    assert after[page.pulse]["active"] is not is_ended


async def test_a_conversation_that_went_on_on_another_page_is_shown_as_it_is(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before, ticket = await wished(runner, kefu, page)
    session: Session = before[page.session]
    await said(ChatEvents(runner, kefu, page), "在另一页写的", session, "", None)
    await runner.reply(ticket, "看到了", agent=LIN)

    heard = await Listening(runner, kefu, page).listen(session, "", "zh")

    assert ["在另一页写的" in text for text in told(heard, page)[-2:]] == [True, False]


async def test_another_customers_conversation_is_not_heard(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    theirs = await said(ChatEvents(runner, kefu, page), "转人工", None, "u001", None)
    session: Session = theirs[page.session]

    heard = await Listening(runner, kefu, page).listen(session, "u002", "zh")

    assert list(heard) == [page.pulse]
    assert not heard[page.pulse]["active"]


async def test_a_look_that_fails_changes_nothing_and_goes_on(
    runner: Runner, kefu: Kefu, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = await wished(runner, kefu, page)

    async def down(*_: object, **__: object) -> None:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(Threads, "read", down)

    assert await Listening(runner, kefu, page).listen(before[page.session], "", "zh") == UNCHANGED
