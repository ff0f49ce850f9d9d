"""A browser for tests, and a web server in a thread."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest
import uvicorn
from fastapi import FastAPI


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


def free_port() -> int:
    """Return a port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[str]:
    """Serve `app` in a thread and yield its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server ended before it had started")
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(10)


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
        self.page.goto(self._url)
        self.page.locator("#kefu-chat .placeholder-content, #kefu-chat .examples").first.wait_for()
        self.page.locator("#kefu-customer").wait_for()
        self.page.wait_for_load_state("networkidle")

    reload = open

    def ask(self, text: str) -> None:
        """Send a message and wait for the end of its turn."""
        self.page.locator("#kefu-box textarea").fill(text)
        self.page.locator("#kefu-box textarea").press("Enter")
        self._wait_for_turn()

    def wait_for_reply(self, text: str) -> None:
        """Wait until the last reply says `text`."""
        self.page.locator("#kefu-chat .bot").last.get_by_text(text).wait_for()
        self._wait_for_turn()

    def last_reply(self) -> str:
        """Return the text of the bot's last message, with its notes and citations."""
        return str(self.page.locator("#kefu-chat .bot.message").last.inner_text())

    def choose(self, selector: str, label: str) -> None:
        """Choose an option of a drop-down list."""
        self.page.locator(f"{selector} input").click()
        self.page.get_by_role("option", name=label, exact=True).click()
        self.page.wait_for_timeout(300)

    def _wait_for_turn(self) -> None:
        """A turn is over when its notes are folded under their final heading with the time."""
        self.page.wait_for_timeout(100)
        self.page.locator("#kefu-chat .bot .duration").last.wait_for()
        self.page.wait_for_load_state("networkidle")

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


def _is_local(address: str, url: str) -> bool:
    return address.startswith((url, "data:", "blob:"))
