"""An open page whose server was started anew, or that lay asleep until the server forgot it."""

import asyncio
import json
import uuid

import gradio as gr
import httpx
import pytest

from graph.app import Kefu
from graph.context import Context
from ui.chat_events import ChatEvents
from ui.page import Page, Update, lay_out
from ui.runner import Runner
from ui.session import Session, chosen
from ui.web import create_app


@pytest.fixture
async def page() -> Page:
    with gr.Blocks():
        return lay_out("zh")


async def said(
    events: ChatEvents, text: str, session: Session | None, customer: str, open_id: str | None
) -> Update:
    """Send a message and return all that it changed."""
    changes: Update = {}
    async for update in events.send(text, session, {}, customer, "", "zh", open_id):
        changes |= update
    return changes


@pytest.mark.parametrize("customer", ["", "u001"])
async def test_the_conversation_on_the_page_goes_on(
    runner: Runner, kefu: Kefu, page: Page, customer: str
) -> None:
    before = await said(ChatEvents(runner, kefu, page), "退款多久到账？", None, customer, None)
    open_id = before[page.threads]["value"]

    after = await said(ChatEvents(runner, kefu, page), "运费怎么算？", None, customer, open_id)

    shown = [each["content"] for each in after[page.chat] if each["role"] == "user"]
    assert shown == ["退款多久到账？", "运费怎么算？"]
    assert after[page.session]["thread_id"] == open_id
    assert len(after[page.session]["turn_ids"]) == 2


async def test_a_person_who_has_the_conversation_keeps_it(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before = await said(ChatEvents(runner, kefu, page), "转人工", None, "", None)
    session: Session = before[page.session]

    await said(ChatEvents(runner, kefu, page), "是昨天那台", None, "", session["thread_id"])

    told = await kefu.services.desk.desk_messages(session["ticket_id"], tenant="default")
    assert [each["text"] for each in told] == ["是昨天那台"]


async def test_a_conversation_whose_first_answer_was_cut_goes_on(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    events = ChatEvents(runner, kefu, page)
    first = await anext(events.send("退款多久到账？", None, {}, "", "", "zh"))
    open_id = first[page.threads]["value"]

    after = await said(ChatEvents(runner, kefu, page), "运费怎么算？", None, "", open_id)

    assert after[page.session]["thread_id"] == open_id


async def test_another_customers_conversation_does_not(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    theirs = await said(ChatEvents(runner, kefu, page), "退款多久到账？", None, "u001", None)
    open_id = theirs[page.session]["thread_id"]

    mine = await said(ChatEvents(runner, kefu, page), "运费怎么算？", None, "u002", open_id)

    assert mine[page.session]["thread_id"] != open_id
    assert len(await runner.messages(open_id, context=Context(user_id="u001"))) == 2


@pytest.mark.parametrize("open_id", ["../../etc/passwd", "default/x", "\ud800", "", 5, {"a": 1}])
async def test_what_names_no_conversation_begins_a_new_one(
    runner: Runner, kefu: Kefu, page: Page, open_id: str
) -> None:
    mine = await said(ChatEvents(runner, kefu, page), "运费怎么算？", None, "", open_id)

    assert mine[page.session]["thread_id"] == uuid.UUID(mine[page.session]["thread_id"]).hex


async def test_a_signed_in_customers_message_is_taken_though_nothing_was_put_on_the_page(
    runner: Runner, kefu: Kefu
) -> None:
    app = create_app(runner, kefu)
    web = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://kefu.test")
    async with app.router.lifespan_context(app), web:
        config = (await web.get("/config")).json()
        [send] = [each["id"] for each in config["dependencies"] if each["api_name"] == "send"]
        open_id = uuid.uuid4().hex
        data = ["退款多久到账？", None, {}, "u001", "", "zh", open_id]
        call = {"data": data, "fn_index": send, "session_hash": "awake"}

        await web.post("/gradio_api/queue/join", json=call)
        async with asyncio.timeout(20):
            stream = await web.get("/gradio_api/queue/data", params={"session_hash": "awake"})

    events = [json.loads(line[6:]) for line in stream.text.splitlines() if line[:6] == "data: "]
    [end] = [each for each in events if each["msg"] == "process_completed"]
    assert end["success"]
    assert len(await runner.messages(open_id, context=Context(user_id="u001"))) == 2


@pytest.mark.parametrize("odd", [None, 5, ["u001"], {"a": 1}, "u999", "../x", "\ud800", "x" * 9999])
def test_what_can_not_be_chosen_is_not_chosen(odd: object) -> None:
    assert chosen(odd, odd, odd) == ("", "", "zh")
