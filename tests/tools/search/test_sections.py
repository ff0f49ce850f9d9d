"""A passage that was cut from a section can be read with what stands around it."""

from typing import Any

import pytest

from tests.fakes.search import MemorySearch, entry
from tools.search.sections import joined, section


def parts(**changes: Any) -> list[Any]:  # noqa: ANN401 fields of an entry
    texts = ["一、拆封前可退。拆封后看情况。", "拆封后看情况。二、滤芯不退。", "三、运费自理。"]
    return [
        entry("p" if n == 1 else f"p~{n}", "退货", text, **({"kind": "doc"} | changes))
        for n, text in enumerate(texts, start=1)
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p", "一、拆封前可退。拆封后看情况。二、滤芯不退。"),
        ("p~2", "一、拆封前可退。拆封后看情况。二、滤芯不退。\n三、运费自理。"),
        ("p~3", "拆封后看情况。二、滤芯不退。\n三、运费自理。"),
        ("p~4", ""),
        ("other", ""),
        ("p~²", ""),  # a digit, but no number
    ],
)
async def test_the_parts_before_and_after_are_joined_without_repeats(name: str, text: str) -> None:
    others = [entry(other, "别的", "一段。", kind="doc") for other in ("other", "p~²")]
    search = MemorySearch([*parts(), *others])

    assert await section(search, name, tenant="default") == text


async def test_an_faq_entry_has_no_section() -> None:
    assert await section(MemorySearch(parts(kind="faq")), "p~2", tenant="default") == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"audience": "internal"},
        {"effective_to": "2026-01-01"},
        {"region": "西藏"},
        {"question": "另一节"},
    ],
)
async def test_a_part_for_others_or_of_another_time_is_left_out(changed: dict[str, str]) -> None:
    first, second, third = parts()

    text = await section(
        MemorySearch([first | changed, second, third | changed]), "p~2", tenant="default"
    )

    assert text == ""


async def test_another_tenants_parts_are_left_out() -> None:
    search = MemorySearch([parts()[1]])
    await search.upsert([parts()[0]], tenant="other")

    assert await section(search, "p~2", tenant="default") == ""


def test_texts_that_share_nothing_stand_in_two_lines() -> None:
    assert joined("甲。", "乙。") == "甲。\n乙。"
    assert joined("", "乙。") == "乙。"
