"""A re-index under a steady query load: no query fails or comes back empty."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.elastic import NO_SERVER, elastic_search, patient, server_url
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import entry
from tools.errors import SearchUnavailable
from tools.search.base import SearchBackend
from tools.search.sqlite import SqliteSearch
from tools.search.types import Filters

TOPICS = ["退款多久到账", "发票抬头怎么改", "忘记登录密码", "运费谁承担", "积分在哪兑换"]
ENTRIES = [entry(f"{topic}-{n}", f"{topic} {n}", topic) for topic in TOPICS for n in range(60)]
PAUSE_S = 0.01  # between the queries of one customer: a steady load, not a flood


class Other(HashEmbedder):
    name = "hash-64-b"


@dataclass
class Load:
    """What the customers of a load saw."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)
    empty: int = 0
    wrong: int = 0  # hits of another topic first
    states: set[str] = field(default_factory=set)


@asynccontextmanager
async def queries(search: SearchBackend, *, customers: int = 4) -> AsyncIterator[Load]:
    """Ask without end while the block runs, and once more after it."""
    load, is_over = Load(), asyncio.Event()

    async def ask_on(first: int) -> None:
        turn, is_last = first, False
        while not is_last:
            is_last = is_over.is_set()
            topic = TOPICS[turn % len(TOPICS)]
            turn += 1
            await _one(search, topic, load)
            await asyncio.sleep(PAUSE_S)

    asking = [asyncio.create_task(ask_on(n)) for n in range(customers)]
    try:
        yield load
    finally:
        is_over.set()
        await asyncio.gather(*asking)


async def _one(search: SearchBackend, topic: str, load: Load) -> None:
    load.asked += 1
    vector = (await HashEmbedder().questions([topic]))[0]
    try:
        found = await search.search(topic, vector, k=3, filters=Filters())
    except SearchUnavailable as exc:
        load.failed.append(str(exc))
        return
    load.states.update(found.legs.values())
    load.empty += not found.passages
    load.wrong += bool(found.passages) and found.passages[0]["answer"] != topic


Rebuild = Callable[[], Awaitable[object]]


@asynccontextmanager
async def elastic(
    embedder: HashEmbedder, **options: str
) -> AsyncIterator[tuple[SearchBackend, Rebuild]]:
    async with elastic_search(HashEmbedder()) as serving:
        await serving.upsert(ENTRIES, tenant="default")
        other = await patient(
            server_url(),
            embedder,
            index=serving.alias,
            is_rebuild=True,
            **options,  # type: ignore[arg-type]
        )
        yield serving, other.rebuild
        await other.close()


@asynccontextmanager
async def sqlite(
    folder: Path, embedder: HashEmbedder, **options: str
) -> AsyncIterator[tuple[SearchBackend, Rebuild]]:
    serving = await SqliteSearch.open(folder, HashEmbedder())
    await serving.upsert(ENTRIES, tenant="default")

    async def rebuild() -> None:
        other = await SqliteSearch.open(folder, embedder, is_rebuild=True, **options)  # type: ignore[arg-type]
        await other.rebuild()
        await other.close()

    yield serving, rebuild
    await serving.close()


@pytest.mark.parametrize(
    ("embedder", "options"),
    [(HashEmbedder(), {}), (HashEmbedder(), {"segmenter": "words"}), (Other(), {})],
    ids=["same", "other segmenter", "other embedder"],
)
@pytest.mark.parametrize("engine", ["sqlite", "elastic"])
async def test_no_query_fails_or_is_empty_while_the_index_is_made_anew(
    engine: str, embedder: HashEmbedder, options: dict[str, str], tmp_path: Path
) -> None:
    if engine == "elastic" and not server_url():
        pytest.skip(NO_SERVER)
    opening = (
        sqlite(tmp_path, embedder, **options)
        if engine == "sqlite"
        else elastic(embedder, **options)
    )

    async with opening as (serving, rebuild), queries(serving) as load:
        await rebuild()

    assert load.asked >= 8
    assert (load.failed, load.empty) == ([], 0)
    if engine == "elastic":  # SQLite is rebuilt in place, old beside new
        assert load.wrong == 0
    assert load.states <= {"ok", "failed"}
    if embedder.name == HashEmbedder.name and engine == "elastic":
        assert load.states == {"ok"}
