"""A browser for tests, and servers in processes of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx
import pytest


sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 10_000
SHOWN_MS = 150  # for the browser to draw what an event brought
EVENTS = "/queue/data"  # Gradio streams events from here and ends the stream when all are done
START_S = 120
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url
        self.said = ""  # standard error, once it has ended

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def get(self, path: str) -> Any:
        """Return the JSON at `path`."""
        return httpx.get(self.url + path).json()

    def wait(self) -> None:
        """Return when the server answers."""
        for _ in range(START_S * 10):
            if self._process.poll() is not None:
                self.end()
                raise RuntimeError(f"the server ended before it answered: {self.said}")
            with suppress(httpx.TransportError):
                httpx.get(f"{self.url}health")
                return
            time.sleep(0.1)
        raise RuntimeError(f"the server did not answer within {START_S} s")

    def end(self) -> None:
        """Send SIGINT and wait."""
        if not self.said:
            self._process.send_signal(signal.SIGINT)
            try:
                _, self.said = self._process.communicate(timeout=15)
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


@contextmanager
def browsing() -> Iterator[Any]:
    """Yield a headless Chromium."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A visit to the chat page, all of whose requests and console errors are noted."""

    def __init__(self, context: Any, url: str, height: int) -> None:
        context.set_default_timeout(PATIENCE_MS)
        self.page = context.new_page()
        self.height = height
        self.requested: list[str] = []
        self.errors: list[str] = []
        self._url = url
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)

    @classmethod
    @contextmanager
    def visit(
        cls, browser: Any, url: str, *, locale: str, width: int = 1280, height: int = 844, **kind: Any
    ) -> Iterator[Self]:
        """Open the page with an empty memory; afterwards assert that all went well in it."""
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, locale=locale, **kind)
        visit = cls(context, url, height)
        try:
            visit.open()
            yield visit
        finally:
            context.close()
        strangers = [address for address in visit.requested if not _is_local(address, url)]
        assert (strangers, visit.errors) == ([], [])

    def open(self) -> None:
        """Load the page and wait until its first event has run."""
        with self.event():
            self.page.goto(self._url)

    @contextmanager
    def event(self) -> Iterator[None]:
        """Wait until the page's events that are caused inside have run and are shown."""
        with self.page.expect_event("requestfinished", lambda request: EVENTS in request.url):
            yield
        self.page.wait_for_timeout(SHOWN_MS)

    def ask(self, text: str) -> None:
        """Send a message and wait for the end of its turn."""
        box = self.page.locator("#kefu-box textarea")
        box.fill(text)
        with self.event():
            box.press("Enter")

    def click(self, selector: str, text: str = "") -> None:
        """Click what holds `text` and wait until its event has run."""
        with self.event():
            self.page.locator(selector, has_text=text).last.click()

    def choose(self, selector: str, label: str) -> None:
        """Choose an option of a drop-down list and wait until its event has run."""
        self.page.locator(f"{selector} input").click()
        with self.event():
            self.page.get_by_role("option", name=label, exact=True).click()

    def last_reply(self) -> str:
        """Return the text of the bot's last message, with its notes and citations."""
        return str(self.page.locator("#kefu-chat .bot.message").last.inner_text())

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


def _is_local(address: str, url: str) -> bool:
    return address.startswith((url, "data:", "blob:"))
