"""Elasticsearch killed, hung, absent or guarded: said in time, mended without restart."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.servers import free_port
from tests.fakes.elastic import (
    NO_NODE,
    NODE,
    PATIENCE_S,
    Node,
    elastic_search,
    new_index,
    patient,
    raw_client,
    recovered,
)
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import entry
from tools.errors import ConfigError, SearchUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.types import Filters, SearchResult

QUESTION = "退款多久到账"
PASSWORD = "correct-horse"
needs_node = pytest.mark.skipif(not NODE.is_dir(), reason=NO_NODE)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A node with security that tests may break; each leaves it running."""
    port = free_port()  # several checkouts may be tested at once
    node = Node(Path(f"/tmp/kefu-test-node-{port}"), port, PASSWORD)
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
async def search(node: Node) -> AsyncIterator[ElasticSearch]:
    index = new_index()
    key = await _key(node.url, index)
    async with elastic_search(
        HashEmbedder(), node.url, index=index, api_key=key, timeout_s=0.6, breaker_reset_s=0.3
    ) as opened:
        await opened.upsert([entry("x", QUESTION)], tenant="default")
        await recovered(partial(ask, opened))
        yield opened


async def ask(search: ElasticSearch) -> SearchResult:
    vector = (await HashEmbedder().questions([QUESTION]))[0]
    return await search.search(QUESTION, vector, k=5, filters=Filters())


async def is_left_alone(search: ElasticSearch) -> bool:
    """Say whether a failure was told without asking the server."""
    with pytest.raises(SearchUnavailable) as told:
        await ask(search)
    return "breaker open" in str(told.value)


@needs_node
async def test_a_killed_server_is_failed_and_never_nothing(
    search: ElasticSearch, node: Node
) -> None:
    node.kill()

    for _ in range(5):
        with pytest.raises(SearchUnavailable):
            await ask(search)
    await asyncio.to_thread(node.start)

    assert [p["id"] for p in (await recovered(partial(ask, search))).passages] == ["x"]


@needs_node
async def test_a_hung_server_is_given_up_in_time(search: ElasticSearch, node: Node) -> None:
    node.hang()
    try:
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(3):
                with pytest.raises(SearchUnavailable, match="no answer in time"):
                    await ask(search)
            while not await is_left_alone(search):
                pass
    finally:
        node.wake()

    assert [p["id"] for p in (await recovered(partial(ask, search))).passages] == ["x"]


@needs_node
async def test_writes_to_a_hung_server_are_kept_or_said(search: ElasticSearch, node: Node) -> None:
    node.hang()
    writing = asyncio.create_task(search.upsert([entry("y", "发票抬头")], tenant="default"))
    await asyncio.sleep(0.5)
    node.wake()

    assert (await writing).added == 1
    assert await search.ids(tenant="default") == {"x", "y"}


async def test_an_address_where_nobody_answers_is_named() -> None:
    with pytest.raises(SearchUnavailable, match=r"127\.0\.0\.1:9: nobody answers.*KEFU_SEARCH"):
        await patient("http://127.0.0.1:9", None)


async def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="KEFU_SEARCH__URL"):
        await patient("localhost", None)


async def test_a_server_that_is_no_elasticsearch_is_named() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(ConfigError, match="no Elasticsearch"):
            await patient(f"http://127.0.0.1:{port}", None)
    finally:
        server.close()


@needs_node
async def test_a_server_with_security_wants_a_key(node: Node) -> None:
    with pytest.raises(ConfigError, match="KEFU_SEARCH__API_KEY"):
        await patient(node.url, None)
    with pytest.raises(ConfigError, match="KEFU_SEARCH__API_KEY"):
        await patient(node.url, None, api_key="d3Jvbmc6a2V5")

    index = new_index()
    key = await _key(node.url, index)
    search = await patient(node.url, HashEmbedder(), index=index, api_key=key)
    await search.upsert([entry("x", QUESTION)], tenant="default")
    await search.rebuild()

    assert [p["id"] for p in (await ask(search)).passages] == ["x"]
    assert "elasticsearch" in (await search.health()).backend
    await search.close()


async def _key(url: str, index: str) -> str:
    """Return a key with the rights that docs/elasticsearch.md names, and no more."""
    async with raw_client(url, basic_auth=("elastic", PASSWORD)) as client:
        made = await client.security.create_api_key(
            name="kefu",
            role_descriptors={
                "kefu": {
                    "indices": [
                        {"names": [index, f"{index}-*"], "privileges": ["read", "write", "manage"]}
                    ]
                }
            },
        )
    return str(made["encoded"])
