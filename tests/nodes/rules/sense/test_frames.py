"""A period that a list names once is that of all its items."""

from nodes.rules.checking.faithful import faults

LEVELS = "等级怎么升？\n银卡（一年消费满 2,000 元）、金卡（满 6,000 元）、钻石（满 15,000 元）。"
FEES = "收费\n普通会员每年 1 次 50 元，金卡 30 元，寄修 6 个月内免费。"


def test_the_period_of_the_first_item_is_that_of_the_others() -> None:
    assert faults("成为金卡需要一年内消费满 6,000 元。", [LEVELS]) == []
    assert faults("钻石要一年消费满 15,000 元。", [LEVELS]) == []


def test_other_figures_stay_with_their_item() -> None:
    assert faults("金卡要一年消费满 2,000 元。", [LEVELS])
    assert faults("金卡每次 50 元。", [FEES])
