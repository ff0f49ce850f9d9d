"""The real Elasticsearch that tests may use, and nodes of their own that they may break."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from elasticsearch import AsyncElasticsearch, Elasticsearch

from graph.settings import ROOT, Settings
from tools.embed import Embedder
from tools.search.elastic import ElasticSearch

NODE = ROOT.parent / "shared" / "elasticsearch"  # scripts that start and stop a node
NO_SERVER = "no server: set KEFU_SEARCH__URL to an Elasticsearch's address"
NO_NODE = f"no node to break: {NODE} is not there"
REFRESH = "10ms"  # so that an edit is not waited for a second
SHORT_LIVED = "-XX:TieredStopAtLevel=1"  # compiled for speed, a start takes 35 s of CPU, not 15

answered: dict[str, str] = {}  # address -> who answered there
_shared: dict[str, str] = {}  # embedder -> index


@cache
def server_url() -> str:
    """Return the address of the server for tests, as first asked for; "" when there is none."""
    return Settings().search.url


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
    search = await ElasticSearch.open(url, embedder, index=index, **options)
    client = AsyncElasticsearch(url, api_key=options.get("api_key"))
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
    search = await ElasticSearch.open(server_url(), embedder, index=index, **options)
    client = AsyncElasticsearch(server_url())
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
        with Elasticsearch(server_url()) as client:
            for name in client.indices.get(index=f"{index}-*").body:
                client.indices.delete(index=name)


class Node:
    """A node of the test's own, in a folder of its own."""

    def __init__(self, state: Path, port: int, password: str = "") -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._state = state
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
        """Start it, with what it held before, and wait until it answers."""
        self._run("start")

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
            timeout=300,
        )

    def _signal(self, number: signal.Signals) -> None:
        launcher = (self._state / "pid").read_text().strip()
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", launcher], check=True, capture_output=True, text=True
        )
        for pid in found.stdout.split():
            os.kill(int(pid), number)
