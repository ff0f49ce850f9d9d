"""Who goes with what is as the passage says."""

import pytest

from nodes.rules.sense.crossed import crossed

COURIERS = "谁来取件？\n普通件由迅达取，大件由北辰上门搬运。角阀 35 元、减压阀 60 元。"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("普通件由北辰上门取，大件由迅达搬运。", COURIERS),
        ("角阀 60 元、减压阀 35 元。", COURIERS),
    ],
)
def test_notices_an_exchange(sentence: str, source: str) -> None:
    assert crossed(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("大件由北辰搬运，普通件由迅达来取[1]。", COURIERS),
        ("减压阀 60 元，角阀 35 元。", COURIERS),
        ("", COURIERS),
    ],
)
def test_lets_the_same_pass_in_another_order(sentence: str, source: str) -> None:
    assert crossed(sentence, [source]) == []
