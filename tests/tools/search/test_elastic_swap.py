"""A new index is compared before it serves, and the old one can come back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.elastic import NO_SERVER, elastic_search, patient, raw_client, server_url
from tests.fakes.embed import HashEmbedder, Waiting
from tests.fakes.search import Ask, entry
from tools.errors import ConfigError, IndexMismatch
from tools.ingest.golden import Comparison, Golden, GoldenWorse
from tools.search.elastic import ElasticSearch

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
QUESTION = "退款多久到账"
GOLDEN = [Golden(QUESTION, frozenset({"x"})), Golden("发票抬头", frozenset({"y"}))]


class Other(HashEmbedder):
    name = "hash-64-b"


class Wider(HashEmbedder):
    name = "hash-96"
    dims = 96


@pytest.fixture
async def search() -> AsyncIterator[ElasticSearch]:
    async with elastic_search(HashEmbedder()) as opened:
        await opened.upsert([entry("x", QUESTION), entry("y", "发票抬头")], tenant="default")
        yield opened


async def standing(search: ElasticSearch) -> str:
    async with raw_client() as raw:
        return str(next(iter((await raw.indices.get_alias(name=search.alias)).body)))


async def another(search: ElasticSearch, embedder: HashEmbedder) -> ElasticSearch:
    return await patient(server_url(), embedder, index=search.alias, is_rebuild=True)


async def test_a_new_index_that_finds_as_much_takes_the_place(search: ElasticSearch) -> None:
    comparison = Comparison(search, HashEmbedder(), GOLDEN, "default")

    await search.rebuild(check=comparison)

    assert comparison.before == comparison.after
    assert comparison.after is not None
    assert (comparison.after.r_at_5, comparison.after.legs) == (1.0, "words+dense")
    assert await standing(search) == f"{search.alias}-000002"


async def test_a_new_index_that_finds_less_is_dropped(
    search: ElasticSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> list[dict[str, object]]:
        return []

    monkeypatch.setattr("tools.search.elastic_rebuild._documents", lost)

    with pytest.raises(GoldenWorse, match=r"expected at least 0\.990, got 0\.000"):
        await search.rebuild(check=Comparison(search, HashEmbedder(), GOLDEN, "default"))

    assert await standing(search) == f"{search.alias}-000001"
    assert (await Ask(search, HashEmbedder(), "hybrid").ids(QUESTION))[0] == "x"
    async with raw_client() as raw:
        assert len((await raw.indices.get(index=f"{search.alias}-*")).body) == 1


async def test_vectors_that_the_old_index_does_not_know_are_said(search: ElasticSearch) -> None:
    other = await another(search, Other())
    comparison = Comparison(other, Other(), GOLDEN, "default")

    await other.rebuild(check=comparison)

    assert comparison.before is not None
    assert comparison.after is not None
    assert (comparison.before.legs, comparison.after.legs) == ("words", "words+dense")
    await other.close()


async def test_going_back_keeps_what_was_written_and_deleted_since(search: ElasticSearch) -> None:
    other = await another(search, Other())
    await other.rebuild()
    await other.upsert([entry("z", "积分规则"), entry("y", "发票抬头", "新")], tenant="default")
    await other.delete(["x"], tenant="default")
    await other.close()
    back = await another(search, HashEmbedder())

    await back.rollback()

    assert await standing(back) == f"{search.alias}-000001"
    ask = Ask(back, HashEmbedder(), "hybrid")
    assert await back.ids(tenant="default") == {"y", "z"}
    assert (await ask("发票抬头")).passages[0]["answer"] == "新"
    assert (await ask("积分规则")).legs == {"words": "ok", "dense": "ok"}
    assert (await ask.ids("积分规则"))[0] == "z"
    await back.close()


async def test_a_running_process_has_its_vectors_again_after_going_back(
    search: ElasticSearch,
) -> None:
    ask = Ask(search, HashEmbedder(), "hybrid")
    other = await another(search, Other())
    await other.rebuild()
    assert (await ask(QUESTION)).legs == {"words": "ok", "dense": "failed"}
    back = await another(search, HashEmbedder())
    await back.rollback()

    await ask(QUESTION)

    assert (await ask(QUESTION)).legs == {"words": "ok", "dense": "ok"}
    for one in (other, back):
        await one.close()


async def test_a_running_process_without_vectors_follows_too(search: ElasticSearch) -> None:
    words = await patient(server_url(), None, index=search.alias)
    await search.rebuild()

    await Ask(words, HashEmbedder(), "words")(QUESTION)

    assert f"index {search.alias}-000002" in (await words.health()).backend
    await words.close()


async def test_after_going_back_a_rebuild_goes_forward_again(search: ElasticSearch) -> None:
    await search.rebuild()
    await search.rollback()

    await search.rebuild()

    assert await standing(search) == f"{search.alias}-000003"
    assert await search.ids(tenant="default") == {"x", "y"}


async def test_the_way_back_needs_the_old_settings(search: ElasticSearch) -> None:
    other = await another(search, Other())
    await other.rebuild()

    with pytest.raises(IndexMismatch, match="'hash-64', now configured 'hash-64-b'"):
        await other.rollback()

    await other.close()


async def test_where_there_is_no_index_before_going_back_is_refused(search: ElasticSearch) -> None:
    with pytest.raises(ConfigError, match="no index before"):
        await search.rollback()


async def test_a_writer_with_the_old_embedder_stops_after_the_swap(search: ElasticSearch) -> None:
    other = await another(search, Other())
    await other.rebuild()

    with pytest.raises(IndexMismatch, match="hash-64-b"):
        await search.upsert([entry("z", "积分规则")], tenant="default")

    await other.close()


@pytest.mark.parametrize("embedder", [Other(), Wider()])
@pytest.mark.parametrize("rebuilds", [1, 2])  # after two the index that was written to is deleted
async def test_a_write_that_began_before_the_swap_brings_no_vectors_of_the_old_embedder(
    search: ElasticSearch, embedder: HashEmbedder, rebuilds: int
) -> None:
    slow = Waiting()
    late, other = await another(search, slow), await another(search, embedder)
    writing = asyncio.create_task(late.upsert([entry("z", "积分规则")], tenant="default"))
    await slow.has_begun.wait()
    for _ in range(rebuilds):
        await other.rebuild()
    slow.may_go_on.set()

    with pytest.raises(IndexMismatch, match=f"'{embedder.name}'"):
        await writing

    assert await other.ids(tenant="default") == {"x", "y"}
    async with raw_client() as raw:
        names = sorted((await raw.indices.get(index=f"{search.alias}-*")).body)
    assert names == [f"{search.alias}-{n:06}" for n in (rebuilds, rebuilds + 1)]
    for one in (late, other):
        await one.close()


async def test_a_write_that_began_before_the_swap_is_cut_as_the_new_index_is(
    search: ElasticSearch,
) -> None:
    slow = Waiting()
    late = await another(search, slow)
    other = await patient(
        server_url(), HashEmbedder(), index=search.alias, segmenter="words", is_rebuild=True
    )
    old = [entry(name, "积分规则", "旧") for name in ("z", "gone", "later")]
    writing = asyncio.create_task(late.upsert(old, tenant="default"))
    await slow.has_begun.wait()
    await other.rebuild()
    await other.upsert([entry(name, "运费", "新") for name in ("gone", "later")], tenant="default")
    await other.delete(["gone"], tenant="default")
    slow.may_go_on.set()

    changes = await writing

    ask = Ask(other, HashEmbedder(), "words")
    assert (changes.added, changes.stale) == (1, 2)
    assert (await ask.ids("积分"), await ask.ids("积")) == (["z"], [])
    assert (await ask("运费")).passages[0]["answer"] == "新"
    assert await other.get("gone", tenant="default") is None
    assert (await other.upsert(old[:1], tenant="default")).unchanged == 1
    for one in (late, other):
        await one.close()
