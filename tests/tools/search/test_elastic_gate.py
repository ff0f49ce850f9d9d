"""A real Elasticsearch that is slow, busy, half refusing or cut off, seen through a gate."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial

import pytest
from aiohttp import web

from tests.fakes.elastic import NO_SERVER, elastic_search, patient, recovered, server_url
from tests.fakes.elastic_proxy import (
    BUSY,
    Forward,
    Gate,
    answer,
    answers_lost,
    busy_at,
    gate,
    half_of_bulks,
    slow_at,
)
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import entry
from tools.embed_base import Vector2D
from tools.errors import ConfigError, SearchUnavailable, StoreUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.types import Filters, SearchResult

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
QUESTION = "退款多久到账"
MANY = [entry(str(n), f"{QUESTION} {n}") for n in range(20)]
BAD = {"type": "document_parsing_exception", "reason": "no"}


@pytest.fixture
async def before(unused_tcp_port: int) -> AsyncIterator[Gate]:
    async with gate(server_url(), unused_tcp_port) as made:
        yield made


@pytest.fixture
async def search(before: Gate, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ElasticSearch]:
    monkeypatch.setattr("tools.search.elastic_write.PAUSE_S", 0.01)
    async with elastic_search(HashEmbedder(), before.url, breaker_reset_s=0.2) as opened:
        await opened.upsert([entry("x", QUESTION)], tenant="default")
        await ask(opened)
        yield opened
        before.trouble = None


@pytest.fixture
async def hasty(search: ElasticSearch, before: Gate) -> AsyncIterator[ElasticSearch]:
    """Another process on the same index, that gives up soon."""
    opened = await patient(
        before.url, HashEmbedder(), index=search.alias, timeout_s=0.5, breaker_reset_s=0.2
    )
    yield opened
    await opened.close()


async def ask(search: ElasticSearch) -> SearchResult:
    vector = (await HashEmbedder().questions([QUESTION]))[0]
    return await search.search(QUESTION, vector, k=5, filters=Filters())


async def answers_again(search: ElasticSearch, before: Gate) -> None:
    """Take the trouble away and see a whole answer after the breakers' rest."""
    before.trouble = None
    found = await recovered(partial(ask, search))
    assert found.passages[0]["id"] == "x"


async def test_one_refusal_as_busy_is_tried_again(search: ElasticSearch, before: Gate) -> None:
    before.trouble = busy_at("_msearch", times=1)

    found = await ask(search)

    assert found.legs == {"words": "ok", "dense": "ok"}
    assert [p["id"] for p in found.passages] == ["x"]


async def test_a_server_that_stays_busy_is_failed_and_never_nothing(
    search: ElasticSearch, before: Gate
) -> None:
    before.trouble = busy_at("_msearch", times=99)

    for _ in range(4):
        with pytest.raises(SearchUnavailable):
            await ask(search)

    await answers_again(search, before)


async def test_a_busy_moment_between_the_two_requests_is_failed_and_never_nothing(
    search: ElasticSearch, before: Gate
) -> None:
    await search.upsert([entry("y", QUESTION)], tenant="default")  # not shown before: to be read
    before.trouble = busy_at("/_search", times=99)

    with pytest.raises(SearchUnavailable):
        await ask(search)

    await answers_again(search, before)


async def test_entries_shown_before_need_no_second_request(
    search: ElasticSearch, before: Gate
) -> None:
    before.trouble = busy_at("/_search", times=99)

    found = await ask(search)

    assert [p["id"] for p in found.passages] == ["x"]


async def test_slow_vectors_do_not_take_the_words_along(hasty: ElasticSearch, before: Gate) -> None:
    before.trouble = slow_at(b'"knn"')

    found = await recovered(partial(ask, hasty), {"words": "ok", "dense": "failed"})

    assert [p["id"] for p in found.passages] == ["x"]
    await answers_again(hasty, before)


async def test_slow_words_do_not_take_the_vectors_along(hasty: ElasticSearch, before: Gate) -> None:
    before.trouble = slow_at(b'"match"')

    found = await recovered(partial(ask, hasty), {"words": "failed", "dense": "ok"})

    assert [p["id"] for p in found.passages] == ["x"]
    await answers_again(hasty, before)


async def test_a_server_that_is_slow_in_all_is_failed_and_never_nothing(
    hasty: ElasticSearch, before: Gate
) -> None:
    before.trouble = slow_at(b"_msearch")

    with pytest.raises(SearchUnavailable):
        await ask(hasty)

    await answers_again(hasty, before)


async def test_a_server_that_goes_and_comes_back_needs_no_restart(
    search: ElasticSearch, before: Gate
) -> None:
    await before.shut()
    for _ in range(4):
        with pytest.raises(SearchUnavailable):
            await ask(search)
    with pytest.raises((SearchUnavailable, StoreUnavailable)):
        await search.upsert([entry("y", "发票抬头")], tenant="default")
    await before.open()

    await recovered(partial(ask, search))
    assert (await search.upsert([entry("y", "发票抬头")], tenant="default")).added == 1


