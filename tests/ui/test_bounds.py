"""What requests must keep to."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message

from graph.app import Kefu
from ui import bounds
from ui.bounds import Bounds, is_own
from ui.runner import Runner
from ui.web import create_app

SITE = "http://kefu.test"
SENT = {
    "data": ["退款多久到账？", None, {}, "", "", "zh", None],
    "fn_index": 0,
    "session_hash": "s1",
}


@pytest.fixture
async def web(kefu: Kefu, runner: Runner) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(runner, kefu, {"anna": "geheim-123"})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE) as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({}, True),
        ({"origin": SITE}, True),
        ({"origin": "https://kefu.test"}, True),  # a proxy speaks TLS
        ({"origin": "https://shop.test", "x-forwarded-host": "shop.test"}, True),
        ({"origin": "https://shop.test", "x-forwarded-host": "shop.test, in.test"}, True),
        ({"origin": "https://shop.test", "host": "shop.test:443"}, True),
        ({"origin": "http://shop.test", "host": "shop.test:80"}, True),
        ({"origin": "https://shop.test", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "http://kefu.test:3000"}, False),
        ({"origin": "http://shop.test", "host": "shop.test:443"}, False),
        ({"origin": "https://in.test", "x-forwarded-host": "shop.test, in.test"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://evil.test"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://kefu.test.evil.test"}, False),
        ({"origin": "http://["}, False),
        ({"origin": "://"}, False),
        ({"origin": SITE, "sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://other.test", "sec-fetch-site": "same-site"}, False),
    ],
)
def test_a_page_of_another_site_is_told_from_ours(
    headers: dict[str, str], *, is_ours: bool
) -> None:
    assert is_own(Headers({"host": "kefu.test", **headers})) is is_ours


async def test_another_site_can_neither_send_a_message_nor_ask_whether_it_may(
    web: httpx.AsyncClient,
) -> None:
    foreign = {"Origin": "http://evil.test"}
    may = {**foreign, "Access-Control-Request-Method": "POST"}

    answers = [
        await web.post("/gradio_api/queue/join", json=SENT, headers=foreign),
        await web.options("/gradio_api/queue/join", headers=may),
        await web.get("/config", headers=foreign),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert not any("access-control-allow-origin" in answer.headers for answer in answers)


async def test_our_own_page_can_send_a_message(web: httpx.AsyncClient) -> None:
    answer = await web.post("/gradio_api/queue/join", json=SENT, headers={"Origin": SITE})

    assert answer.status_code == 200


async def test_what_the_page_never_asks_for_is_not_there(web: httpx.AsyncClient) -> None:
    closed = ["run/send", "api/send", "call/send", "component_server", "upload", "vibe-edit"]
    closed += ["process_recording", "stream/s1", "proxy=http://a", "deep_link", "dev/reload"]
    closed += ["undo-vibe-edit"]

    answers = {p: (await web.post(f"/gradio_api/{p}", json=SENT)).status_code for p in closed}

    assert answers == dict.fromkeys(closed, 404)


@pytest.mark.parametrize("path", ["/", "/patient", "/patients"])
async def test_a_body_that_never_ends_is_not_waited_for(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "BODY_S", 0.05)
    heard: list[str] = []
    waiting = asyncio.Event()

    async def app(scope: object, receive: bounds.Receive, send: object) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    async def client() -> Message:
        if not heard and not waiting.is_set():
            waiting.set()
            return {"type": "http.request", "body": b"{", "more_body": True}
        await asyncio.sleep(3600)
        raise AssertionError

    scope = {"type": "http", "path": path, "headers": []}
    bounded = Bounds(app, guarded=("/patient",))  # type: ignore[arg-type]
    going = asyncio.create_task(bounded(scope, client, client))  # type: ignore[arg-type]
    await asyncio.wait({going}, timeout=0.5 if path == "/patient" else 60)

    assert going.done() is (path != "/patient")
    assert heard == ([] if path == "/patient" else ["http.request", "http.disconnect"])
    going.cancel()


async def test_who_is_not_waited_for_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BODY_S", 0.0)
    told: list[Message] = []

    async def app(scope: object, receive: bounds.Receive, send: bounds.Send) -> None:
        await receive()
        await PlainTextResponse("late", 408)({"type": "http"}, receive, send)

    async def client() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "path": "/", "headers": []}
    await Bounds(app, guarded=())(scope, client, send)  # type: ignore[arg-type]

    assert (b"connection", b"close") in told[0]["headers"]


async def test_who_sent_all_may_listen_for_as_long_as_they_like(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "BODY_S", 0.0)
    app = FastAPI()
    app.add_middleware(Bounds, guarded=("/patient",))

    @app.get("/")
    async def _slow(request: Request) -> bool:
        await asyncio.sleep(0.05)
        return await request.is_disconnected()

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        assert (await client.get("/")).json() is False
