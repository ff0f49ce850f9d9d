"""Who may use the knowledge page."""

import base64
from collections.abc import AsyncIterator

import gradio as gr
import httpx
import pytest
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from graph.app import Kefu
from graph.setting_groups import AgentLogin
from graph.settings import Settings
from ui.agents import who
from ui.editors import GUEST, GUEST_AGENT, Guard, agents_of, editors_of
from ui.loopback import is_loopback
from ui.runner import Runner
from ui.web import create_app

ANNA = ("anna", "geheim-123")
SITE = "http://kefu.test"
PATHS = ["/knowledge/", "/knowledge/config", "/knowledge/gradio_api/info", "/knowledge/theme.css"]


@pytest.fixture
async def web(kefu: Kefu, runner: Runner) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(runner, kefu, dict([ANNA])))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


async def test_nobody_gets_in_without_name_and_password(web: httpx.AsyncClient) -> None:
    strangers = [None, ("anna", "wrong"), ("", ""), ("ben", ANNA[1])]

    answers = [await web.get(path, auth=who) for path in PATHS for who in strangers]

    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.headers["www-authenticate"].startswith("Basic") for answer in answers)


@pytest.mark.parametrize("name", ["Basic \xe9", "Basic YQ", "Basic /w==", "Basic", "Bearer x", ""])
async def test_a_name_that_can_not_be_read_is_nobodys(web: httpx.AsyncClient, name: str) -> None:
    answer = await web.get(PATHS[0], headers={"Authorization": name.encode("latin-1")})

    assert answer.status_code == 401


async def test_an_editor_gets_in(web: httpx.AsyncClient) -> None:
    assert (await web.get("/knowledge/", auth=ANNA)).status_code == 200
    assert (await web.get("/knowledge", auth=ANNA)).headers["location"] == "/knowledge/"


async def test_another_site_can_not_use_an_editors_password(web: httpx.AsyncClient) -> None:
    answers = [
        await web.post(
            "/knowledge/gradio_api/queue/join", auth=ANNA, json={}, headers={"Origin": origin}
        )
        for origin in ("http://evil.test", "null", "http://[", f"{SITE}.evil.test")
    ]

    assert [answer.status_code for answer in answers] == [403] * 4


async def test_a_password_opens_nothing_but_requests() -> None:
    reached: list[str] = []
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    signed_in = (b"authorization", b"Basic " + base64.b64encode(":".join(ANNA).encode()))
    for kind in ("websocket", "http"):
        await Guard(page, dict([ANNA]))({"type": kind, "headers": [signed_in]}, receive, send)

    assert (reached, sent[0]["status"]) == (["http"], 403)


def test_at_the_desk_nobody_is_who_did_not_sign_in() -> None:
    with pytest.raises(PermissionError):
        who(gr.Request(username=None), Settings())


def test_only_this_machine_reaches_loopback() -> None:
    here, there = ["localhost", "127.0.0.1", "::1"], ["0.0.0.0", "192.0.2.1", "a.example", ""]

    assert [host for host in [*here, *there] if is_loopback(host)] == here


async def test_no_other_site_can_show_the_page_under_its_own_buttons(
    web: httpx.AsyncClient,
) -> None:
    answer = await web.get("/knowledge/", auth=ANNA)

    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"


async def test_passwords_can_not_be_guessed_by_the_thousand(
    web: httpx.AsyncClient,
) -> None:
    wrong = [await web.get(PATHS[0], auth=("anna", f"guess-{n}")) for n in range(40)]
    right = await web.get(PATHS[0], auth=ANNA)

    assert [answer.status_code for answer in wrong] == [401] * 30 + [429] * 10
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= 60
    assert (await web.get(PATHS[0])).status_code == 401  # a browser that has not asked yet


async def test_who_guesses_keeps_no_editor_elsewhere_out(kefu: Kefu, runner: Runner) -> None:
    app = create_app(runner, kefu, dict([ANNA]))
    codes = []
    for address, password in [*[("192.0.2.1", "wrong")] * 40, ("192.0.2.2", ANNA[1])]:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            answer = await client.get(PATHS[0], auth=(ANNA[0], password))
            codes.append(answer.status_code)

    assert codes[-2:] == [429, 200]


async def test_the_chat_page_needs_no_password(web: httpx.AsyncClient) -> None:
    assert (await web.get("/")).status_code == 200


async def test_without_editors_there_is_no_page(kefu: Kefu, runner: Runner) -> None:
    transport = httpx.ASGITransport(app=create_app(runner, kefu))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        assert (await client.get("/knowledge/", auth=ANNA)).status_code == 404
        assert (await client.get("/desk/", auth=ANNA)).status_code == 404


def test_named_editors_are_the_only_ones() -> None:
    named = Settings(host="0.0.0.0", editors={"anna": SecretStr("geheim-123")})

    assert editors_of(named) == dict([ANNA])


def test_without_names_only_loopback_has_a_page_with_a_new_password_each_time() -> None:
    here, there = Settings(host="127.0.0.1"), Settings(host="0.0.0.0")

    first, second = editors_of(here), editors_of(here)

    assert set(first) == {GUEST}
    assert len(first[GUEST]) >= 12
    assert first != second
    assert editors_of(there) == {}


def test_the_desks_people_are_named_apart_from_the_editors() -> None:
    named = Settings(host="0.0.0.0", agents={"lin": AgentLogin(password=SecretStr("geheim-456"))})
    here, there = Settings(host="127.0.0.1"), Settings(host="0.0.0.0")

    assert (agents_of(named), editors_of(named)) == ({"lin": "geheim-456"}, {})
    assert set(agents_of(here)) == {GUEST_AGENT}
    assert agents_of(here)[GUEST_AGENT] != editors_of(here)[GUEST]
    assert agents_of(there) == {}


def test_a_short_password_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        Settings(editors={"anna": SecretStr("kurz")})
    with pytest.raises(ValueError, match="at least 8"):
        Settings(agents={"lin": AgentLogin(password=SecretStr("kurz"))})
