"""The real Elasticsearch that tests may use, and nodes of their own that they may break."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, Elasticsearch

from graph.settings import ROOT, Settings
from tools.embed import Embedder
from tools.errors import SearchUnavailable
from tools.search import elastic_health, elastic_server
from tools.search.elastic import ElasticSearch
from tools.search.types import SearchResult

NODE = ROOT.parent / "shared" / "elasticsearch"  # scripts that start and stop a node
NO_SERVER = "no server: set KEFU_SEARCH__URL to an Elasticsearch's address"
NO_NODE = f"no node to break: {NODE} is not there"
REFRESH = "10ms"  # so that an edit is not waited for a second
SHORT_LIVED = "-XX:TieredStopAtLevel=1"  # compiled for speed, a start takes 35 s of CPU, not 15

WHOLE = {"words": "ok", "dense": "ok"}
PATIENCE_S = 60.0  # for an answer, on a machine that has much else to do
START_S = 900.0  # for a node

# A test says so where Kefu is to give up sooner.
patient = partial(ElasticSearch.open, timeout_s=PATIENCE_S)
elastic_health.HEALTH_TIMEOUT_S = elastic_server.OPEN_TIMEOUT_S = PATIENCE_S

answered: dict[str, str] = {}  # address -> who answered there
_shared: dict[str, str] = {}  # embedder -> index


@cache
def server_url() -> str:
    """Return the address of the server for tests, as first asked for; "" when there is none."""
    return Settings().search.url


def raw_client(url: str = "", **options: Any) -> AsyncElasticsearch:  # noqa: ANN401 of the client
    """Return a client that knows nothing of Kefu."""
    return AsyncElasticsearch(url or server_url(), request_timeout=PATIENCE_S, **options)


def new_index() -> str:
    """Return a name that no index has."""
    return f"kefu-test-{uuid4().hex[:12]}"


@asynccontextmanager
async def elastic_search(
    embedder: Embedder | None,
    url: str = "",
    **options: Any,  # noqa: ANN401 of ElasticSearch.open
) -> AsyncIterator[ElasticSearch]:
    """Open an index of the test's own and delete it afterwards."""
    url = url or server_url()
    index = options.pop("index", None) or new_index()
    search = await patient(url, embedder, index=index, **options)
    client = raw_client(url, api_key=options.get("api_key"))
    try:
        await client.indices.put_settings(index=index, settings={"refresh_interval": REFRESH})
        answered[url] = (await search.health()).backend.rpartition(", index")[0]
        yield search
    finally:
        await search.close()
        for name in (await client.indices.get(index=f"{index}-*")).body:
            await client.indices.delete(index=name)
        await client.close()


@asynccontextmanager
async def emptied_search(
    embedder: Embedder | None,
    **options: Any,  # noqa: ANN401 of ElasticSearch.open
) -> AsyncIterator[ElasticSearch]:
    """Open an index that tests share, one a kind, and empty it afterwards: ten times faster."""
    index = _shared.setdefault(embedder.name if embedder else "", new_index())
    search = await patient(server_url(), embedder, index=index, **options)
    client = raw_client()
    try:
        await client.indices.put_settings(index=index, settings={"refresh_interval": REFRESH})
        answered[server_url()] = (await search.health()).backend.rpartition(", index")[0]
        yield search
    finally:
        await search.close()
        await client.indices.refresh(index=index)
        await client.delete_by_query(index=index, query={"match_all": {}}, refresh=True)
        await client.close()


def delete_shared() -> None:
    """Delete the indexes that tests shared."""
    for index in _shared.values():
        with Elasticsearch(server_url(), request_timeout=PATIENCE_S) as client:
            for name in client.indices.get(index=f"{index}-*").body:
                client.indices.delete(index=name)


async def recovered(
    ask: Callable[[], Awaitable[SearchResult]],
    legs: Mapping[str, str] = WHOLE,
) -> SearchResult:
    """Return the first answer whose legs are these; until then there may be none."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            found = await ask()
            if found.legs == legs:
                return found
            seen = str(found.legs)
        except SearchUnavailable as exc:
            seen = str(exc)
        assert time.monotonic() < end_s, f"no answer with {legs} in time, the last was: {seen}"
        await asyncio.sleep(0.05)


class Node:
    """A node of the test's own, in a folder of its own."""

    def __init__(self, state: Path, port: int, password: str = "") -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._state = state
        self._owner = ("elastic", password)
        self._settings = [
            f"ES_PORT={port}",
            f"ES_STATE={state}",
            "ES_HEAP=512m",
            f"ES_JAVA_OPTS={SHORT_LIVED}",
            f"JAVA_TOOL_OPTIONS={SHORT_LIVED}",
            "ES_WIPE=1",
            *([f"ES_PASSWORD={password}"] if password else []),
        ]

    def start(self) -> None:
        """Start it, with what it held before, and wait until it serves."""
        with suppress(subprocess.CalledProcessError):  # it waits for two minutes only
            self._run("start")
        with Elasticsearch(self.url, basic_auth=self._owner, max_retries=0) as client:
            end_s = time.monotonic() + START_S
            while True:
                try:
                    client.cluster.health(wait_for_status="yellow", timeout="5s")
                    return
                except (TransportError, ApiError) as exc:
                    if time.monotonic() > end_s or not self._pids():
                        raise RuntimeError(f"no node at {self.url}") from exc
                time.sleep(0.5)

    def stop(self) -> None:
        """Stop it and delete what it held."""
        self._run("stop")

    def kill(self) -> None:
        """Kill it as a crash would."""
        self._signal(signal.SIGKILL)

    def hang(self) -> None:
        """Make it take connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _run(self, script: str) -> None:
        # Its server goes on running with these streams, so they must not be pipes.
        subprocess.run(
            ["env", *self._settings, "nice", str(NODE / script)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=START_S,
        )

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._pids():
            os.kill(pid, number)

    def _pids(self) -> list[int]:
        """Return the server's processes, none where its launcher is gone."""
        launcher = (self._state / "pid").read_text().strip()
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", launcher], check=False, capture_output=True, text=True
        )
        return [int(pid) for pid in found.stdout.split()]
