"""What people meet while Kefu starts."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from graph.settings import ROOT
from tests.e2e.browser import CHROMIUM, Browser, browsing
from tests.e2e.servers import free_port, running
from ui.starting import Doorway

PATIENCE_S = 180


def visitor(doorway: Doorway) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(doorway), base_url="http://kefu")


async def test_until_kefu_is_there_everybody_is_told_how_far_it_is() -> None:
    doorway = Doorway()
    doorway.show(3, 40)

    async with visitor(doorway) as client:
        page, state, other = [await client.get(p) for p in ("/", "/health", "/knowledge/")]

    assert {page.status_code, state.status_code, other.status_code} == {503}
    assert "客服正在启动" in page.text
    assert state.json() == {"status": "starting", "done": 3, "total": 40}
    assert page.headers["retry-after"] == "2"


async def test_then_they_are_led_to_it() -> None:
    doorway = Doorway()
    doorway.open(PlainTextResponse("您好"))

    async with visitor(doorway) as client:
        assert (await client.get("/")).text == "您好"


@contextmanager
def starting(
    folder: Path, *, entries: int, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server that has so many entries to index; yield it once it answers."""
    lines = [
        {"id": f"e{n}", "question": f"第 {n} 号商品怎么保养？", "answer": f"每 {n} 天清洁一次。"}
        for n in range(entries)
    ]
    knowledge = folder / "kb.jsonl"
    knowledge.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    port = free_port()
    process, url = serve(port, folder, knowledge, **environment), f"http://127.0.0.1:{port}/"
    try:
        while process.poll() is None:
            with suppress(httpx.TransportError):
                httpx.get(url, timeout=PATIENCE_S)
                break
            time.sleep(0.1)
        yield process, url
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def serve(port: int, var: Path, knowledge: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ui", "serve"],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "KEFU_PORT": str(port),
            "KEFU_VAR": str(var),
            "KEFU_KB": str(knowledge),
            "OMP_NUM_THREADS": "1",
            **environment,
        },
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def embeddings(may_go_on: threading.Event) -> Iterator[str]:
    """Serve vectors: of many texts at once, as of knowledge, only when they may go on."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            if len(texts) > 1:
                may_go_on.wait()
            data = [{"index": at, "embedding": [1.0] * 8} for at in range(len(texts))]
            body = json.dumps({"data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        may_go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with browsing() as started:
        yield started


@pytest.mark.browser
def test_the_starting_page_becomes_the_chat_by_itself(browser: Browser, tmp_path: Path) -> None:
    may_go_on = threading.Event()
    with (
        embeddings(may_go_on) as address,
        starting(tmp_path, entries=60, KEFU_EMBED__KIND="http", KEFU_EMBED__BASE_URL=address) as (
            _,
            url,
        ),
    ):
        first = httpx.get(f"{url}health", timeout=PATIENCE_S).json()
        page = browser.new_page(locale="zh-CN")
        page.set_default_timeout(1000 * PATIENCE_S)
        page.goto(url)
        said = page.locator("#text").inner_text()
        may_go_on.set()
        page.locator("#kefu-chat").wait_for()
        page.close()

    assert first["status"] == "starting"
    assert "页面会自动打开" in said


def test_ctrl_c_ends_a_start_at_once(tmp_path: Path) -> None:
    with starting(tmp_path, entries=3000) as (process, url):
        assert httpx.get(f"{url}health", timeout=PATIENCE_S).json()["status"] == "starting"

        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert "Traceback" not in said


def test_sigterm_does_not_wait_for_what_is_being_imported(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "langgraph.py").write_text(f"import time; time.sleep({2 * PATIENCE_S})", "utf-8")
    with starting(tmp_path, entries=2, PYTHONPATH=str(slow)) as (process, url):
        assert httpx.get(f"{url}health", timeout=PATIENCE_S).json()["status"] == "starting"

        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert not said.strip()


def test_a_taken_address_is_said_before_anything_is_indexed(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = serve(other.getsockname()[1], tmp_path, tmp_path / "kb.jsonl")
        _, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert "address already in use" in said
    assert "KEFU_PORT" in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_a_missing_knowledge_file_ends_the_start_with_its_name(tmp_path: Path) -> None:
    process = serve(free_port(), tmp_path / "var", tmp_path / "no.jsonl")
    _, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert "no.jsonl" in said
    assert "Traceback" not in said


def test_ctrl_c_is_quiet_while_pages_are_open(tmp_path: Path) -> None:
    knowledge = tmp_path / "kb.jsonl"
    knowledge.write_text(
        '{"id": "a", "question": "运费怎么算？", "answer": "满 99 元包邮。"}', "utf-8"
    )
    port = free_port()
    env = {"KEFU_PORT": str(port), "KEFU_VAR": str(tmp_path), "KEFU_KB": str(knowledge)}

    with (
        running("ui", "serve", port=port, env=env) as server,
        httpx.stream("GET", f"{server.url}gradio_api/heartbeat/a", timeout=PATIENCE_S),
    ):
        server.end()

    assert server.exit_code == 0
    assert "Traceback" not in server.said
