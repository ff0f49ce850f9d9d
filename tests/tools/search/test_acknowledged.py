"""What a writer was told is stored or deleted stays so while rebuilds move the alias."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.fakes.elastic import (
    NO_SERVER,
    PATIENCE_S,
    elastic_search,
    patient,
    raw_client,
    server_url,
)
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import entry
from tools.embed_base import Vector2D
from tools.errors import IndexMismatch, SearchUnavailable, StoreUnavailable
from tools.search.elastic import ElasticSearch
from tools.search.elastic_hold import Hold
from tools.search.elastic_server import connect
from tools.search.types import Filters

pytestmark = pytest.mark.skipif(not server_url(), reason=NO_SERVER)
REBUILDS = 4
LOOKS = 4  # at an entry after each write of it
PAUSE_S = 0.02  # between them


class Slow(HashEmbedder):
    """As a model would: the last pass has something to wait for."""

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        await asyncio.sleep(0.05)
        return await super().passages(texts)


class Other(Slow):
    name = "hash-64-b"


@dataclass
class Seen:
    """What the writers of a load were told and then saw."""

    stored: int = 0
    deleted: int = 0
    lost: list[str] = field(default_factory=list)
    risen: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    refused: int = 0  # said so, so that nothing is lost


@asynccontextmanager
async def writers(search: ElasticSearch, *, count: int = 6) -> AsyncIterator[Seen]:
    """Add, look, delete and look without end while the block runs."""
    seen, is_over = Seen(), asyncio.Event()

    async def write_on(number: int) -> None:
        turn = 0
        while not is_over.is_set():
            name, turn = f"w{number}-{turn}", turn + 1
            try:
                await search.upsert([entry(name, f"编号 {name} 的问题")], tenant="default")
                seen.stored += 1
                await _look(search, name, True, seen)
                await search.delete([name], tenant="default")
                seen.deleted += 1
                await _look(search, name, False, seen)
            except IndexMismatch:
                seen.refused += 1
                await asyncio.sleep(PAUSE_S)
            except (StoreUnavailable, SearchUnavailable) as exc:
                seen.failed.append(str(exc))

    writing = [asyncio.create_task(write_on(n)) for n in range(count)]
    try:
        yield seen
    finally:
        is_over.set()
        await asyncio.gather(*writing)


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what the writers do."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_true():  # noqa: ASYNC110 they do it in tasks of their own
            await asyncio.sleep(0.05)


async def _look(search: ElasticSearch, name: str, is_there: bool, seen: Seen) -> None:
    question = f"编号 {name} 的问题"
    vector = (await HashEmbedder().questions([question]))[0]
    wrong = seen.lost if is_there else seen.risen
    for _ in range(LOOKS):
        if (await search.get(name, tenant="default") is not None) != is_there:
            wrong.append(f"{name} read")
        found = await search.search(question, vector, k=50, filters=Filters())
        if any(p["id"] == name for p in found.passages) != is_there:
            wrong.append(f"{name} searched")
        await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def rebuilder(
    search: ElasticSearch, embedder: HashEmbedder, segmenter: str
) -> AsyncIterator[ElasticSearch]:
    other = await patient(
        server_url(),
        embedder,
        index=search.alias,
        is_rebuild=True,
        segmenter=segmenter,  # type: ignore[arg-type]
    )
    try:
        yield other
    finally:
        await other.close()


@pytest.fixture
async def search() -> AsyncIterator[ElasticSearch]:
    async with elastic_search(HashEmbedder()) as opened:
        await opened.upsert([entry(f"{n}", f"旧的 {n}") for n in range(50)], tenant="default")
        yield opened


@pytest.mark.parametrize("segmenter", ["bigrams", "words"])
async def test_nothing_acknowledged_flips_back_over_rebuilds(
    search: ElasticSearch, segmenter: str
) -> None:
    async with rebuilder(search, Slow(), segmenter) as other, writers(search) as seen:
        for _ in range(REBUILDS):
            await other.rebuild()
        await until(lambda: seen.deleted >= REBUILDS)

    assert (seen.lost, seen.risen, seen.failed, seen.refused) == ([], [], [], 0)


async def test_nothing_acknowledged_flips_back_under_another_embedder(
    search: ElasticSearch,
) -> None:
    async with rebuilder(search, Other(), "bigrams") as other, writers(search) as seen:
        await until(lambda: seen.stored >= 1)
        await other.rebuild()
        await until(lambda: seen.refused >= 1)

    assert (seen.lost, seen.risen, seen.failed) == ([], [], [])


async def test_nothing_acknowledged_flips_back_on_the_way_back(search: ElasticSearch) -> None:
    async with rebuilder(search, Slow(), "bigrams") as other, writers(search) as seen:
        await other.rebuild()
        await other.rollback()
        await other.rebuild()

    assert (seen.lost, seen.risen, seen.failed, seen.refused) == ([], [], [], 0)


@asynccontextmanager
async def hold(search: ElasticSearch) -> AsyncIterator[tuple[Hold, str]]:
    client = connect(server_url())
    try:
        yield Hold(client, server_url(), search.alias), f"{search.alias}-000001"
    finally:
        await client.close()


async def test_a_hold_whose_rebuild_died_is_lifted_by_who_waits_for_it(
    search: ElasticSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.search.elastic_hold.WAIT_S", 0.2)
    async with hold(search) as (held, index):
        await held.take(index)

        await search.upsert([entry("z", "新的")], tenant="default")

        assert await search.get("z", tenant="default") is not None
        assert not await held.move(index, index)  # the dead one, should it wake


async def test_a_hold_whose_rebuild_died_is_no_obstacle_to_the_next(search: ElasticSearch) -> None:
    async with hold(search) as (held, index):
        await held.take(index)

    await search.rebuild()

    await search.upsert([entry("z", "新的")], tenant="default")
    assert await search.get("z", tenant="default") is not None


async def test_a_rebuild_that_fails_lets_writers_go_on(
    search: ElasticSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> bool:
        raise StoreUnavailable("out of order")

    monkeypatch.setattr(Hold, "move", broken)
    monkeypatch.setattr("tools.search.elastic_hold.WAIT_S", 2 * PATIENCE_S)

    with pytest.raises(StoreUnavailable, match="out of order"):
        await search.rebuild()

    await asyncio.wait_for(search.upsert([entry("z", "新的")], tenant="default"), PATIENCE_S)
    assert await search.get("z", tenant="default") is not None


async def test_a_rebuild_whose_hold_was_lifted_tries_again(
    search: ElasticSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, moved = Hold.move, []

    async def lifted_once(self: Hold, old: str, new: str) -> bool:
        if not moved:
            await self.lift(old)
            await search.upsert([entry("z", "新的")], tenant="default")
        moved.append(await move(self, old, new))
        return moved[-1]

    monkeypatch.setattr(Hold, "move", lifted_once)

    await search.rebuild()

    assert moved == [False, True]
    assert await search.get("z", tenant="default") is not None


async def test_a_block_of_the_operators_is_named_and_stays(search: ElasticSearch) -> None:
    async with raw_client() as raw:
        await raw.indices.put_settings(index=search.alias, settings={"index.blocks.write": True})

        with pytest.raises(StoreUnavailable, match="read-only"):
            await search.upsert([entry("z", "新的")], tenant="default")

        await raw.indices.put_settings(index=search.alias, settings={"index.blocks.write": None})
