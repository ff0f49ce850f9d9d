"""A recorder in LangSmith's place, on loopback."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langsmith import utils

PROJECT = "11111111-1111-4111-8111-111111111111"
PART = re.compile(
    rb'name="(post|patch)\.([\w-]+)(?:\.(\w+))?"\r\nContent-Type: application/json\r\n'
    rb"Content-Length: \d+\r\n\r\n(.*?)\r\n--",
    re.S,
)


# Its thread may tell of a server that is away when the tests have ended; that belongs to no test.
logging.getLogger("langsmith").addHandler(logging.NullHandler())


class Recorder:
    """What was sent: raw bodies, runs by id with all their parts, feedback."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.feedback: list[dict[str, Any]] = []
        self.address = ""

    @property
    def runs(self) -> dict[str, dict[str, Any]]:
        """The runs by id; a later part of one completes it."""
        found: dict[str, dict[str, Any]] = {}
        for body in self.bodies:
            for _, run, part, text in PART.findall(body):
                value = json.loads(text)
                known = found.setdefault(run.decode(), {})
                known.update({part.decode(): value} if part else value)
        return found

    @property
    def names(self) -> set[str]:
        """What the runs are called."""
        return {run["name"] for run in self.runs.values() if "name" in run}

    @property
    def text(self) -> str:
        """All that was sent."""
        return b"".join(self.bodies).decode("utf-8", "replace")

    def wait(self, has_come: Callable[[], bool], limit_s: float = 120.0) -> None:
        """Wait until something was sent, or the limit; blocks."""
        until_s = time.monotonic() + limit_s
        while not has_come() and time.monotonic() < until_s:
            time.sleep(0.05)


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Record what is sent to LangSmith while the environment asks for traces."""
    monkeypatch.setattr("tools.traces.FLUSH_S", 120)  # all of it is read afterwards
    with serving() as recorder, traced(monkeypatch, recorder.address):
        yield recorder


def environment(address: str) -> dict[str, str]:
    """Return the variables that ask for traces at an address."""
    return {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": address,
        "LANGSMITH_API_KEY": "none",
        "LANGSMITH_DISABLE_RUN_COMPRESSION": "true",
    }


@contextmanager
def serving() -> Iterator[Recorder]:
    """Answer as LangSmith would, and keep what is sent."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            project = {"id": PROJECT, "name": "p", "tenant_id": PROJECT, "start_time": "2026-01-01"}
            project |= {"reference_dataset_id": None}  # type: ignore[dict-item]
            self._answer([project] if self.path.startswith("/sessions") else {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/feedback":
                recorder.feedback.append(json.loads(body))
            recorder.bodies.append(body)
            self._answer({})

        def _answer(self, value: object) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    recorder.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def traced(monkeypatch: pytest.MonkeyPatch, address: str) -> Iterator[None]:
    """Have the environment ask for traces at an address."""
    with monkeypatch.context() as patch:
        for name, value in environment(address).items():
            patch.setenv(name, value)
        utils.get_env_var.cache_clear()
        try:
            yield
        finally:
            patch.undo()
            utils.get_env_var.cache_clear()
