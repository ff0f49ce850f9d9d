"""What every test gets: no network, and a small Kefu for those that ask."""

import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from graph.app import Kefu
from graph.settings import settings
from tests.e2e.servers import free_port
from tests.fakes.elastic import answered, server_url
from tests.fakes.kefu import small_kefu
from tools.desk import connection
from tools.desk.desk import Desk
from ui.runner import Runner

SEARCH_URL = "KEFU_SEARCH__URL"
MEMORY = Path("/dev/shm")  # no commit of a database waits for the disk there
ROOM = 4 * 2**30  # of bytes; a run leaves nothing there but what failed
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


def pytest_configure(config: pytest.Config) -> None:
    environment = pytest.MonkeyPatch()
    if url := getattr(config, "workerinput", {}).get(SEARCH_URL):
        environment.setenv(SEARCH_URL, url)
    if "TMPDIR" not in os.environ and _is_roomy(MEMORY):  # noqa: TID251
        environment.setenv("TMPDIR", str(MEMORY))
        tempfile.tempdir = None  # so that it is read again
    connection.STUCK_S = 60.0  # a machine that stands still is no stuck database
    server_url()  # kept for the tests of Elasticsearch; all others use the embedded engine
    environment.delenv(SEARCH_URL, raising=False)
    sys.addaudithook(_offline)
    # a shell's background job ignores it, and so would the programs that tests end with it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_roomy(folder: Path) -> bool:
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False  # tests run what they write there
    return shutil.disk_usage(folder).free > ROOM


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of a run is waiting."""
    usable = getattr(os, "sched_getaffinity", None)  # not all that are there; Linux says
    return (len(usable(0)) if usable else os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with those that start a server of their own; others run beside the waiting."""
    items.sort(key=lambda item: "node" not in getattr(item, "fixturenames", ()))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 of pytest-xdist: a process begins
    node.workerinput[SEARCH_URL] = server_url()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (to_first := getattr(session.config, "workeroutput", None)) is not None:
        to_first["answered"] = answered


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 of pytest-xdist: a process has ended
    answered.update(getattr(node, "workeroutput", {}).get("answered", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for where, who in answered.items():
        terminalreporter.write_line(f"search contract: {who} answered ({where})")


def _offline(event: str, args: tuple[object, ...]) -> None:
    """Forbid every connection that leaves this machine, from whatever library."""
    if event in ("socket.connect", "socket.sendto"):
        sock, address = args
        if getattr(sock, "family", None) == socket.AF_UNIX:
            return
        host = address[0] if isinstance(address, tuple) else address
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if not name.startswith(LOOPBACK):
        raise RuntimeError(f"a test tried to reach {name!r}: only loopback is allowed")


@pytest.fixture(autouse=True)
def unread_settings() -> None:
    """Let every test read its own environment, not what another one has read: its KEFU_VAR too."""
    settings.cache_clear()


@pytest.fixture
def unused_tcp_port() -> int:
    """Return a port that is free until the test binds it; the plugin's own is anybody's."""
    return free_port()


@pytest.fixture
async def kefu(tmp_path: Path) -> AsyncIterator[Kefu]:
    """A Kefu without a model (level 2) on tests/fakes/knowledge.jsonl; its clock stands still."""
    async with small_kefu(tmp_path) as opened:
        yield opened


@pytest.fixture
async def runner(kefu: Kefu) -> AsyncIterator[Runner]:
    runner = Runner(kefu)
    yield runner
    await runner.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(f"sqlite+aiosqlite:///{tmp_path}/desk.db")
    yield desk
    await desk.close()
