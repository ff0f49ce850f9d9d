"""A page is one web application, made once."""

import asyncio
import logging
from typing import Any

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from gradio.routes import App

from ui.mount import mount

GRADIO_COUNTS = "ignore::DeprecationWarning"  # failed calls, in ways that pandas is to drop


def page() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Textbox(label="您好")
    return blocks.queue()


async def test_a_page_is_served_by_the_only_application_with_routes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[App] = []
    create = App.create_app

    def counted(page: gr.Blocks, **options: object) -> App:
        made.append(create(page, **options))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(App, "create_app", counted)
    app = FastAPI()

    mount(app, "/page", page)

    assert [app.routes[-1].app] == made  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        assert "您好" in (await client.get("/page/config")).text


async def test_pages_of_others_get_their_application_afterwards() -> None:
    mount(FastAPI(), "/page", page)

    assert any(getattr(route, "path", "") == "/config" for route in page().app.routes)


async def test_visitors_who_never_fetch_their_answers_do_not_end_the_page_for_others() -> None:
    app, held = FastAPI(), page()
    with held:
        held.load(lambda: "好", None, None)
    mount(app, "/page", lambda: held)
    held._queue.pending_messages_per_session.max_size = 2  # else 2,000
    join, fetch = "/page/gradio_api/queue/join", "/page/gradio_api/queue/data"
    call = {"data": [], "fn_index": 0}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        for number in range(5):  # they wait, for the queue has not been started
            await client.post(join, json={**call, "session_hash": f"s{number}"})
        await client.get("/page/gradio_api/startup-events")
        await asyncio.sleep(0.5)

        answer = await client.post(join, json={**call, "session_hash": "last"})
        told = await client.get(fetch, params={"session_hash": "last"})

    held._queue.close()
    assert answer.status_code == 200
    assert '"process_completed"' in told.text


async def test_of_visitors_who_never_fetch_their_answers_not_all_are_kept() -> None:
    app, held = FastAPI(), page()
    with held:
        held.load(lambda: "好", None, None)
    mount(app, "/page", lambda: held)
    held._queue.pending_messages_per_session.max_size = 2
    call = {"data": [], "fn_index": 0}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        for number in range(20):
            who = f"s{number}"
            await client.post("/page/gradio_api/queue/join", json={**call, "session_hash": who})

    assert len(held._queue.pending_event_ids_session) <= 5
    assert {"s18", "s19"} <= set(held._queue.pending_event_ids_session)


async def test_of_many_visits_not_all_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.mount.SESSIONS", 3)
    app, held = FastAPI(), page()
    with held:
        box = gr.Textbox()
        held.load(lambda: "好", None, box)
    mount(app, "/page", lambda: held)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        await client.get("/page/gradio_api/startup-events")
        for number in range(6):
            call = {"data": [], "fn_index": 0, "session_hash": f"s{number}"}
            await client.post("/page/gradio_api/queue/join", json=call)
            await client.get("/page/gradio_api/queue/data", params={"session_hash": f"s{number}"})

    held._queue.close()
    assert [*held.state_holder.session_data] == ["s3", "s4", "s5"]


@pytest.mark.parametrize(("chars", "status"), [(11, 200), (64, 200), (65, 400)])
async def test_a_visitor_has_a_short_name(chars: int, status: int) -> None:
    app, held = FastAPI(), page()
    with held:
        held.load(lambda: "好", None, None)
    mount(app, "/page", lambda: held)
    call = {"data": [], "fn_index": 0, "session_hash": "s" * chars}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        answer = await client.post("/page/gradio_api/queue/join", json=call)

    assert answer.status_code == status


@pytest.mark.parametrize(
    "call",
    [
        {"fn_index": 0, "data": []},
        {"fn_index": 2, "data": ["我叫王小明"]},
        {"fn_index": -1, "data": ["我叫王小明"]},
        {"fn_index": 1, "data": ["我叫王小明"]},  # a button that only the browser acts on
        {"data": ["我叫王小明"]},
    ],
)
async def test_a_page_from_before_an_update_is_told_to_load_again(
    call: dict[str, Any],
) -> None:
    app, held = FastAPI(), page()
    with held:
        box = gr.Textbox()
        box.submit(lambda text, other: text, [box, box], box)
        box.change(None, [box], js="() => {}")
    mount(app, "/page", lambda: held)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        answer = await client.post(
            "/page/gradio_api/queue/join", json={**call, "session_hash": "s1"}
        )

    assert answer.status_code == 400
    assert "load it again" in answer.text


async def called(held: gr.Blocks, call: dict[str, Any]) -> str:
    """Return what the page answers, its queue running."""
    app = FastAPI()
    mount(app, "/page", lambda: held)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        await client.get("/page/gradio_api/startup-events")
        await client.post("/page/gradio_api/queue/join", json={**call, "session_hash": "s1"})
        told = await client.get("/page/gradio_api/queue/data", params={"session_hash": "s1"})
    held._queue.close()
    return told.text


@pytest.mark.filterwarnings(GRADIO_COUNTS)
@pytest.mark.parametrize(
    "call",
    [
        {"data": ["您好"], "event_data": "王小明"},
        {"data": [{"path": "/etc/王小明", "meta": {"_type": "gradio.FileData"}}]},
        {"fn_index": 1, "data": ["王小明"]},
        {
            "fn_index": 1,
            "data": [[{"path": "x", "url": "http://王小明", "meta": {"_type": "gradio.FileData"}}]],
        },
    ],
)
async def test_a_forged_call_is_told_in_one_line_without_what_was_sent(
    call: dict[str, Any], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def like(text: str, data: gr.LikeData) -> None:
        del text, data

    held = page()
    with held:
        box = gr.Textbox()
        gr.Chatbot().like(like, box, preprocess=False)
        files = gr.File(file_count="multiple")
        files.upload(lambda given: None, files, None)

    answer = await called(held, {"fn_index": 0, **call})

    assert '"success":false' in answer
    assert capfd.readouterr().err == ""
    (told,) = [each for each in caplog.records if each.name == "ui.mount"]
    assert told.levelno == logging.WARNING
    assert told.exc_info is None
    assert "王小明" not in told.getMessage()


@pytest.mark.filterwarnings(GRADIO_COUNTS)
async def test_a_mistake_of_a_handler_is_told_whole(caplog: pytest.LogCaptureFixture) -> None:
    held = page()
    with held:
        held.load(lambda: 1 / 0, None, None)

    await called(held, {"fn_index": 0, "data": []})

    (told,) = [each for each in caplog.records if each.name == "ui.mount"]
    assert told.exc_info
