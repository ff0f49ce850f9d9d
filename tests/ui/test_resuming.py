"""An open page whose server was started anew, or that lay asleep until the server forgot it."""

import asyncio
import json
import time
import uuid
from typing import cast

import gradio as gr
import httpx
import pytest

from graph.app import Kefu
from graph.context import Context
from tests.fakes.chat_page import said, visited
from ui.chat_events import ChatEvents
from ui.page import Page, lay_out
from ui.runner import Runner
from ui.session import KeptThread, Memory, Session, chosen
from ui.web import create_app


@pytest.fixture
async def page() -> Page:
    with gr.Blocks():
        return lay_out("zh")


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
        async with asyncio.timeout(120):
            stream = await web.get("/gradio_api/queue/data", params={"session_hash": "awake"})

    events = [json.loads(line[6:]) for line in stream.text.splitlines() if line[:6] == "data: "]
    [end] = [each for each in events if each["msg"] == "process_completed"]
    assert end["success"]
    assert len(await runner.messages(open_id, context=Context(user_id="u001"))) == 2


@pytest.mark.parametrize("odd", [None, 5, ["u001"], {"a": 1}, "u999", "../x", "\ud800", "x" * 9999])
def test_what_can_not_be_chosen_is_not_chosen(odd: object) -> None:
    assert chosen(odd, odd, odd) == ("", "", "zh")


@pytest.mark.parametrize(("before", "goes_along"), [("", True), ("u002", False)])
async def test_who_signs_in_takes_along_what_a_guest_has_said_and_no_customer(
    runner: Runner, kefu: Kefu, page: Page, before: str, goes_along: bool
) -> None:
    said_before = await said(ChatEvents(runner, kefu, page), "退款多久到账？", None, before, None)
    open_id = said_before[page.threads]["value"]

    after = await ChatEvents(runner, kefu, page).sign_in("u001", None, {}, "zh", open_id)

    assert (after[page.threads]["value"] == open_id) is goes_along
    assert (page.session in after) is not goes_along


def later(memory: Memory, seconds: float) -> Memory:
    return {**memory, "said_at": memory["said_at"] - seconds}


@pytest.mark.parametrize(("text", "away_s"), [("退款多久到账？", 60.0), ("转人工", 20 * 3600.0)])
async def test_a_reload_goes_on_with_what_is_recent_or_waits_for_a_person(
    runner: Runner, kefu: Kefu, page: Page, text: str, away_s: float
) -> None:
    before = await said(ChatEvents(runner, kefu, page), text, None, "", None)

    after = await visited(runner, kefu, page, later(before[page.memory], away_s))

    assert [each["role"] for each in after[page.chat]["value"]][:1] == ["user"]
    assert after[page.session]["thread_id"] == before[page.session]["thread_id"]
    assert after[page.session]["owner"] == before[page.session]["owner"]
    assert after[page.threads]["value"] == before[page.session]["thread_id"]
    assert after[page.chat]["placeholder"]


async def test_the_next_day_begins_a_new_conversation(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    before = await said(ChatEvents(runner, kefu, page), "退款多久到账？", None, "", None)

    after = await visited(runner, kefu, page, later(before[page.memory], 20 * 3600.0))

    assert after[page.session]["turn_ids"] == []
    assert [title for title, _ in after[page.threads]["choices"]] == ["退款多久到账？"]


@pytest.mark.parametrize("text", ["退款多久到账？", "转人工"])
async def test_who_has_begun_a_new_conversation_finds_that_after_a_reload(
    runner: Runner, kefu: Kefu, page: Page, text: str
) -> None:
    before = await said(ChatEvents(runner, kefu, page), text, None, "", None)
    begun = await ChatEvents(runner, kefu, page).begin("", before[page.memory], "zh")

    after = await visited(runner, kefu, page, begun[page.memory])

    assert after[page.session]["turn_ids"] == []


async def test_a_customers_conversation_is_not_shown_to_who_comes_after_them(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    theirs = await said(ChatEvents(runner, kefu, page), "退款多久到账？", None, "u001", None)
    thread = KeptThread(id=theirs[page.session]["thread_id"], title="退款")

    after = await visited(runner, kefu, page, {"threads": [thread], "said_at": time.time()})

    assert after[page.session]["turn_ids"] == []


@pytest.mark.parametrize("said_at", ["x", None, float("nan"), 10**400, -1, True, {}])
async def test_a_time_that_is_none_is_no_reason_to_go_on(
    runner: Runner, kefu: Kefu, page: Page, said_at: object
) -> None:
    before = await said(ChatEvents(runner, kefu, page), "退款多久到账？", None, "", None)
    memory = cast(Memory, {**before[page.memory], "said_at": said_at})

    after = await visited(runner, kefu, page, memory)

    assert after[page.session]["turn_ids"] == []
