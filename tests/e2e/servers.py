"""Servers in processes of their own, as in real life."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from graph.settings import ROOT

START_S = 300  # the sample company's knowledge may have to be indexed first
END_S = 180  # also for any answer
PORTS = range(20_000, 32_000)  # below those that the system gives to whoever names none


def free_port() -> int:
    """Return a port on loopback that nobody uses, and hardly anybody will before it is bound."""
    while True:
        port = secrets.choice(PORTS)  # another one in every process, whatever the seed
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url
        self.said = ""  # standard error, once it has ended

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON object at `path`."""
        return dict(httpx.get(self.url + path, timeout=END_S).json())

    def wait(self) -> None:
        """Return when the server answers and is no longer starting."""
        for _ in range(START_S * 10):
            if self._process.poll() is not None:
                self.end()
                raise RuntimeError(f"the server ended before it answered: {self.said}")
            with suppress(httpx.TransportError):
                answer = httpx.get(f"{self.url}health")
                if answer.status_code != 503 or "starting" not in answer.text:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the server did not answer within {START_S} s")

    def end(self) -> None:
        """Send SIGINT and wait."""
        if not self.said:
            self._process.send_signal(signal.SIGINT)
            try:
                _, self.said = self._process.communicate(timeout=END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
                raise


@contextmanager
def running(*command: str, port: int, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run `python -m command` until its port answers, and end it with SIGINT like Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", **(env or {})},
        text=True,
    )
    server = Running(process, f"http://127.0.0.1:{port}/")
    try:
        server.wait()
        yield server
    finally:
        server.end()
