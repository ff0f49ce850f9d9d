"""What stands in brackets is not what the sentence around it says."""

from nodes.rules.checking.faithful import faults
from nodes.rules.wording.asides import apart

GOLD = "金卡有什么权益？\n保修期外上门费全免（银卡 40 元，普通 50 元），检测费 30 元照常收取。"
EXTENDED = (
    "延保怎么收费？\n加 1 年为 6%，加 2 年为 10%。例如 S10（2,299 元）加 1 年约 138 元，"
    "加 2 年约 230 元；"
    "S20 Pro（3,999 元）加 1 年约 240 元，加 2 年约 400 元。"
)
CUPS = "最多打多少？\n冷饮（果汁、奶昔）最多 1.75 L；热饮（豆浆、米糊）最多 1.4 L。"


def test_asides_follow_the_text_with_what_they_are_said_of() -> None:
    assert apart("一年（366 天）可退。好。") == "一年可退。好。\n一年 366 天"
    assert apart("没有括号。") == "没有括号。"


def test_a_figure_behind_an_aside_is_not_of_the_aside() -> None:
    assert faults("金卡的上门费全免，30 元检测费要照付。", [GOLD]) == []
    assert faults("银卡的上门费是 50 元。", [GOLD]) != []


def test_an_exchange_is_noticed_whatever_the_brackets_list() -> None:
    assert faults("热饮最多 1.75 L，冷饮最多 1.4 L。", [CUPS]) != []
    assert faults("热饮最多 1.4 L，冷饮最多 1.75 L。", [CUPS]) == []


def test_a_model_s_code_and_the_figure_behind_it_stay_two() -> None:
    assert faults("S10 卖 2,299 元，加 2 年约 230 元。", [EXTENDED]) == []
