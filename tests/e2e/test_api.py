"""Kefu's own server and the LangGraph development server, with the official client.

Both are talked to in the same words: what an app meets at one, it meets at the other.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import NotFoundError

from graph.settings import ROOT
from tests.e2e.browser import free_port
from tests.fakes import langsmith
from tests.fakes.vllm import FakeVLLM

pytestmark = pytest.mark.server

START_S = 300.0
END_S = 180.0
FAQ = [
    {"id": "p20", "question": "P20 滤网多久换一次？", "answer": "P20 滤网每 6 个月换一次。"},
    {"id": "p30", "question": "P30 滤网多久换一次？", "answer": "P30 滤网每 9 个月换一次。"},
    {"id": "p30-noise", "question": "P30 噪音有多大？", "answer": "P30 睡眠档噪音 22 分贝。"},
]
PAGE = """---
id: stay
title: 客房清洁服务
---
## 预约

客房清洁服务需提前 2 天预约。服务每次持续 3 小时。
"""
CLEANING = "客房清洁服务要提前几天预约"
OFFLINE = {
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_DISABLE_FILE_PERSISTENCE": "true",  # else threads stay in .langgraph_api
}


KEY = "key-of-the-tests-app"
COMMANDS = {
    "dev": ("-m", "langgraph_cli", "dev", "--no-browser", "--no-reload", "--port"),
    "own": ("-m", "ui", "serve"),
}


class Server:
    """A running server, its log and the model behind it."""

    def __init__(self, kind: str, url: str, log: Path, process: "subprocess.Popen[bytes]") -> None:
        self.kind, self.url, self.log, self.process = kind, url, log, process

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.url}/ok").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        pytest.fail(f"the server did not start:\n{self.log.read_text()[-4000:]}")


@contextmanager
def running(kind: str, folder: Path, **environment: str) -> Iterator[Server]:
    kb = folder / "kb"
    kb.mkdir()
    lines = (json.dumps(entry, ensure_ascii=False) for entry in FAQ)
    (kb / "faq.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (kb / "stay.md").write_text(PAGE, encoding="utf-8")
    port = free_port()
    command = [*COMMANDS[kind], *[str(port)] * (kind == "dev")]
    log = folder / "log"
    with pytest.MonkeyPatch.context() as patch, log.open("wb") as out:
        for name, value in {
            **OFFLINE,
            **environment,
            "PYTHONPATH": str(ROOT),
            "KEFU_VAR": str(folder / "var"),
            "KEFU_KB": str(kb),
            "KEFU_BUSINESS": str(ROOT / "data" / "business"),
            "KEFU_PORT": str(port),
            "KEFU_API__KEYS": json.dumps({"tests": KEY}),
        }.items():
            patch.setenv(name, value)
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=out, stderr=out)
    try:
        server = Server(kind, f"http://127.0.0.1:{port}", log, process)
        server.wait_until_ready()
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def model() -> Iterator[FakeVLLM]:
    with FakeVLLM() as fake:
        yield fake


@pytest.fixture(scope="module")
def traces() -> Iterator[langsmith.Recorder]:
    with langsmith.serving() as recorder:
        yield recorder


@pytest.fixture(scope="module", params=["own", "dev"])
def server(
    tmp_path_factory: pytest.TempPathFactory,
    model: FakeVLLM,
    traces: langsmith.Recorder,
    request: pytest.FixtureRequest,
) -> Iterator[Server]:
    kind = request.param
    environment = langsmith.environment(traces.address) | {"KEFU_LLM__BASE_URL": model.url}
    with running(kind, tmp_path_factory.mktemp(kind), **environment) as started:
        yield started


@pytest.fixture
async def client(server: Server, model: FakeVLLM) -> AsyncIterator[LangGraphClient]:
    model.reset()
    async with get_client(url=server.url, api_key=KEY) as sdk:
        yield sdk


async def new_thread(client: LangGraphClient) -> str:
    return str((await client.threads.create())["thread_id"])


def says(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


async def ask(
    client: LangGraphClient, thread_id: str, text: str, context: dict[str, Any] | None = None
) -> dict[str, Any]:
    done = await client.runs.wait(thread_id, "kefu", input=says(text), context=context)
    assert isinstance(done, dict)
    return done


async def test_understands_the_second_turn_by_the_first(
    client: LangGraphClient, model: FakeVLLM
) -> None:
    model.switches.replies = ["P30 滤网每 9 个月换一次[1]。"]
    thread_id = await new_thread(client)
    first = await ask(client, thread_id, "P20 滤网多久换一次")

    second = await ask(client, thread_id, "那 P30 呢")

    assert [c["id"] for c in first["reply"]["citations"]] == ["p20"]
    assert [c["id"] for c in second["reply"]["citations"]] == ["p30"]
    assert [message["type"] for message in second["messages"]] == ["human", "ai"] * 2


async def test_puts_the_metadata_on_the_reply_and_keeps_them_in_the_thread(
    client: LangGraphClient,
) -> None:
    thread_id = await new_thread(client)

    done = await ask(client, thread_id, "P20 滤网多久换一次")

    saved = (await client.threads.get_state(thread_id))["values"]
    reply = done["reply"]
    assert isinstance(saved, dict)
    assert saved["reply"] == reply == done["messages"][-1]["additional_kwargs"]["kefu"]
    assert (reply["thread_id"], reply["action"], reply["level"]) == (thread_id, "answer", 0)


async def test_a_run_may_do_without_a_thread(client: LangGraphClient) -> None:
    done = await client.runs.wait(None, "kefu", input=says("P20 滤网多久换一次"))

    assert isinstance(done, dict)
    assert [c["id"] for c in done["reply"]["citations"]] == ["p20"]
    assert set(done) == {"messages", "reply", "owner"}


async def test_lists_what_an_app_began_and_forgets_it(client: LangGraphClient) -> None:
    thread_id = await new_thread(client)
    await ask(client, thread_id, "P20 滤网多久换一次")

    listed = await client.threads.search()
    history = await client.threads.get_history(thread_id, limit=1)
    await client.threads.delete(thread_id)

    assert listed[0]["thread_id"] == thread_id
    assert len(listed[0]["values"]["messages"]) == 2  # type: ignore[index, call-overload]
    assert len(history[0]["values"]["messages"]) == 2  # type: ignore[call-overload]
    with pytest.raises(NotFoundError):
        await client.threads.get(thread_id)


async def test_knows_the_signed_in_customer_from_the_context(client: LangGraphClient) -> None:
    thread_id = await new_thread(client)
    shown = await ask(client, thread_id, "我的订单到哪了", {"user_id": "u001"})

    chosen = await ask(client, thread_id, "第一个", {"user_id": "u001"})

    options = shown["reply"]["options"]
    assert shown["reply"]["intent"] == "order_status"
    assert options
    assert options[0].split()[0] in chosen["messages"][-1]["content"]


async def test_asks_a_visitor_without_context_to_sign_in(client: LangGraphClient) -> None:
    done = await ask(client, await new_thread(client), "我的订单到哪了")

    assert done["reply"]["intent"] == "order_status"
    assert "登录" in done["messages"][-1]["content"]


async def test_streams_steps_and_checked_sentences_but_no_raw_tokens(
    client: LangGraphClient, model: FakeVLLM
) -> None:
    model.switches.replies = ["需提前 99 天预约[1]。", "需提前 2 天预约[1]。"]
    thread_id = await new_thread(client)

    parts = [
        part
        async for part in client.runs.stream(
            thread_id, "kefu", input=says(CLEANING), stream_mode=["custom", "messages-tuple"]
        )
    ]

    custom = [part.data for part in parts if part.event == "custom"]
    messages = [part.data[0] for part in parts if part.event.startswith("messages")]
    steps = [piece["step"] for piece in custom if piece["kind"] == "step"]
    assert steps == ["intent", "retrieve", "decide", "answer"]
    assert [p["text"] for p in custom if p["kind"] == "text"] == ["需提前 2 天预约[1]。"]
    assert [m["content"] for m in messages if m["type"] == "ai"] == ["需提前 2 天预约[1]。"]
    assert "99 天" not in str(parts)
    assert len(model.requests) == 2


async def test_what_is_traced_has_the_steps_and_the_prompt_and_is_masked(
    client: LangGraphClient, model: FakeVLLM, traces: langsmith.Recorder
) -> None:
    model.switches.replies = ["需提前 2 天预约[1]。"]
    traces.bodies.clear()
    await ask(client, await new_thread(client), f"{CLEANING}？我电话 13812345678")

    steps = {"intent", "retrieve", "decide", "answer", "ChatOpenAI"}
    await asyncio.to_thread(
        traces.wait, lambda: steps <= traces.names and "<手机号>" in traces.text, END_S
    )
    assert steps <= traces.names
    assert "<手机号>" in traces.text
    assert "13812345678" not in traces.text


async def test_shows_the_graph_without_running_it(client: LangGraphClient, server: Server) -> None:
    if server.kind == "own":
        pytest.skip("the README shows it")
    drawn = await client.assistants.get_graph("kefu")

    assert {"intent", "decide", "answer", "handoff"} <= {node["id"] for node in drawn["nodes"]}


def test_never_blocks_the_event_loop_and_ends_when_interrupted(server: Server) -> None:
    server.process.send_signal(signal.SIGINT)  # comes last: all turns were run

    server.process.wait(END_S)

    log = server.log.read_text()
    assert "BlockingError" not in log
    assert "Traceback" not in log
