"""Readings in Elasticsearch: fetched once a version, missed without harm, made where they lack."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.fakes.elastic import (
    NO_SERVER,
    elastic_search,
    new_index,
    patient,
    raw_client,
    server_url,
)
from tests.fakes.elastic_proxy import BUSY, Forward, Gate, Trouble, answer, gate
from tests.fakes.embed import HashEmbedder, OneVector
from tests.fakes.search import Ask, entry
from tools.search.base import Searching
from tools.search.elastic import ElasticSearch
from tools.search.elastic_build import Build
from tools.search.elastic_index import mapping, settings
from tools.search.names import NAMES
from tools.search.reread import READ as READ_AT_LEAST
from tools.search.types import Filters, Passage, key

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
QUESTION = "1234"
OTHER, SAYS_ALL = entry("a", "5678", "90。"), entry("b", "4321", "09。")
READ, UNREAD = [("b", 1), ("a", 0)], [("a", 0), ("b", 0)]  # ids and `meaning`, best first


class WithoutReader(OneVector):
    """The same vectors; reads nothing."""

    def __init__(self) -> None:
        HashEmbedder.__init__(self)


@pytest.fixture
async def before(unused_tcp_port: int) -> AsyncIterator[Gate]:
    async with gate(server_url(), unused_tcp_port) as made:
        yield made


@pytest.fixture
async def search(before: Gate) -> AsyncIterator[ElasticSearch]:
    async with elastic_search(OneVector(), before.url, breaker_reset_s=3600) as opened:
        await opened.upsert([OTHER, SAYS_ALL], tenant="default")
        yield opened
        before.trouble = None


def requests(gate: Gate) -> list[str]:
    return [path.rpartition("/")[2] for path in gate.paths]


def seen(passages: list[Passage]) -> list[tuple[str, float]]:
    return [(passage["id"], passage["meaning"]) for passage in passages]


async def found(search: Searching) -> list[tuple[str, float]]:
    (vector,) = await OneVector().questions([QUESTION])
    return seen((await search.search(QUESTION, vector, k=5, filters=Filters())).passages)


def no_readings(status: int) -> Trouble:
    """Refuse what asks for readings."""

    async def refuse(_: str, body: bytes, forward: Forward) -> web.Response:
        if b'"stored_fields":["reading"]' in body:
            return answer(status, {"error": BUSY, "status": status})
        return await forward(body)

    return refuse


async def test_entries_read_before_cost_no_request(search: ElasticSearch, before: Gate) -> None:
    assert await found(search) == READ
    before.paths.clear()

    assert await found(search) == READ
    assert requests(before) == ["_msearch"]


async def test_what_is_fetched_brings_along_those_below_the_best(
    search: ElasticSearch, before: Gate
) -> None:
    last = entry("z", "777", "0。")
    many = [entry(f"m{number}", "88", "0。") for number in range(READ_AT_LEAST)]
    await search.upsert([*many, last], tenant="default")
    ask = Ask(search, OneVector(), "hybrid")
    await ask(QUESTION)
    before.paths.clear()

    assert (await ask("777")).passages[0]["id"] == "z"
    assert requests(before) == ["_msearch"]


@pytest.mark.parametrize("status", [429, 400, 500])
async def test_readings_that_can_not_be_fetched_leave_the_order(
    search: ElasticSearch, before: Gate, status: int
) -> None:
    before.trouble = no_readings(status)

    result = await Ask(search, OneVector(), "hybrid")(QUESTION)

    assert result.legs == {"words": "ok", "dense": "ok"}
    assert seen(result.passages) == UNREAD
    before.trouble = None
    assert await found(search) == READ


async def test_readings_that_stay_away_are_not_asked_for_again_and_again(
    search: ElasticSearch, before: Gate
) -> None:
    before.trouble = no_readings(503)
    for _ in range(3):
        await found(search)
    before.paths.clear()

    assert await found(search) == UNREAD
    assert requests(before) == ["_msearch"]


async def test_readings_are_not_in_the_source(search: ElasticSearch) -> None:
    async with raw_client() as raw:
        kept = await raw.get(index=search.alias, id=key("default", "b"))

    assert kept["_source"]["reader"] == "letters"
    assert "reading" not in kept["_source"]


async def test_entries_without_a_reading_get_one_at_the_next_import() -> None:
    index = new_index()
    plain = await patient(server_url(), WithoutReader(), index=index)
    await plain.upsert([OTHER, SAYS_ALL], tenant="default")
    await plain.close()

    async with elastic_search(OneVector(), index=index) as search:
        assert await found(search) == UNREAD
        first = await search.upsert([OTHER, SAYS_ALL], tenant="default")
        again = await search.upsert([OTHER, SAYS_ALL], tenant="default")

        assert (first.changed, again.unchanged) == (2, 2)
        assert await found(search) == READ


async def test_readings_of_another_reader_are_not_used_and_made_anew(
    search: ElasticSearch,
) -> None:
    other = await patient(server_url(), OneVector("other"), index=search.alias)

    assert await found(other) == UNREAD
    assert (await other.upsert([OTHER, SAYS_ALL], tenant="default")).changed == 2
    assert await found(other) == READ
    await other.close()


@pytest.mark.parametrize("embedder", [None, WithoutReader()])
async def test_who_reads_nothing_leaves_readings_alone(
    search: ElasticSearch, embedder: HashEmbedder | None
) -> None:
    other = await patient(server_url(), embedder, index=search.alias)

    assert (await other.upsert([OTHER, SAYS_ALL], tenant="default")).unchanged == 2
    assert await found(search) == READ
    await other.close()


async def test_a_new_index_is_compared_as_it_will_serve(search: ElasticSearch) -> None:
    compared: list[list[tuple[str, float]]] = []

    async def check(new: Searching) -> None:
        compared.append(await found(new))

    await search.rebuild(check=check)

    assert compared == [READ]
    assert await found(search) == READ


async def test_an_index_from_before_goes_on_without_until_it_is_rebuilt() -> None:
    index = new_index()
    old = Build("one-64", 64, "bigrams", "terms", "int8_hnsw", NAMES, "kefu")
    async with raw_client() as raw:
        await raw.indices.create(
            index=f"{index}-000001",
            settings=settings(old),
            mappings=mapping(old),
            aliases={index: {}},
        )
    async with elastic_search(OneVector(), index=index) as search:
        await search.upsert([OTHER, SAYS_ALL], tenant="default")

        again = await search.upsert([OTHER, SAYS_ALL], tenant="default")
        before, health = await found(search), (await search.health()).backend
        await search.rebuild()
        after, mended = await found(search), (await search.health()).backend
        await search.rollback()

        assert again.unchanged == 2
        assert (before, after) == (UNREAD, READ)
        assert health.endswith("lacks readings: python -m tools.ingest --rebuild")
        assert "lacks" not in mended
        assert await found(search) == UNREAD
