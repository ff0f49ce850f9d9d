"""The API beside the pages: there only when it is on, and for other sites only when invited."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from graph.app import Kefu
from tests.fakes.api import KEY, SITE, apps
from tests.fakes.kefu import small_settings
from ui.runner import Runner
from ui.web import create_app

FRIEND, STRANGER = "https://app.example", "https://evil.example"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-api-key",
}


@pytest.fixture
async def web(kefu: Kefu, runner: Runner) -> AsyncIterator[httpx.AsyncClient]:
    config = small_settings(kefu.settings.var, api={"origins": [FRIEND]})
    app = create_app(runner, replace(kefu, settings=config), apps=apps())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE) as client:
        yield client


async def test_the_pages_are_where_they_were(web: httpx.AsyncClient) -> None:
    assert "gradio" in (await web.get("/")).text
    assert (await web.get("/health")).json()["status"] == "ok"
    assert (await web.get("/config")).status_code == 200
    assert (await web.get("/ok")).json() == {"ok": True}


async def test_pages_of_a_site_that_is_named_may_call_it(web: httpx.AsyncClient) -> None:
    asked = await web.options("/threads", headers={"origin": FRIEND, **PREFLIGHT})
    made = await web.post("/threads", json={}, headers={"origin": FRIEND, "x-api-key": KEY})

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == FRIEND
    assert (made.status_code, made.headers["access-control-allow-origin"]) == (200, FRIEND)


async def test_pages_of_other_sites_may_not(web: httpx.AsyncClient) -> None:
    for origin, path in ((STRANGER, "/threads"), (FRIEND, "/gradio_api/queue/join"), (FRIEND, "/")):
        asked = await web.options(path, headers={"origin": origin, **PREFLIGHT})
        made = await web.post(path, json={}, headers={"origin": origin, "x-api-key": KEY})

        assert (asked.status_code, made.status_code) == (403, 403)
        assert "access-control-allow-origin" not in asked.headers


async def test_where_it_is_off_there_is_nothing_of_it(kefu: Kefu, runner: Runner) -> None:
    transport = httpx.ASGITransport(app=create_app(runner, kefu))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        for path in ("/threads", "/runs/wait", "/assistants/search"):
            answer = await client.post(path, json={}, headers={"x-api-key": KEY})
            assert answer.status_code in (404, 405)
        assert (await client.get("/ok")).status_code == 404
