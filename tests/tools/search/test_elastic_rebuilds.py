"""Two rebuilds at once: one of them serves, the other says so, and the alias is on one index."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.elastic import NO_SERVER, elastic_search, patient, raw_client, server_url
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tools.errors import StoreUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.elastic_hold import Hold

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
QUESTION = "退款多久到账"


class Other(HashEmbedder):
    name = "hash-64-b"


@pytest.fixture
async def search() -> AsyncIterator[ElasticSearch]:
    async with elastic_search(HashEmbedder()) as opened:
        await opened.upsert([entry("x", QUESTION), entry("y", "发票抬头")], tenant="default")
        yield opened


async def standing(search: ElasticSearch) -> list[str]:
    async with raw_client() as raw:
        return sorted((await raw.indices.get_alias(name=search.alias)).body)


async def another(search: ElasticSearch, embedder: HashEmbedder) -> ElasticSearch:
    return await patient(server_url(), embedder, index=search.alias, is_rebuild=True)


async def test_two_rebuilds_at_once_leave_the_alias_on_one_index(search: ElasticSearch) -> None:
    async def overtaken(_: object) -> None:
        other = await another(search, HashEmbedder())
        await other.rebuild()
        await other.close()

    with pytest.raises(StoreUnavailable, match="another rebuild was faster"):
        await search.rebuild(check=overtaken)

    async with raw_client() as raw:
        found = (await raw.indices.get_alias(index=f"{search.alias}-*")).body
        blocked = (await raw.indices.get_settings(index=f"{search.alias}-000001")).body
    assert sorted(found) == [f"{search.alias}-{n:06}" for n in (1, 3)]  # the slower one's is gone
    assert await standing(search) == [f"{search.alias}-000003"]
    assert "write" in blocked[f"{search.alias}-000001"]["settings"]["index"]["blocks"]
    assert (await Ask(search, HashEmbedder(), "hybrid").ids(QUESTION))[0] == "x"
    await search.upsert([entry("z", "开发票")], tenant="default")


async def test_two_rebuilds_never_fill_one_index(search: ElasticSearch) -> None:
    others = [await another(search, embedder) for embedder in (HashEmbedder(), Other())]

    made = await asyncio.gather(*(one.rebuild() for one in others), return_exceptions=True)

    assert sum(isinstance(one, StoreUnavailable) for one in made) <= 1
    async with raw_client() as raw:
        [(index, facts)] = (await raw.indices.get(index=search.alias)).body.items()
        texts = await raw.count(index=index)
    assert facts["mappings"]["_meta"]["embedder"] in (HashEmbedder.name, Other.name)
    assert texts["count"] == 2
    for one in others:
        await one.close()


async def test_the_alias_is_moved_from_an_index_that_has_it_only(search: ElasticSearch) -> None:
    old, first, second = (f"{search.alias}-{n:06}" for n in (1, 2, 3))
    async with raw_client() as raw:
        for index in (first, second):
            await raw.indices.create(index=index, settings={"number_of_replicas": 0})
        hold = Hold(raw, server_url(), search.alias)

        moved = []
        for new in (first, second):
            await hold.take(old)
            moved.append(await hold.move(old, new))

        with pytest.raises(StoreUnavailable, match="another rebuild was faster"):
            await hold.let_go(old)
    assert moved == [True, False]
    assert await standing(search) == [first]


async def test_a_hold_is_lifted_only_while_the_alias_is_there(search: ElasticSearch) -> None:
    old, new = (f"{search.alias}-{n:06}" for n in (1, 2))
    async with raw_client() as raw:
        await raw.indices.create(index=new, settings={"number_of_replicas": 0})
        hold = Hold(raw, server_url(), search.alias)
        await hold.take(old)
        await hold.let_go(old)
        await search.upsert([entry("z", "开发票")], tenant="default")
        assert await standing(search) == [old]

        await hold.take(old)
        await hold.move(old, new)
        with pytest.raises(StoreUnavailable, match="another rebuild was faster"):
            await hold.let_go(old)

        facts = (await raw.indices.get(index=old)).body[old]
    assert facts["settings"]["index"]["blocks"] == {"write": "true"}
    assert not {*facts["aliases"]} & {search.alias, f"{search.alias}-moving"}
