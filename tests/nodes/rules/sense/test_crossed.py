"""Who goes with what is as the passage says."""

import pytest

from nodes.rules.sense.crossed import crossed

COURIERS = "谁来取件？\n普通件由迅达取，大件由北辰上门搬运。角阀 35 元、减压阀 60 元。"
NAMES = "区别？\n白金域名的注册价格高于普通域名的注册价格。"
MAIL = "Notices\nNotices via plain-text email have a faster turnaround than PDF attachments."


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("普通件由北辰上门取，大件由迅达搬运。", COURIERS),
        ("角阀 60 元、减压阀 35 元。", COURIERS),
        ("普通域名的注册价格高于白金域名。", NAMES),
        ("白金域名的价格比普通域名低。", NAMES),
        ("PDF attachments have a faster turnaround than plain-text email.", MAIL),
    ],
)
def test_notices_an_exchange(sentence: str, source: str) -> None:
    assert crossed(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("大件由北辰搬运，普通件由迅达来取[1]。", COURIERS),
        ("减压阀 60 元，角阀 35 元。", COURIERS),
        ("普通域名的价格比白金域名低。", NAMES),
        ("白金域名比普通域名贵。", NAMES),
        ("Email has a faster turnaround than PDF attachments.", MAIL),
        ("", COURIERS),
    ],
)
def test_lets_the_same_pass_in_another_order(sentence: str, source: str) -> None:
    assert crossed(sentence, [source]) == []
