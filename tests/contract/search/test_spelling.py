"""Codes and model names are found however they are written, on every engine that ranks words."""

import pytest

from tests.fakes.search import Ask, entry

OTHERS = [entry("s30", "S30 Pro 充电"), entry("s2", "S2 Pro 充电"), entry("plain", "扫地机充电")]
MODELS = ["S20Pro", "S20 Pro", "s20-pro", "S 20 pro"]
ERRORS = ["E-02", "E02", "e 02"]
CODES = [entry("e03", "E03 闪红灯"), entry("f-02", "F-02 闪红灯"), entry("20", "E20 闪红灯")]


@pytest.mark.parametrize("written", MODELS)
async def test_a_model_name_is_found_in_every_spelling(ask_terms: Ask, written: str) -> None:
    await ask_terms.holds(*OTHERS, entry("s20", f"{written} 充电"))

    found = {typed: (await ask_terms.ids(f"{typed}怎么充电"))[:1] for typed in MODELS}

    assert found == {typed: ["s20"] for typed in MODELS}


@pytest.mark.parametrize("written", ERRORS)
async def test_an_error_code_is_found_in_every_spelling(ask_terms: Ask, written: str) -> None:
    await ask_terms.holds(*CODES, entry("e02", f"{written} 闪红灯"))

    found = {typed: (await ask_terms.ids(f"{typed}是什么"))[:1] for typed in ERRORS}

    assert found == {typed: ["e02"] for typed in ERRORS}


async def test_the_spelling_asked_counts_more_than_another(ask_terms: Ask) -> None:
    await ask_terms.holds(entry("other", "E-02"), entry("same", "E02"), *CODES)

    assert (await ask_terms.ids("E02"))[:2] == ["same", "other"]


async def test_other_digits_are_never_found(ask_terms: Ask) -> None:
    await ask_terms.holds(entry("e3", "E3"), entry("e20", "E20"), entry("e021", "E021"))

    assert await ask_terms.ids("E-02") == []
