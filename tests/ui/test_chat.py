"""What the chat page does with texts that browsers can send."""

from collections.abc import AsyncIterator
from dataclasses import replace

import gradio as gr
import gradio.processing_utils
import httpx
import orjson
import pytest

from graph.app import Kefu
from graph.context import Context
from graph.setting_groups import LimitSettings
from ui import bounds
from ui.chat_events import ChatEvents
from ui.page import Page, Update, lay_out
from ui.runner import Runner
from ui.session import Session
from ui.votes import Votes
from ui.web import MESSAGE_BYTES, create_app
from ui.words import Locale

ANNA = ("anna", "geheim-123")
HALF = "半个\ud83d"  # of an emoji


@pytest.fixture
async def page() -> Page:
    with gr.Blocks():
        return lay_out("zh")


async def sent(runner: Runner, kefu: Kefu, page: Page, text: str) -> list[Update]:
    events = ChatEvents(runner, kefu, page)
    return [update async for update in events.send(text, None, {}, "", "", "zh")]


async def test_half_a_character_reaches_the_page_as_a_mark(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    updates = await sent(runner, kefu, page, f"{HALF} 退款多久到账？")

    for update in updates:
        orjson.dumps([*update.values()], default=str)  # as Gradio does
    assert updates[-1][page.chat][0]["content"].startswith("半个\\?")


async def test_a_choice_without_words_is_none(runner: Runner, kefu: Kefu, page: Page) -> None:
    picked = gr.SelectData(None, {"index": 0, "value": {}})

    pick = ChatEvents(runner, kefu, page).pick(picked, None, {}, "", "", "zh")

    assert [update async for update in pick] == []


async def test_half_a_character_in_a_comment_is_kept_as_a_mark(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    updates = await sent(runner, kefu, page, "退款多久到账？")
    session: Session = updates[-1][page.session]
    disliked: Session = {**session, "disliked": session["turn_ids"][0]}

    await Votes(kefu, page, runner.telemetry).explain("wrong", HALF, disliked, "zh")

    held = await kefu.services.desk.held_of_thread(session["thread_id"], tenant="default")
    [vote] = held["feedback"]
    assert vote["comment"] == "半个?"


@pytest.fixture
async def web(runner: Runner, kefu: Kefu) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(runner, kefu, dict([ANNA])))
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        yield client


async def test_nobody_can_leave_files_on_the_disk(web: httpx.AsyncClient) -> None:
    answer = await web.post("/gradio_api/upload", files={"files": ("a.txt", b"a")})

    assert answer.status_code == 404


@pytest.mark.parametrize("named", ["/etc/passwd", __file__, "http://192.0.2.1/a", "https://x.test"])
@pytest.mark.parametrize("page", ["", "/knowledge"])
async def test_a_visitor_can_not_name_a_file_to_be_read(
    web: httpx.AsyncClient, page: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    async def fetch(url: str) -> None:
        fetched.append(url)

    monkeypatch.setattr(gradio.processing_utils, "async_ssrf_protected_get", fetch)
    monkeypatch.setattr(bounds, "CLOSED", ())  # the short way to what the queue does
    file = {"path": named, "meta": {"_type": "gradio.FileData"}}
    memory = {"": ["", {"threads": [file]}], "/knowledge": [[file], "zh"]}[page]
    config = (await web.get(f"{page}/config", auth=ANNA)).json()
    name = {"": "choose_region", "/knowledge": "upload"}[page]
    number = next(each["id"] for each in config["dependencies"] if each["api_name"] == name)
    call = {"data": memory, "fn_index": number, "session_hash": "s"}

    answer = await web.post(f"{page}/gradio_api/run/predict", json=call, auth=ANNA)

    assert (answer.status_code, answer.json()) == (500, {"error": None})
    assert fetched == []


@pytest.mark.parametrize(("size", "status"), [(MESSAGE_BYTES // 2, 200), (MESSAGE_BYTES, 413)])
async def test_a_message_of_many_megabytes_is_refused_unread(
    web: httpx.AsyncClient, size: int, status: int
) -> None:
    call = {"data": ["a" * size, *[None] * 6], "fn_index": 0, "session_hash": "s"}

    answer = await web.post("/gradio_api/queue/join", json=call)

    assert answer.status_code == status


@pytest.mark.parametrize("memory", ["x", {"threads": 5}, {"locale": "../x"}, {"a": HALF}])
async def test_a_message_is_kept_whatever_the_browser_remembers(
    runner: Runner, kefu: Kefu, page: Page, memory: object
) -> None:
    events = ChatEvents(runner, kefu, page)

    updates = [
        each
        async for each in events.send("退款多久到账？", None, memory, "", "", "zh")  # type: ignore[arg-type]
    ]

    thread_id = updates[-1][page.session]["thread_id"]
    assert len(await runner.messages(thread_id, context=Context())) == 2
    orjson.dumps(updates[-1][page.memory])


def limited(kefu: Kefu, per_minute: int) -> Kefu:
    limit = LimitSettings(customer_per_minute=per_minute)
    return replace(kefu, settings=kefu.settings.model_copy(update={"limit": limit}))


@pytest.mark.parametrize(("locale", "words"), [("zh", "没有收到"), ("en", "not received")])
async def test_a_message_too_many_is_given_back_with_when_to_send_it_again(
    runner: Runner, kefu: Kefu, page: Page, locale: Locale, words: str
) -> None:
    events = ChatEvents(runner, limited(kefu, 1), page)
    first = [each async for each in events.send("你好", None, {}, "u001", "", locale)]
    session: Session = first[-1][page.session]

    [told] = [each async for each in events.send("退款", session, {}, "u001", "", locale)]
    turns = await runner.messages(session["thread_id"], context=Context(user_id="u001"))

    assert told[page.box] == "退款"
    assert words in told[page.chat][-1]["content"]
    assert "60" in told[page.chat][-1]["content"]
    assert told[page.session] == session
    assert len(turns) == 2


async def test_what_is_said_to_a_person_is_never_too_much(
    runner: Runner, kefu: Kefu, page: Page
) -> None:
    events = ChatEvents(runner, limited(kefu, 1), page)
    first = [each async for each in events.send("转人工", None, {}, "u001", "", "zh")]
    session: Session = first[-1][page.session]
    for text in ("在吗", "急", "漏水了"):
        async for each in events.send(text, session, {}, "u001", "", "zh"):
            session = each.get(page.session, session)

    said = await kefu.services.desk.desk_messages(session["ticket_id"], tenant="default")

    assert session["owner"] == "queue"
    assert [message["text"] for message in said][-3:] == ["在吗", "急", "漏水了"]
