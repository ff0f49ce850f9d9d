"""A fee that has its amount is not waived."""

import pytest

from nodes.rules.sense.fees import waived

FEES = "收费\n开机检查费 25 元，上门费金卡免，银卡 40 元。加急费每次 15 元。"
TABLE = "收费\n检查费 保修期内 免。\n检查费 保修期外 25 元。"


@pytest.mark.parametrize(
    "sentence",
    [
        "金卡的检查费也免。",
        "检查费免收。",
        "上门费和检查费都不收。",
        "免上门费和检查费。",
        "我们免收加急费。",
        "检查费不用您出[1]。",
        "加急费一起免掉。",
    ],
)
def test_a_fee_with_an_amount_is_not_waived(sentence: str) -> None:
    assert waived(sentence, [FEES])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("检查费 25 元，金卡上门费免。", FEES),
        ("金卡免上门费，检查费照收。", FEES),
        ("寄回的运费我们出。", "运费\n运费 10 元。"),
        ("保修期内检查费免。", TABLE),
        ("材料费不收。", FEES),
        ("检查费免吗？", FEES),
        ("", FEES),
        ("检查费免。", ""),
    ],
)
def test_what_a_source_waives_or_does_not_price_passes(sentence: str, source: str) -> None:
    assert waived(sentence, [source]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "检测费是免不了的，30 元。",
        "检测费需要您付 30 元，无需预付。",
        "检测费30元，不退，运费我们承担。",
    ],
)
def test_a_fee_that_is_named_with_its_amount_is_not_waived(sentence: str) -> None:
    assert not waived(sentence, ["上门费\n金卡免上门费；检测费 30 元。"])
