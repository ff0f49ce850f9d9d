"""Each number of the ranking reaches it."""

from collections.abc import Awaitable, Callable
from typing import Literal

import pytest

from tests.fakes.embed import HashEmbedder, OneVector
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.search.types import Passage
from tools.search.weights import Weights

PAIR = [entry("a", "5678", "90。"), entry("b", "4321", "09。")]  # b says what 1234 asks, a nothing
GIVEN = entry("given", "什么是存储容量单位包SCU（Storage Capacity Unit）？", "一种资源包。")
NAMED = [GIVEN, entry("price", "SCU计费", "按年。"), entry("refund", "SCU退订", "五天内。")]
PARCELS = [entry("lost", "包裹丢了"), entry("torn", "包裹破了")]


Found = Callable[..., Awaitable[list[Passage]]]


@pytest.fixture
def found(opened: Open) -> Found:
    """Asks an index with these entries and weights."""

    async def asked(
        question: str,
        *entries: dict[str, str],
        weights: Weights,
        embedder: HashEmbedder | None = None,
        leg: Literal["words", "dense", "hybrid"] = "hybrid",
        k: int = 5,
    ) -> list[Passage]:
        embedder = embedder or HashEmbedder()
        ask = Ask(await opened(embedder, weights=weights), embedder, leg)
        await ask.holds(*entries)
        return (await ask(question, k=k)).passages

    return asked


@pytest.mark.parametrize(("reading", "best"), [(None, "b"), (0.0, "a"), (2.0, "b")])
async def test_what_was_read_counts_as_its_reader_says_or_as_told(
    found: Found, reading: float | None, best: str
) -> None:
    passages = await found("1234", *PAIR, weights=Weights(reading=reading), embedder=OneVector())

    assert passages[0]["id"] == best


@pytest.mark.parametrize(("read", "best"), [(2, "b"), (1, "a")])
async def test_so_many_hits_are_read(found: Found, read: int, best: str) -> None:
    (shown,) = await found("1234", *PAIR, weights=Weights(read=read), embedder=OneVector(), k=1)

    assert shown["id"] == best


async def test_the_usual_name_counts_by_its_share(found: Found) -> None:
    near = [
        {p["id"]: p["dense"] for p in await found("存储容量单位包计费", *NAMED, weights=weights)}
        for weights in (Weights(names=0), Weights(names=0.5), Weights(names=1))
    ]

    assert near[0]["price"] < near[1]["price"] < near[2]["price"] == pytest.approx(1, abs=0.001)


async def test_hubs_lose_by_its_weight(found: Found) -> None:
    alike = [entry(str(number), "退款多久到账") for number in range(5)]

    free, hub = [
        (await found("退款多久到账", *alike, weights=Weights(hubness=weight)))[0]
        for weight in (0.0, 0.5)
    ]

    assert free["dense"] == hub["dense"]
    assert free["fit"] > hub["fit"]


@pytest.mark.parametrize(("documents", "score"), [(1.0, 0.25), (0.8, 0.4), (0.0, 1.0)])
async def test_a_documents_vector_counts_by_its_share(
    found: Found, documents: float, score: float
) -> None:
    held = [{**entry("doc", "1234"), "kind": "doc"}, entry("far", "5678")]

    best, _ = await found("1234", *held, weights=Weights(documents=documents), embedder=OneVector())

    assert best["score"] == pytest.approx(score, abs=0.001)


@pytest.mark.parametrize(("typos", "ids"), [(0.0, []), (0.5, ["refund"])])
async def test_a_word_one_letter_away_counts_by_its_weight(
    found: Found, typos: float, ids: list[str]
) -> None:
    english = entry("refund", "refund", "soon")

    passages = await found("refumd", english, weights=Weights(typos=typos), leg="words")

    assert [p["id"] for p in passages] == ids


@pytest.mark.parametrize(("sounds", "is_corrected"), [(0.5, True), (1.1, False)])
async def test_a_character_takes_the_place_of_one_where_it_is_sure_enough(
    found: Found, sounds: float, is_corrected: bool
) -> None:
    passages = await found("包果丢了", *PARCELS, weights=Weights(sounds=sounds), leg="words")

    assert (passages[0]["words"] == 1) == is_corrected
