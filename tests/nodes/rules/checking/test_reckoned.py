"""What follows from a customer's figure and a passage's needs no passage of its own."""

import pytest

from nodes.rules.checking.faithful import faults

RETURNS = "期限\n| 会员等级 | 退货期限 |\n|---|---|\n| 银卡 | 7 天 |\n| 金卡 | 15 天 |"
LEVELS = "等级\n| 等级 | 一年消费 |\n|---|---|\n| 金卡 | 满 6,000 元 |\n| 钻石 | 满 15,000 元 |"
PLANS = "价格\n月付 15 元，年付 128 元。"
RICE = "水量\n白米 1 杯对应刻度 1，约 180 毫升水。"
FEE = "运费\n质量问题退货，下单时付的运费一并退回。"


@pytest.mark.parametrize(
    ("asked", "sentence", "passage"),
    [
        ("我是银卡，5号签收的，哪天前能退", "您5号签收的话，最晚12号都可以退。", RETURNS),
        ("我是金卡，11月20日签收的", "您最晚可以在12月5日提交申请。", RETURNS),
        ("我今年花了5500，还差多少到金卡", "您再消费500元就可以升级为金卡。", LEVELS),
        ("我今年花了5500元", "距离钻石还差9500元。", LEVELS),
        ("", "月付15元，一年下来就是180元。", PLANS),
        ("我煮3杯米", "白米1杯大约对应180毫升水，3杯就是540毫升。", RICE),
        ("我付了10块运费，坏的退货能退吗", "质量问题的，下单时付的10元运费一并退回。", FEE),
    ],
)
def test_what_follows_passes(asked: str, sentence: str, passage: str) -> None:
    assert faults(sentence, [passage], asked) == []


@pytest.mark.parametrize(
    ("asked", "sentence", "passage"),
    [
        ("我是银卡，5号签收的，哪天前能退", "您5号签收的话，最晚20号都可以退。", RETURNS),
        ("我是金卡，2月30日签收的", "您最晚可以在3月8日提交申请。", RETURNS),
        ("我今年花了5500，还差多少到金卡", "您再消费600元就可以升级为金卡。", LEVELS),
        ("我今年花了5500元", "距离钻石还差500元。", LEVELS),
        ("", "月付15元，一年下来就是190元。", PLANS),
        ("", "年付一年 180 元。", PLANS),
        ("我煮3杯米", "白米1杯大约对应180毫升水，3杯就是600毫升。", RICE),
    ],
)
def test_what_does_not_follow_is_a_fault(asked: str, sentence: str, passage: str) -> None:
    assert faults(sentence, [passage], asked)
