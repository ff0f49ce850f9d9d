"""Starts Kefu under one address, shows how far it is, and serves until it is told to end."""

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import TYPE_CHECKING

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from graph.settings import Settings
from tools.errors import ConfigError
from ui import BEGAN_S
from ui.patience import Patient
from ui.starting import Doorway

if TYPE_CHECKING:
    from ui.service import Service

SHUTDOWN_S = 3  # for open pages: their event streams never end by themselves


async def serve(config: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    The address answers at once: with a page that shows how far the start is, then with Kefu.

    Raises:
        ConfigError: if a setting can't be used, or the address can't be bound.
        StoreUnavailable: if a database is locked or read-only.
    """
    console = Console(stderr=True)
    doorway = Doorway()
    bar = _Indexing(console, doorway)
    server = _Server(doorway, config.host, config.port)
    async with AsyncExitStack() as stack:
        stack.callback(bar.close)
        serving = asyncio.create_task(server.serve())
        opening = asyncio.create_task(_open(config, bar, stack))
        await asyncio.wait({serving, opening}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():  # told to end while it started, or it can't
            opening.cancel()
            await asyncio.wait({opening})
            serving.result()
            await stack.aclose()
            os._exit(0)  # a thread still imports; nobody should wait for that, seconds of CPU
        try:
            service = opening.result()
        except BaseException:
            server.should_exit = True
            await serving
            raise
        bar.close()
        doorway.open(service.app)
        took = f"{time.monotonic() - BEGAN_S:.1f} s ({time.process_time():.1f} s of CPU)"
        console.print(f"Kefu: {server.address}  ready after {took}  (Ctrl-C ends)", highlight=False)
        for text in service.notes:
            console.print(text, highlight=False, markup=False, soft_wrap=True)
        await serving


async def _open(config: Settings, bar: "_Indexing", stack: AsyncExitStack) -> "Service":
    """Import and open everything, which `stack` closes; seconds, in which the address answers."""
    gc.disable()  # hardly anything that is loaded now becomes garbage
    service = await asyncio.to_thread(_imported)
    opened = await stack.enter_async_context(service(config, bar.show))
    gc.freeze()  # what is loaded stays; else every full collection looks at all of it
    gc.enable()
    return opened


def _imported() -> (
    "Callable[[Settings, Callable[[int, int], None]], AbstractAsyncContextManager[Service]]"
):
    from ui.service import service  # noqa: PLC0415

    return service


class _Indexing:
    """A progress bar that appears with the first entry, here and on the starting page."""

    def __init__(self, console: Console, doorway: Doorway) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        self._bar = Progress(*columns, TimeRemainingColumn(), console=console)
        self._task = self._bar.add_task("indexing the knowledge", total=None)
        self._doorway = doorway

    def show(self, done: int, total: int) -> None:
        if not self._bar.live.is_started:
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)
        self._doorway.show(done, total)

    def close(self) -> None:
        self._bar.stop()


class _Server(uvicorn.Server):
    """uvicorn that knows its address, and ends on a signal without raising it once more."""

    def __init__(self, app: Doorway, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=Patient,
                log_level="warning",
                lifespan="off",  # that of the application behind the doorway is run with it
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as exc:  # uvicorn has said why
            raise ConfigError(
                f"http://{self.config.host}:{self.config.port}/ can't be served; end what uses it, "
                f"or take another KEFU_HOST or KEFU_PORT (0 = any free one)"
            ) from exc

    @property
    def address(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}/"

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut the streams of open pages without a traceback of each."""
        logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
        await super().shutdown(sockets)

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


def _is_no_cut(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