async def test_half_a_bulk_refused_as_busy_is_stored_by_the_next_try(
    search: ElasticSearch, before: Gate
) -> None:
    before.trouble = half_of_bulks(BUSY, 429, times=2)

    changes = await search.upsert(MANY, tenant="default")

    assert (changes.added, changes.stale) == (20, 0)
    assert len(await search.ids(tenant="default")) == 21


async def test_half_a_bulk_refused_for_good_keeps_the_other_half_and_is_named(
    search: ElasticSearch, before: Gate
) -> None:
    before.trouble = half_of_bulks(BAD, 400, times=1)

    with pytest.raises(ConfigError, match=r"not stored: entry '1': document_parsing"):
        await search.upsert(MANY, tenant="default")
    before.trouble = None
    again = await search.upsert(MANY, tenant="default")

    assert (again.added, again.unchanged) == (10, 10)
    assert len(await search.ids(tenant="default")) == 21


async def test_a_write_whose_answer_is_lost_is_said_and_done_again_at_no_cost(
    search: ElasticSearch, before: Gate
) -> None:
    before.trouble = answers_lost("_bulk", times=1)

    with suppress(StoreUnavailable):
        await search.upsert(MANY, tenant="default")
    again = await search.upsert(MANY, tenant="default")

    assert (again.unchanged, again.stale) == (20, 0)


async def test_after_the_servers_disk_is_gone_nothing_passes_for_an_index(
    search: ElasticSearch,
) -> None:
    """A write must not make an index without our mapping where the alias was."""
    for name in (await search._client.indices.get(index=f"{search.alias}-*")).body:
        await search._client.indices.delete(index=name)

    with pytest.raises(SearchUnavailable):
        await ask(search)
    with pytest.raises(StoreUnavailable, match=r"python -m tools\.ingest"):
        await search.upsert([entry("y", "发票抬头")], tenant="default")

    other = await patient(server_url(), HashEmbedder(), index=search.alias)
    await other.upsert([entry("x", QUESTION)], tenant="default")
    await other.close()
    assert [p["id"] for p in (await recovered(partial(ask, search))).passages] == ["x"]


async def test_typos_that_can_not_be_looked_up_stay_as_they_are(
    search: ElasticSearch, before: Gate
) -> None:
    await search.upsert([entry("refund", "refund")], tenant="default")
    before.trouble = busy_at("_termvectors", times=100)

    typed = await search.search(f"refnud {QUESTION}", None, k=5, filters=Filters())

    assert [passage["id"] for passage in typed.passages] == ["x"]
    assert typed.legs["words"] == "ok"
    before.trouble = None
    mended = await search.search(f"refnud {QUESTION}", None, k=5, filters=Filters())
    assert [passage["id"] for passage in mended.passages] == ["x", "refund"]


@pytest.mark.parametrize(
    ("lacks", "why", "shown"),
    [
        (b'"scripted"', "script_lang not supported [painless]", "words by lucene, vectors int8"),
        (
            b'"int8_hnsw"',
            "Unknown vector index options type [int8_hnsw] for field [v]",
            "words by kefu, vectors hnsw",
        ),
    ],
)
async def test_what_a_server_lacks_is_found_by_trying_and_shown(
    before: Gate, lacks: bytes, why: str, shown: str
) -> None:
    async def refuse(path: str, body: bytes, forward: Forward) -> web.Response:
        if lacks in body:
            reason = {"type": "illegal_argument_exception", "reason": why}
            return answer(400, {"error": reason, "status": 400})
        return await forward(body)

    before.trouble = refuse
    async with elastic_search(HashEmbedder(), before.url) as search:
        await search.upsert([entry("x", QUESTION)], tenant="default")

        assert shown in (await search.health()).backend
        assert [p["id"] for p in (await ask(search)).passages] == ["x"]


async def test_a_rebuild_reads_on_after_every_batch_it_embeds(
    search: ElasticSearch, before: Gate
) -> None:
    class Noting(HashEmbedder):
        def _embed(self, texts: Sequence[str]) -> Vector2D:
            before.paths.append("embed")
            return super()._embed(texts)

    await search.upsert([entry(str(n), f"{QUESTION} {n}") for n in range(150)], tenant="default")
    other = await patient(before.url, Noting(), index=search.alias, is_rebuild=True)
    before.paths.clear()

    await other.rebuild()

    done = [path for path in before.paths if path in ("embed", "/_search")]
    between = "".join("e" if path == "embed" else " " for path in done).split()
    assert between == ["e", "e", "e"]
    await other.close()


async def test_what_ended_a_reading_is_told_although_its_end_fails_too(
    search: ElasticSearch, before: Gate
) -> None:
    async def gone(path: str, body: bytes, forward: Forward) -> web.Response:
        if path == "/_search":
            return answer(404, {"error": {"type": "search_context_missing_exception"}})
        return answer(404, {"num_freed": 0}) if path == "/_pit" else await forward(body)

    before.trouble = gone

    with pytest.raises(ConfigError, match="search_context_missing_exception"):
        await search.ids(tenant="default")
