"""Whose a conversation is, and who sees nothing of it."""

import time

import gradio as gr
import pytest

from graph.app import Kefu
from graph.context import Context
from tests.fakes.chat_page import said, visited
from ui.chat_events import ChatEvents
from ui.page import Page, lay_out
from ui.runner import Runner
from ui.session import KeptThread, Memory, Session


@pytest.fixture
async def page() -> Page:
    with gr.Blocks():
        return lay_out("zh")


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the page tells beside the conversation."""
    texts: list[str] = []
    monkeypatch.setattr(gr, "Warning", texts.append)
    return texts


@pytest.mark.parametrize(("whose", "is_shown"), [("", False), ("u002", False), ("u001", True)])
async def test_a_name_that_can_be_guessed_opens_only_what_is_the_customers(
    runner: Runner, kefu: Kefu, page: Page, whose: str, is_shown: bool
) -> None:
    await runner.ask("退款多久到账？", thread_id="1", context=Context(user_id=whose))

    picked = await ChatEvents(runner, kefu, page).open_thread("1", "u001", "", "zh")
    after = await said(ChatEvents(runner, kefu, page), "运费怎么算？", None, "u001", "1")

    assert (page.session in picked) is is_shown
    assert (after[page.session]["thread_id"] == "1") is is_shown


async def test_a_guest_opens_nothing_whose_name_can_be_guessed(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    await runner.ask("退款多久到账？", thread_id="1", context=Context())
    memory = Memory(threads=[KeptThread(id="1", title="x")], said_at=time.time())

    picked = await ChatEvents(runner, kefu, page).open_thread("1", "", "", "zh")
    after = await visited(runner, kefu, page, memory)
    mine = await said(ChatEvents(runner, kefu, page), "运费怎么算？", None, "", "1")

    assert page.session not in picked
    assert after[page.session]["turn_ids"] == []
    assert mine[page.session]["thread_id"] != "1"


async def test_who_signed_in_elsewhere_with_it_keeps_it_and_the_guests_page_begins_anew(
    runner: Runner, kefu: Kefu, page: Page, told: list[str]
) -> None:
    events = ChatEvents(runner, kefu, page)
    guests: Session = (await said(events, "退款多久到账？", None, "", None))[page.session]
    await said(events, "我的订单到哪了？", guests, "u001", None)  # which of them, the bot asks

    after = await said(events, "运费怎么算？", guests, "", None)

    assert after[page.session]["thread_id"] != guests["thread_id"]
    assert [each["content"] for each in after[page.chat] if each["role"] == "user"] == [
        "运费怎么算？"
    ]
    assert len(after[page.session]["turn_ids"]) == 1
    assert after[page.memory]["threads"][0]["id"] == after[page.session]["thread_id"]
    theirs = await runner.messages(guests["thread_id"], context=Context(user_id="u001"))
    assert len(theirs) == 4
    assert told == ["这段对话暂时打不开"]
