"""The first import has settings of its own; whatever ends it, the index serves as it should."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from elasticsearch import AsyncElasticsearch

from tests.fakes.elastic import (
    NO_SERVER,
    PATIENCE_S,
    elastic_search,
    new_index,
    patient,
    raw_client,
    server_url,
)
from tests.fakes.embed import HashEmbedder, Waiting
from tests.fakes.search import Ask, entry
from tools.embed_base import Vector2D
from tools.errors import SearchUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.elastic_build import Plan
from tools.search.elastic_import import Imports
from tools.search.elastic_server import connect

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
MANY = [entry(str(n), f"问题 {n}") for n in range(130)]
IMPORTING = {"refresh_interval": "-1", "auto_expand_replicas": "false", "number_of_replicas": "0"}
SERVING = {"refresh_interval": "1s", "auto_expand_replicas": "0-1", "number_of_replicas": "0"}


class Failing(HashEmbedder):
    """Embeds one batch, then is gone."""

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        if self.asked:
            raise SearchUnavailable("gone")
        return await super().passages(texts)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.search.elastic_store.LEAST", 100)


@pytest.fixture
async def raw() -> AsyncIterator[AsyncElasticsearch]:
    async with raw_client() as client:
        yield client


async def set_up(raw: AsyncElasticsearch, search: ElasticSearch) -> dict[str, str]:
    [facts] = (await raw.indices.get(index=search.alias)).body.values()
    assert any(name.endswith("-importing") for name in facts["aliases"]) == (
        facts["settings"]["index"]["refresh_interval"] == "-1"
    )
    return {name: facts["settings"]["index"].get(name, "") for name in SERVING}


async def test_the_first_import_has_no_refresh_and_no_copies(raw: AsyncElasticsearch) -> None:
    slow = Waiting()
    async with elastic_search(slow, plan=Plan(replicas="1")) as search:
        importing = asyncio.create_task(search.upsert(MANY, tenant="default"))
        await slow.has_begun.wait()

        during = await set_up(raw, search)
        slow.may_go_on.set()
        changes = await importing
        after = await set_up(raw, search)

        assert during == IMPORTING
        assert after == SERVING | {"auto_expand_replicas": "false", "number_of_replicas": "1"}
        assert changes.added == 130
        other = await patient(server_url(), HashEmbedder(), index=search.alias)
        assert (await other.health()).entries == 130
        await other.close()


async def test_a_later_import_leaves_the_settings_alone(raw: AsyncElasticsearch) -> None:
    slow = Waiting()
    async with elastic_search(slow) as search:
        slow.may_go_on.set()
        await search.upsert([entry("x", "发票")], tenant="default")
        slow.may_go_on.clear()
        slow.has_begun.clear()
        importing = asyncio.create_task(search.upsert(MANY, tenant="default"))
        await slow.has_begun.wait()

        assert (await set_up(raw, search))["refresh_interval"] != "-1"

        slow.may_go_on.set()
        await importing


async def test_an_import_that_fails_leaves_an_index_that_serves(raw: AsyncElasticsearch) -> None:
    async with elastic_search(Failing()) as search:
        with pytest.raises(SearchUnavailable, match="gone"):
            await search.upsert(MANY, tenant="default")

        assert await set_up(raw, search) == SERVING
        assert len(await search.ids(tenant="default")) == 64


async def test_what_a_killed_import_leaves_is_mended_by_the_next_start(
    raw: AsyncElasticsearch,
) -> None:
    async with elastic_search(HashEmbedder()) as search, connect(server_url()) as client:
        await Imports(client, server_url(), search.alias).begin(f"{search.alias}-000001")
        assert await set_up(raw, search) == IMPORTING

        again = await patient(server_url(), HashEmbedder(), index=search.alias)

        assert await set_up(raw, search) == SERVING
        assert (await again.health()).lacks == ""
        await again.close()


async def test_edits_of_others_are_seen_at_once_during_an_import() -> None:
    index, slow = new_index(), Waiting()
    async with elastic_search(HashEmbedder(), index=index) as search:
        importer = await patient(server_url(), slow, index=index)
        importing = asyncio.create_task(importer.upsert(MANY, tenant="default"))
        await slow.has_begun.wait()
        ask = Ask(search, HashEmbedder(), "hybrid")

        async with asyncio.timeout(PATIENCE_S):
            await search.upsert([entry("x", "发票抬头")], tenant="default")
            stored = await ask.ids("发票抬头")
            await search.delete(["x"], tenant="default")
            deleted = await ask.ids("发票抬头")

        assert (stored, deleted) == (["x"], [])
        slow.may_go_on.set()
        assert (await importing).added == 130
        await importer.close()


async def test_a_merge_that_takes_long_goes_on_without_the_rebuild_that_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tools.search.elastic_import.MERGE_S", 0.0001)
    async with elastic_search(HashEmbedder()) as search:
        await search.upsert(MANY, tenant="default")

        assert (await search.rebuild()).changed == 130
        assert "-000002" in (await search.health()).backend
