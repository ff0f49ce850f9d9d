"""What a passage denies of a figure is not allowed by an answer, whatever the verbs."""

import pytest

from nodes.rules.checking.faithful import faults

SINGLE = "S10 为什么搜不到家里的 5G Wi-Fi？\nS10 只支持 2.4 GHz Wi-Fi，搜不到 5 GHz 信号是正常的。"
DOUBLE = "S20 Pro 怎么连 App？\n选 Wi-Fi（2.4 或 5 GHz 都行），输密码。"
PLANS = "Plans\nThe trial does not include 30 devices. The paid plan has 5 users."


@pytest.mark.parametrize("said", ["可以用 5 GHz。", "家里的路由器能连 5 GHz。", "支持 5 GHz。"])
def test_what_is_denied_of_a_figure_is_not_allowed(said: str) -> None:
    assert faults(said, [SINGLE])
    assert faults(said, [DOUBLE]) == []


@pytest.mark.parametrize("said", ["不能用 5 GHz。", "搜不到 5 GHz 是正常的。", "可以用 2.4 GHz。"])
def test_what_a_passage_says_of_a_figure_passes(said: str) -> None:
    assert faults(said, [SINGLE]) == []


def test_english_capabilities_are_read_alike() -> None:
    assert faults("The trial supports 30 devices.", [PLANS])


def test_what_is_denied_of_one_model_may_be_allowed_of_another() -> None:
    both = "连不上网\n连 2.4 GHz Wi-Fi（S10 不支持 5 GHz，S20 Pro 两种都行）。"

    assert faults("S20 Pro 可以用 5 GHz。", [both]) == []
    assert faults("S20 Pro 的话，可以用 5 GHz。", [both]) == []
    assert faults("S10 可以用 5 GHz。", [both])
    assert faults("S10 和 S20 Pro 都可以连 5 GHz。", [both])
    assert faults("可以用 5 GHz。", [both])
