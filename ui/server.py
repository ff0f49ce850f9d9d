"""The server: chat page, knowledge page and health under one address."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Response
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from graph.app import Kefu, opened
from graph.settings import Settings
from tools.errors import StoreUnavailable
from ui.chat import STYLE, chat_page, theme
from ui.editors import GUEST, editors_of
from ui.health import health, policy_note
from ui.knowledge import PATH, mount_knowledge
from ui.runner import Runner

logger = logging.getLogger(__name__)

RECOVER_EVERY_S = 30.0
LONGEST_TURN_S = 120.0  # a message that is being worked on must not be taken up again
SHUTDOWN_S = 3  # for open pages: their event streams never end by themselves


def create_app(runner: Runner, kefu: Kefu, editors: Mapping[str, str] | None = None) -> FastAPI:
    """Return the web application; its services are closed by whoever opened them.

    `editors` are names and passwords for the knowledge page; nobody means no such page.
    """
    app = FastAPI(title="Kefu", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def _health(response: Response) -> dict[str, Any]:
        found = await health(kefu)
        response.status_code = 200 if found["status"] == "ok" else 503
        return found

    if editors:
        mount_knowledge(app, kefu, editors)
    gr.mount_gradio_app(
        app,
        chat_page(runner, kefu),
        path="/",
        theme=theme(),
        css_paths=STYLE,
        footer_links=[],
        run_history=False,  # else the browser keeps every call
        max_file_size="1kb",  # nothing is uploaded here, but Gradio's route is open
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
    )
    return app


async def serve(config: Settings) -> None:
    """Open Kefu, take up what a crash left unanswered, and serve until SIGINT or SIGTERM.

    Raises:
        ConfigError: if a setting can't be used.
        StoreUnavailable: if a database is locked or read-only.
        SystemExit: if the address can't be bound; uvicorn has said why.
    """
    console = Console(stderr=True)
    bar = _Indexing(console)
    try:
        async with opened(config, progress=bar.show) as kefu:
            bar.close()
            runner = Runner(kefu)
            recovered = await runner.recover(idle_s=0)
            if recovered:
                console.print(f"{recovered} unanswered messages taken up")
            for bad in kefu.report.rejected if kefu.report else []:
                console.print(str(bad), style="yellow", markup=False)
            editors = editors_of(config)
            app = create_app(runner, kefu, editors)
            gc.freeze()  # what is loaded stays; else every full collection looks at all of it
            gc.enable()
            recovering = asyncio.create_task(_recover_again(runner))
            notes = [f"Knowledge page: {PATH}, {_sign_in(config, editors)}"]
            notes += filter(None, [await policy_note(kefu)])
            await _Server(app, config.host, config.port, console, notes).serve()
            recovering.cancel()
            await runner.close()
    finally:
        bar.close()


async def _recover_again(runner: Runner) -> None:
    """Answer late what could not be kept or saved when it came, as soon as that works again."""
    while True:
        await asyncio.sleep(RECOVER_EVERY_S)
        try:
            await runner.recover(idle_s=LONGEST_TURN_S)
        except StoreUnavailable:
            logger.warning("messages still wait for the desk", exc_info=True)


def _sign_in(config: Settings, editors: Mapping[str, str]) -> str:
    if config.editors:
        return "for those in KEFU_EDITORS"
    if editors:
        return f"name {GUEST}, password {editors[GUEST]} (until the next start; see KEFU_EDITORS)"
    return "off: set KEFU_EDITORS to serve it on an address that others can reach"


class _Indexing:
    """A progress bar that appears with the first entry."""

    def __init__(self, console: Console) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        self._bar = Progress(*columns, TimeRemainingColumn(), console=console)
        self._task = self._bar.add_task("indexing the knowledge", total=None)

    def show(self, done: int, total: int) -> None:
        if not self._bar.live.is_started:
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._bar.stop()


class _Server(uvicorn.Server):
    """uvicorn that says where it listens, and ends on a signal without raising it once more."""

    def __init__(
        self, app: FastAPI, host: str, port: int, console: Console, notes: Sequence[str]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )
        self._console = console
        self._notes = notes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._console.print(f"Kefu: http://{host}:{port}/  (Ctrl-C ends)", highlight=False)
            for text in self._notes:
                self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
