from nodes.rules.faithful import faults
from nodes.rules.sums import equations

FEES = "上门怎么收费？\n银卡上门费 40 元，检测费 30 元另计。"


def test_works_out_what_is_written() -> None:
    told = "40 + 30 = 70 元，2×3-1=5，10÷4=2.5，7÷0=1，40+30=80"

    assert [is_right for *_, is_right in equations(told)] == [True, True, True, False, False]
    assert next(equations(told))[:3] == (0, 12, ["40", "30"])


def test_a_sum_of_known_figures_passes_and_a_wrong_one_does_not() -> None:
    assert faults("合计：40 + 30 = 70 元。", [FEES]) == []
    assert faults("合计：40 + 30 = 80 元。", [FEES])
    assert faults("合计：40 + 35 = 75 元。", [FEES])


def test_a_sum_may_rest_on_what_the_answer_has_said() -> None:
    before = "- 上门费：40 元\n- 检测费：30 元\n"

    assert faults("一共 70 元。", [FEES], before=before) == []
    assert faults("一共 80 元。", [FEES], before=before)
    assert faults("一共 70 元。", [FEES])
