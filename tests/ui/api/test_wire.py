"""The API over a real connection: what is streamed comes at once, and who leaves loses nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from graph.app import Kefu
from tests.e2e.browser import free_port
from tests.fakes.api import KEY, HeldChat, apps, says
from tests.fakes.kefu import small_kefu, small_settings
from ui.api.routes import create_api
from ui.runner import Runner

RUN = {"assistant_id": "kefu", "input": says("退款多久到账呢", id="m1")}
LIMITS = {"open_runs": 1}


@asynccontextmanager
async def reached(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Serve `app` on loopback and yield a client of it."""
    port = free_port()
    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    server.config.load()
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 uvicorn tells nobody
        await asyncio.sleep(0.01)
    url, headers = f"http://127.0.0.1:{port}", {"x-api-key": KEY}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        yield client
    server.should_exit = True
    await serving


@asynccontextmanager
async def held(
    tmp_path: Path, model: HeldChat
) -> AsyncIterator[tuple[httpx.AsyncClient, Kefu, Runner, str]]:
    async with small_kefu(tmp_path, model=model) as kefu:
        config = small_settings(tmp_path, api=LIMITS)
        kefu, runner = replace(kefu, settings=config), Runner(kefu)
        async with reached(create_api(runner, kefu, apps())) as client:
            thread_id = (await client.post("/threads", json={})).json()["thread_id"]
            yield client, kefu, runner, thread_id
        await runner.close()


async def test_tells_at_once_that_a_run_has_begun(tmp_path: Path) -> None:
    model = HeldChat("需 1-3 个工作日到账[1]。")
    async with held(tmp_path, model) as (client, _, _, thread_id):
        path = f"/threads/{thread_id}/runs/stream"
        async with client.stream("POST", path, json=RUN) as answer:
            lines = answer.aiter_lines()
            first = [await anext(lines) for _ in range(2)]

            assert answer.headers["content-type"].startswith("text/event-stream")
            assert first[0] == "event: metadata"
            run_id = json.loads(first[1].removeprefix("data: "))["run_id"]
            place = f"/threads/{thread_id}/runs/{run_id}"
            assert answer.headers["content-location"] == place
            assert not model.go_on.is_set()
            model.go_on.set()
            rest = [line async for line in lines]

    assert rest[-3:] == ["event: end", "data: null", ""]


async def test_who_leaves_in_the_middle_finds_the_answer_later(tmp_path: Path) -> None:
    model = HeldChat("需 1-3 个工作日到账[1]。")
    async with held(tmp_path, model) as (client, kefu, _, thread_id):
        path = f"/threads/{thread_id}/runs/stream"
        async with client.stream("POST", path, json=RUN) as answer:
            await anext(answer.aiter_lines())
            await model.is_asked.wait()
        busy = await client.post("/runs/wait", json=RUN)
        model.go_on.set()
        again = await client.post(f"/threads/{thread_id}/runs/wait", json=RUN)
        while again.status_code == 429:  # it is still one of the app's runs
            await asyncio.sleep(0.02)
            again = await client.post(f"/threads/{thread_id}/runs/wait", json=RUN)
        state = (await client.get(f"/threads/{thread_id}/state")).json()
        logged = await kefu.services.desk.turns(thread_id, tenant="default")

    assert busy.status_code == 429
    assert "1 runs of this app" in busy.json()["detail"]
    assert [said["id"] for said in again.json()["messages"]] == ["m1", "m1-reply"]
    assert state["values"]["messages"] == again.json()["messages"]
    assert len(logged) == len(model.prompts) == 1


async def test_a_run_whose_reader_left_is_forgotten_all_the_same(tmp_path: Path) -> None:
    model = HeldChat("需 1-3 个工作日到账[1]。")
    async with held(tmp_path, model) as (client, kefu, runner, _):
        async with client.stream("POST", "/runs/stream", json=RUN) as answer:
            await anext(answer.aiter_lines())
            await model.is_asked.wait()
        model.go_on.set()
        await runner.close()

        health = await kefu.services.desk.health()
        assert health.waiting_messages == 0
        files = [tmp_path / name for name in ("threads.db", "desk.db")]
        assert ["退款多久到账呢".encode() in file.read_bytes() for file in files] == [False, False]
