"""Shards, copies and the vectors' index type as set: all works on three shards as on one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
from aiohttp import web
from elasticsearch import AsyncElasticsearch

from graph.setting_groups import SearchSettings
from tests.fakes.elastic import (
    NO_SERVER,
    elastic_search,
    new_index,
    patient,
    raw_client,
    server_url,
)
from tests.fakes.elastic_proxy import Forward, answer, gate
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tools.errors import ConfigError, SearchUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.elastic_build import Build, Plan
from tools.search.elastic_index import mapping, settings
from tools.search.sqlite import SqliteSearch
from tools.search.types import Filters

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
VECTORS = get_args(SearchSettings.model_fields["vectors"].annotation)
THREE = Plan(shards=3)
QUESTION = "退款多久到账"
MANY = [entry(str(n), f"{QUESTION} {n} {'运费发票密码积分'[n % 8]}") for n in range(60)]


class Narrow(HashEmbedder):
    """Vectors too short for bbq."""

    name = "hash-32"
    dims = 32


@pytest.fixture
async def search() -> AsyncIterator[ElasticSearch]:
    async with elastic_search(HashEmbedder(), plan=THREE) as opened:
        await opened.upsert(MANY, tenant="default")
        yield opened


@pytest.fixture
async def raw() -> AsyncIterator[AsyncElasticsearch]:
    async with raw_client() as client:
        yield client


async def planned(index: str, plan: Plan) -> ElasticSearch:
    return await patient(server_url(), HashEmbedder(), index=index, plan=plan)


async def test_entries_lie_on_all_shards(search: ElasticSearch, raw: AsyncElasticsearch) -> None:
    await search.ids(tenant="default")

    shards = await raw.cat.shards(index=search.alias, format="json", h="shard,docs")

    assert len(shards) == 3
    assert all(int(shard["docs"]) > 0 for shard in shards)  # type: ignore[call-overload,index]


async def test_three_shards_give_passages_the_embedded_engines_scores(
    search: ElasticSearch, tmp_path: Path
) -> None:
    embedded = await SqliteSearch.open(tmp_path, HashEmbedder())
    await embedded.upsert(MANY, tenant="default")
    vector = (await HashEmbedder().questions(["运费多久退"]))[0]

    for asked in (vector, None):
        ours, theirs = [
            (await engine.search("运费多久退", asked, k=60, filters=Filters())).passages
            for engine in (search, embedded)
        ]
        their = {p["id"]: p for p in theirs}
        assert len(ours) == len(their)
        for p in ours:
            assert p["score"] == pytest.approx(their[p["id"]]["score"], abs=0.005)
            assert p["words"] == pytest.approx(their[p["id"]]["words"], abs=0.001)
            assert p["fit"] == pytest.approx(their[p["id"]]["fit"], abs=0.002)


async def test_a_mistyped_word_is_mended_whichever_shard_holds_it(search: ElasticSearch) -> None:
    words = ["refund", "coupon", "invoice", "password", "delivery", "discount"]
    await search.upsert([entry(word, word) for word in words], tenant="default")

    found = [
        await search.search(word[:-2] + word[-1] + word[-2], None, k=5, filters=Filters())
        for word in words
    ]

    assert [[p["id"] for p in one.passages] for one in found] == [[word] for word in words]


async def test_an_edit_and_a_deletion_are_seen_at_once(search: ElasticSearch) -> None:
    ask = Ask(search, HashEmbedder(), "hybrid")

    await search.upsert([entry("0", "积分规则", "新")], tenant="default")
    changed = (await ask("积分规则")).passages[0]
    await search.delete([str(n) for n in range(30)], tenant="default")

    assert (changed["id"], changed["answer"]) == ("0", "新")
    assert await search.ids(tenant="default") == {str(n) for n in range(30, 60)}
    assert "0" not in await ask.ids("积分规则", k=60)


async def test_one_shard_becomes_three_and_one_again() -> None:
    index = new_index()
    async with elastic_search(HashEmbedder(), index=index) as one:
        await one.upsert(MANY, tenant="default")
        three = await planned(index, THREE)

        before = (await three.health()).lacks
        await three.rebuild()
        after = await three.health()
        await three.upsert([entry("new", "积分规则")], tenant="default")
        await three.delete(["0"], tenant="default")
        await one.rollback()

        assert before == "shards 3"
        assert (after.lacks, after.entries) == ("", 60)
        assert "shards 3, replicas 0-1" in after.backend
        assert (await three.health()).entries == 60
        assert (await Ask(one, HashEmbedder(), "hybrid").ids("积分规则"))[0] == "new"
        assert await one.get("0", tenant="default") is None
        await three.close()


async def test_what_an_index_lacks_of_the_plan_is_logged_with_the_command(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with elastic_search(HashEmbedder()) as one:
        other = await planned(one.alias, Plan(2, "1", "bbq_hnsw"))
        await other.close()

    assert (
        "lacks vectors bbq_hnsw, shards 2, replicas 1; python -m tools.ingest --rebuild"
        in caplog.messages[-1]
    )


async def test_copies_are_those_that_are_set_after_a_rebuild_too(raw: AsyncElasticsearch) -> None:
    async with elastic_search(HashEmbedder(), plan=Plan(replicas="2")) as search:
        await search.upsert(MANY, tenant="default")
        await search.rebuild()

        made = (await raw.indices.get_settings(index=f"{search.alias}-*")).body

        assert [one["settings"]["index"]["number_of_replicas"] for one in made.values()] == [
            "2",
            "2",
        ]
        assert (await search.health()).lacks == ""


@pytest.mark.parametrize("vectors", [name for name in VECTORS if name != "auto"])
async def test_every_index_type_finds_by_vectors_and_is_shown(
    vectors: str, raw: AsyncElasticsearch
) -> None:
    async with elastic_search(HashEmbedder(), plan=Plan(vectors=vectors)) as search:
        await search.upsert(MANY, tenant="default")

        mapped = (await raw.indices.get_mapping(index=search.alias)).body.popitem()[1]
        options = mapped["mappings"]["properties"]["vectors"]["properties"]["v"]["index_options"]
        assert options["type"] == vectors
        assert ("m" in options) == vectors.endswith("hnsw")
        assert f"vectors {vectors}," in (await search.health()).backend
        assert (await Ask(search, HashEmbedder(), "dense").ids(MANY[7]["question"]))[0] == "7"


async def test_an_index_type_that_the_server_refuses_is_an_error_that_names_the_setting(
    raw: AsyncElasticsearch,
) -> None:
    index = new_index()

    with pytest.raises(ConfigError, match=r"KEFU_SEARCH__VECTORS=bbq_hnsw.* 32 numbers.*than 64"):
        await patient(server_url(), Narrow(), index=index, plan=Plan(vectors="bbq_hnsw"))

    assert not await raw.indices.exists(index=f"{index}-000001")


async def test_int8_that_is_set_does_not_give_way_to_floats(unused_tcp_port: int) -> None:
    async def old(_: str, body: bytes, forward: Forward) -> web.Response:
        if b'"int8_hnsw"' in body:
            why = "Unknown vector index options type [int8_hnsw] for field [v]"
            return answer(400, {"error": {"type": "mapper_parsing_exception", "reason": why}})
        return await forward(body)

    async with gate(server_url(), unused_tcp_port) as before:
        before.trouble = old
        with pytest.raises(ConfigError, match="KEFU_SEARCH__VECTORS=int8_hnsw"):
            await patient(
                before.url, HashEmbedder(), index=new_index(), plan=Plan(vectors="int8_hnsw")
            )


async def test_with_a_shard_away_nothing_passes_for_the_whole(raw: AsyncElasticsearch) -> None:
    build = Build("hash-64", 64, "bigrams", "terms", "int8_hnsw", shards=3)
    one_less = "index.routing.allocation.total_shards_per_node"
    async with elastic_search(HashEmbedder(), plan=THREE) as search:
        index = f"{search.alias}-000001"
        await raw.indices.delete(index=index)
        await raw.indices.create(
            index=index,
            settings=settings(build) | {one_less: 2},
            mappings=mapping(build),
            aliases={search.alias: {}},
            wait_for_active_shards="0",
        )

        with pytest.raises(SearchUnavailable):
            await Ask(search, HashEmbedder(), "hybrid")(QUESTION)
        with pytest.raises(SearchUnavailable):
            await search.delete([str(n) for n in range(60)], tenant="default")
        with pytest.raises(SearchUnavailable, match="expected 3 shards, 2 answer"):
            await search.rebuild()

        await raw.indices.put_settings(index=index, settings={one_less: -1})
        await raw.cluster.health(index=index, wait_for_status="green")
        assert (await search.upsert(MANY, tenant="default")).added == 60
        assert await search.ids(tenant="default") == {str(n) for n in range(60)}
        assert list((await raw.indices.get(index=f"{search.alias}-*")).body) == [index]
