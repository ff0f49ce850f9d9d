"""The best hits are put in order by their tokens, on engines that keep readings."""

import pytest

from tests.fakes.embed import OneVector
from tests.fakes.search import Ask, entry
from tools.search.types import Filters

QUESTION = "1234"
# Neither holds a word of the question, and all vectors are one; ties go to what comes first.
OTHER = entry("a", "5678", "90。")
SAYS_ALL = entry("b", "4321", "09。")


async def test_tokens_order_what_words_and_vectors_leave_equal(ask_readings: Ask) -> None:
    await ask_readings.holds(OTHER, SAYS_ALL)

    found = (await ask_readings(QUESTION)).passages

    assert [p["id"] for p in found] == ["b", "a"]
    assert [p["meaning"] for p in found] == [1, 0]
    assert found[0]["aim"] == 1


async def test_tokens_reach_hits_below_those_that_are_shown(ask_readings: Ask) -> None:
    await ask_readings.holds(OTHER, SAYS_ALL)
    (vector,) = await OneVector().questions([QUESTION])

    found = await ask_readings.search.search(QUESTION, vector, k=1, filters=Filters())

    assert [p["id"] for p in found.passages] == ["b"]


async def test_an_entry_is_read_as_it_is_now(ask_readings: Ask) -> None:
    await ask_readings.holds(OTHER, SAYS_ALL)
    await ask_readings(QUESTION)
    await ask_readings.holds({**OTHER, "question": "4321"}, {**SAYS_ALL, "question": "56"})

    found = (await ask_readings(QUESTION)).passages

    assert [(p["id"], p["meaning"]) for p in found] == [("a", 1), ("b", 0)]


async def test_an_entry_is_read_as_its_own_tenant_has_it(ask_readings: Ask) -> None:
    await ask_readings.holds(OTHER)
    await ask_readings.holds({**SAYS_ALL, "id": "a"}, tenant="theirs")
    (vector,) = await OneVector().questions([QUESTION])

    found = [
        await ask_readings.search.search(QUESTION, vector, k=5, filters=Filters(tenant=tenant))
        for tenant in ("default", "theirs", "default")
    ]

    assert [[p["meaning"] for p in one.passages] for one in found] == [[0], [1], [0]]


async def test_one_leg_alone_ranks_as_it_does(ask_readings: Ask) -> None:
    await ask_readings.holds(OTHER, SAYS_ALL)
    (vector,) = await OneVector().questions([QUESTION])

    found = await ask_readings.search.search(
        QUESTION, vector, k=5, filters=Filters(), dense_weight=1.0
    )

    assert [(p["id"], p["meaning"]) for p in found.passages] == [("a", 0), ("b", 0)]


async def test_words_count_more_in_a_document_than_in_an_faq_entry(ask_readings: Ask) -> None:
    alike = [entry(name, "1234", "56。") for name in ("a", "b")]
    await ask_readings.holds(OTHER | {"id": "far"}, alike[0], {**alike[1], "kind": "doc"})

    found = (await ask_readings(QUESTION)).passages

    assert [p["id"] for p in found] == ["b", "a", "far"]
    assert [p["score"] for p in found] == pytest.approx([0.4, 0.25, 0], abs=0.001)
    await ask_readings.holds({**alike[0], "kind": "doc"}, alike[1])
    assert await ask_readings.ids(QUESTION, k=2) == ["a", "b"]
