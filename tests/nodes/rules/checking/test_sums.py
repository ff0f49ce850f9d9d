import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.checking.own_figures import without_own
from nodes.rules.checking.sums import equations, misreckoned

FEES = "上门怎么收费？\n银卡上门费 40 元，检测费 30 元另计。"


def test_works_out_what_is_written() -> None:
    told = "40 + 30 = 70 元，2×3-1=5，10÷4=2.5，7÷0=1，40+30=80"

    assert [is_right for *_, is_right in equations(told)] == [True, True, True, False, False]
    assert next(equations(told))[:3] == (0, 12, [("", "40", ""), ("+", "30", "")])


def test_a_sum_of_known_figures_passes_and_a_wrong_one_does_not() -> None:
    assert faults("合计：40 + 30 = 70 元。", [FEES]) == []
    assert faults("合计：40 + 30 = 80 元。", [FEES])
    assert faults("合计：40 + 35 = 75 元。", [FEES])


def test_a_sum_may_rest_on_what_the_answer_has_said() -> None:
    before = "- 上门费：40 元\n- 检测费：30 元\n"

    assert faults("一共 70 元。", [FEES], before=before) == []
    assert faults("一共 80 元。", [FEES], before=before)
    assert faults("一共 70 元。", [FEES])


LEVELS = "上门怎么收费？\n上门费 50 元（银卡 40 元，金卡免），检测费 30 元另计。"


@pytest.mark.parametrize(
    "sentence",
    [
        "两项合计 50 × 30 = 1500 元。",  # money times money
        "银卡会员合计 50 + 30 = 80 元。",  # 50 is not what silver members pay
        "金卡会员合计 50 + 30 = 80 元。",  # who is freed of it
    ],
)
def test_a_sum_that_comes_out_may_still_be_the_wrong_one(sentence: str) -> None:
    assert faults(sentence, [LEVELS])


def test_a_customer_s_figure_is_a_part_of_a_sum_and_may_be_named_beside_it() -> None:
    told = "备用机\n逾期未还按每天 20 元计。"
    asked = "我逾期 3 天了怎么算"

    assert faults("逾期 3 天一共 3 × 20 = 60 元。", [told], asked) == []
    assert faults("逾期 3 天一共 3 + 20 = 23 元。", [told], asked)
    assert faults("银卡一共 40 + 30 = 70 元。", [LEVELS]) == []


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("满 99 元包邮，不满收 10 元。", "一共 109 元。"),
        ("普通会员 50 元/次，银卡 40 元/次。", "一共 90 元。"),
        ("加 1 年约 138 元，加 2 年约 230 元。", "一共 368 元。"),
        ("月付 15 元，年付 128 元。", "合计 143 元。"),
        ("上门费 50 元，检测费 30 元。", "您能省 20 元。"),
    ],
)
def test_limits_and_alternatives_of_what_was_said_are_not_added_up(
    before: str, sentence: str
) -> None:
    assert faults(sentence, [before], before=before)


def test_a_figure_inside_a_sum_is_not_cut_out_twice() -> None:
    cut = without_own("合计 40 + 30 = 70 元，另收 99 元。", [FEES])

    assert cut.replace(" ", "") == "合计40元元,另收99元。"


EXTENDED = (
    "延保怎么收费？\n加 1 年为 6%，加 2 年为 10%。例如 S10（2,299 元）加 1 年约 138 元，"
    "加 2 年约 230 元；"
    "S20 Pro（3,999 元）加 1 年约 240 元，加 2 年约 400 元。"
)


def test_each_factor_of_a_sum_is_one_of_what_the_sum_is_said_of() -> None:
    assert faults("S20 Pro 加 2 年的延保是 3,999 × 10% = 399.9 元。", [EXTENDED]) == []
    assert faults("S20 Pro 加 2 年的延保是 3,999 × 6% = 239.94 元。", [EXTENDED])
    assert faults("S20 Pro 加 2 年要 3,999 元的 6%。", [EXTENDED])


def test_a_figure_goes_on_with_the_name_before_it() -> None:
    assert faults("S20 Pro 加 2 年约 400 元。", [EXTENDED]) == []
    assert faults("S20 Pro 加 2 年约 230 元。", [EXTENDED])


@pytest.mark.parametrize("wrong", ["2,299 × 10% = 138 元", "40 + 30 = 80 元", "128÷12×8≈58.33 元"])
def test_a_sum_that_does_not_come_out_is_a_fault(wrong: str) -> None:
    assert misreckoned(f"一共 {wrong}。")
    assert misreckoned("128÷12×8≈85.33 元，稀释比例 1:200。") == []
