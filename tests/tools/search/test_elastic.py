"""What only Elasticsearch does: versions, aliases, rebuilds, features found by probing."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch

from tests.fakes.elastic import (
    NO_SERVER,
    elastic_search,
    new_index,
    patient,
    raw_client,
    server_url,
)
from tests.fakes.embed import HashEmbedder, Waiting
from tests.fakes.search import entry
from tools.breaker import Breaker
from tools.errors import ConfigError, IndexMismatch, StoreUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.sqlite import SqliteSearch
from tools.search.types import Filters, SearchResult

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
QUESTION = "退款多久到账"


class OtherEmbedder(HashEmbedder):
    """Another model with vectors of the same length."""

    name = "hash-64-b"


@pytest.fixture
async def search() -> AsyncIterator[ElasticSearch]:
    async with elastic_search(HashEmbedder()) as opened:
        yield opened


@pytest.fixture
async def raw() -> AsyncIterator[AsyncElasticsearch]:
    async with raw_client() as client:
        yield client


async def ask(search: ElasticSearch, question: str = QUESTION) -> SearchResult:
    vector = (await HashEmbedder().questions([question]))[0]
    return await search.search(question, vector, k=5, filters=Filters())


async def test_a_writer_that_began_earlier_does_not_replace_a_later_one() -> None:
    index, slow = new_index(), Waiting()
    async with elastic_search(HashEmbedder(), index=index) as late:
        early = await patient(server_url(), slow, index=index)
        writing = asyncio.create_task(early.upsert([entry("x", QUESTION, "旧")], tenant="default"))
        await slow.has_begun.wait()
        await late.upsert([entry("x", QUESTION, "新")], tenant="default")
        slow.may_go_on.set()

        changes = await writing

        assert (changes.added, changes.changed, changes.stale) == (0, 0, 1)
        assert [p["answer"] for p in (await ask(late)).passages] == ["新"]
        await early.close()


async def test_a_late_writer_does_not_bring_back_a_deleted_entry() -> None:
    index, slow = new_index(), Waiting()
    async with elastic_search(HashEmbedder(), index=index) as late:
        await late.upsert([entry("x", QUESTION)], tenant="default")
        early = await patient(server_url(), slow, index=index)
        writing = asyncio.create_task(early.upsert([entry("x", QUESTION, "旧")], tenant="default"))
        await slow.has_begun.wait()
        await late.delete(["x"], tenant="default")
        slow.may_go_on.set()

        assert (await writing).stale == 1
        assert await late.ids(tenant="default") == set()
        await early.close()


async def test_an_edit_is_seen_by_other_processes_when_it_returns() -> None:
    index = new_index()
    async with elastic_search(HashEmbedder(), index=index) as one:
        other = await patient(server_url(), HashEmbedder(), index=index)

        await one.upsert([entry("x", QUESTION)], tenant="default")

        assert [p["id"] for p in (await ask(other)).passages] == ["x"]
        await other.close()


async def test_health_names_server_licence_and_cluster(search: ElasticSearch) -> None:
    await search.upsert([entry("x", QUESTION, similar_questions=["钱呢"])], tenant="default")

    health = await search.health()

    assert "elasticsearch 8." in health.backend or "elasticsearch 9." in health.backend
    assert "licence" in health.backend
    assert "words by kefu" in health.backend
    assert "cluster" in health.backend
    assert (health.entries, health.vectors, health.embedder) == (1, 3, "hash-64")


async def test_another_embedder_is_told_how_to_rebuild(search: ElasticSearch) -> None:
    with pytest.raises(IndexMismatch, match=r"python -m tools\.ingest --rebuild"):
        await patient(server_url(), OtherEmbedder(), index=search.alias)


async def test_another_segmenter_is_told_how_to_rebuild(search: ElasticSearch) -> None:
    with pytest.raises(IndexMismatch, match="segmenter"):
        await patient(server_url(), HashEmbedder(), index=search.alias, segmenter="words")


async def test_a_rebuild_changes_the_embedder_and_keeps_the_entries(
    search: ElasticSearch,
) -> None:
    await search.upsert([entry("x", QUESTION), entry("y", "发票")], tenant="default")
    before = (await search.health()).version
    other = await patient(server_url(), OtherEmbedder(), index=search.alias, is_rebuild=True)

    changes = await other.rebuild()

    health = await other.health()
    assert changes.changed == 2
    assert (health.entries, health.embedder) == (2, "hash-64-b")
    assert health.version > before
    assert (await ask(other)).legs == {"words": "ok", "dense": "ok"}
    await other.close()


async def test_vectors_of_another_embedder_are_not_compared_after_a_swap(
    search: ElasticSearch,
) -> None:
    await search.upsert([entry("x", QUESTION)], tenant="default")
    other = await patient(server_url(), OtherEmbedder(), index=search.alias, is_rebuild=True)
    await other.rebuild()

    found = await ask(search)

    assert found.legs == {"words": "ok", "dense": "failed"}
    assert [p["id"] for p in found.passages] == ["x"]
    await other.close()


async def test_searches_and_writes_go_on_during_a_rebuild(search: ElasticSearch) -> None:
    await search.upsert([entry(str(n), f"{QUESTION} {n}") for n in range(150)], tenant="default")
    rebuilding = asyncio.create_task(search.rebuild())
    counts: list[int] = []
    written = 0

    while not rebuilding.done():
        counts.append(len((await ask(search)).passages))
        await search.upsert([entry(f"new{written}", QUESTION)], tenant="default")
        written += 1
    await rebuilding
    await search.delete(["0"], tenant="default")

    assert counts
    assert min(counts) == 5
    assert len(await search.ids(tenant="default")) == 149 + written


async def test_a_rebuild_keeps_one_older_index(
    search: ElasticSearch, raw: AsyncElasticsearch
) -> None:
    await search.upsert([entry("x", QUESTION)], tenant="default")
    await search.rebuild()
    await search.rebuild()

    names = sorted((await raw.indices.get(index=f"{search.alias}-*")).body)

    assert names == [f"{search.alias}-000002", f"{search.alias}-000003"]


async def test_a_rebuild_that_fails_leaves_the_old_index(
    search: ElasticSearch, raw: AsyncElasticsearch
) -> None:
    await search.upsert([entry("x", QUESTION)], tenant="default")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await search.rebuild(stop)

    assert list((await raw.indices.get(index=f"{search.alias}-*")).body) == [
        f"{search.alias}-000001"
    ]
    assert [p["id"] for p in (await ask(search)).passages] == ["x"]


async def test_an_embedder_that_comes_later_adds_vectors() -> None:
    index = new_index()
    async with elastic_search(None, index=index) as words:
        await words.upsert([entry("x", QUESTION)], tenant="default")
        both = await patient(server_url(), HashEmbedder(), index=index)

        changes = await both.upsert([entry("x", QUESTION)], tenant="default")

        assert changes.changed == 1
        assert (await ask(both)).passages[0]["dense"] > 0.9
        await both.close()


async def test_a_writer_without_embedder_leaves_the_vectors(search: ElasticSearch) -> None:
    await search.upsert([entry("x", QUESTION)], tenant="default")
    words = await patient(server_url(), None, index=search.alias)

    changes = await words.upsert([entry("x", QUESTION)], tenant="default")

    assert changes.unchanged == 1
    assert (await search.health()).vectors == 2
    await words.close()


async def test_a_read_only_index_still_answers(
    search: ElasticSearch, raw: AsyncElasticsearch
) -> None:
    await search.upsert([entry("x", QUESTION)], tenant="default")
    await raw.indices.add_block(index=search.alias, block="write")

    with pytest.raises(StoreUnavailable, match="read-only"):
        await search.upsert([entry("y", "发票")], tenant="default")

    assert [p["id"] for p in (await ask(search)).passages] == ["x"]


async def test_one_leg_may_fail_alone(search: ElasticSearch) -> None:
    await search.upsert([entry("x", QUESTION)], tenant="default")
    too_short = (await HashEmbedder().questions([QUESTION]))[0][:32]

    found = await search.search(QUESTION, too_short, k=5, filters=Filters())

    assert found.legs == {"words": "ok", "dense": "failed"}
    assert [p["id"] for p in found.passages] == ["x"]


async def test_a_leg_that_keeps_failing_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 0.0
    timed = partial(Breaker, clock=lambda: now_s)
    monkeypatch.setattr("tools.search.elastic_legs.Breaker", timed)
    async with elastic_search(HashEmbedder(), breaker_reset_s=10) as search:
        await search.upsert([entry("x", QUESTION)], tenant="default")
        too_short = (await HashEmbedder().questions([QUESTION]))[0][:32]
        for _ in range(3):
            await search.search(QUESTION, too_short, k=5, filters=Filters())

        shut = [(await search.health()).legs["dense"], (await ask(search)).legs["dense"]]
        now_s += 10

        assert shut == ["failed", "failed"]
        assert (await ask(search)).legs == {"words": "ok", "dense": "ok"}


async def test_cjk_analysis_finds_what_it_should() -> None:
    async with elastic_search(HashEmbedder(), analyzer="cjk") as search:
        await search.upsert([entry("x", "怎么重置密码"), entry("y", "发票")], tenant="default")

        found = await search.search("密码", None, k=5, filters=Filters())

        assert [p["id"] for p in found.passages] == ["x"]


async def test_a_missing_plugin_is_named(raw: AsyncElasticsearch) -> None:
    plugins = {plugin["component"] for plugin in await raw.cat.plugins(format="json")}
    if "analysis-ik" in plugins:
        pytest.skip("this server has IK")

    with pytest.raises(ConfigError, match="KEFU_SEARCH__ANALYZER=ik"):
        await patient(server_url(), None, index=new_index(), analyzer="ik")


async def test_a_foreign_index_is_left_alone(raw: AsyncElasticsearch) -> None:
    name = new_index()
    await raw.indices.create(index=name)
    try:
        with pytest.raises(ConfigError, match="KEFU_SEARCH__INDEX"):
            await patient(server_url(), None, index=name)
    finally:
        await raw.indices.delete(index=name)


async def test_scores_equal_the_embedded_engines(search: ElasticSearch, tmp_path: Path) -> None:
    entries = [entry(str(n), f"{QUESTION} {n} {'运费发票密码积分'[n % 8]}") for n in range(30)]
    embedded = await SqliteSearch.open(tmp_path, HashEmbedder())
    await search.upsert(entries, tenant="default")
    await embedded.upsert(entries, tenant="default")
    vector = (await HashEmbedder().questions(["运费多久退"]))[0]

    ours = await search.search("运费多久退", vector, k=30, filters=Filters())
    theirs = await embedded.search("运费多久退", vector, k=30, filters=Filters())

    their = {p["id"]: p for p in theirs.passages}
    for p in ours.passages:
        assert p["dense"] == pytest.approx(their[p["id"]]["dense"], abs=0.002)
        assert p["fit"] == pytest.approx(their[p["id"]]["fit"], abs=0.002)
        assert p["words"] == pytest.approx(their[p["id"]]["words"], abs=0.001)


async def test_words_weigh_as_in_the_embedded_engine(search: ElasticSearch, tmp_path: Path) -> None:
    rare = "运费发票密码积分"
    entries = [entry(str(n), f"{QUESTION} {rare[n % 8] * (1 + n % 3)}") for n in range(30)]
    embedded = await SqliteSearch.open(tmp_path, None)
    await search.upsert(entries, tenant="default")
    await embedded.upsert(entries, tenant="default")

    ours, theirs = [
        await engine.search("运票退款", None, k=30, filters=Filters())
        for engine in (search, embedded)
    ]

    scores = {p["id"]: p["score"] for p in ours.passages}
    assert scores == pytest.approx({p["id"]: p["score"] for p in theirs.passages}, abs=0.001)
    assert min(scores.values()) < 0.001  # what holds only the words that all hold


async def test_entries_shown_before_are_not_read_again_until_they_change(
    search: ElasticSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await search.upsert([entry("x", QUESTION, "旧"), entry("y", "发票")], tenant="default")
    await ask(search)
    read: list[str] = []
    whole = AsyncElasticsearch.search

    async def noted(client: AsyncElasticsearch, **asked: Any) -> Any:  # noqa: ANN401 as the client's
        read.append(asked["index"])
        return await whole(client, **asked)

    monkeypatch.setattr(AsyncElasticsearch, "search", noted)
    again = await ask(search)
    assert (read, [p["answer"] for p in again.passages][:1]) == ([], ["旧"])

    await search.upsert([entry("x", QUESTION, "新")], tenant="default")

    assert [p["answer"] for p in (await ask(search)).passages][:1] == ["新"]
    assert len(read) == 1


async def test_an_entry_kept_for_one_tenant_is_not_shown_to_another(search: ElasticSearch) -> None:
    await search.upsert([entry("x", QUESTION, "甲")], tenant="default")
    await search.upsert([entry("x", QUESTION, "乙")], tenant="other")
    vector = (await HashEmbedder().questions([QUESTION]))[0]

    found = [
        await search.search(QUESTION, vector, k=5, filters=Filters(tenant=tenant))
        for tenant in ("default", "other", "default")
    ]

    assert [[p["answer"] for p in one.passages] for one in found] == [["甲"], ["乙"], ["甲"]]


async def test_an_index_from_before_names_were_looked_for_goes_on_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = new_index()
    given = {**entry("given", "怎么付款"), "product": "云服务器 ECS"}
    with monkeypatch.context() as patch:
        patch.setattr("tools.search.elastic.NAMES", "")
        before = await patient(server_url(), HashEmbedder(), index=index)
        await before.close()

    async with elastic_search(HashEmbedder(), index=index) as search:
        await search.upsert([given], tenant="default")

        assert (await ask(search, "云服务器怎么付款")).passages[0]["id"] == "given"
