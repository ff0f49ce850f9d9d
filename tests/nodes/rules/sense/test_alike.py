"""What several do is not one's alone."""

import pytest

from nodes.rules.sense.alike import singled_out

MAPS = (
    "多楼层地图\n云端多楼层地图属于付费权益，F6 和 F8 都支持，每台最多存 4 张。遥控只有 F8 支持。"
)
PAID = "付款\n预售订单用支付宝、微信均可付定金。花呗不行。"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("多楼层地图只有 F8 支持。", MAPS),
        ("多楼层地图目前仅有 F6 支持，F8 没有。", MAPS),
        ("预售订单只有微信可以付定金。", PAID),
    ],
)
def test_one_of_several_is_not_the_only_one(sentence: str, source: str) -> None:
    assert singled_out(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("多楼层地图 F6 和 F8 都支持。", MAPS),
        ("多楼层地图只有 F6 和 F8 支持。", MAPS),
        ("F8 支持多楼层地图。", MAPS),
        ("遥控只有 F8 支持。", MAPS),
        ("预售订单只有支付宝和微信可以付定金。", PAID),
        ("只有 F8 支持吗？", MAPS),
        ("", MAPS),
    ],
)
def test_the_only_ones_are(sentence: str, source: str) -> None:
    assert singled_out(sentence, [source]) == []
