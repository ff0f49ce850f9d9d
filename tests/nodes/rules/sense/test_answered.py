import pytest

from nodes.rules.sense.answered import answered
from nodes.rules.sense.polarity import contradictions


@pytest.mark.parametrize(
    ("passage", "said"),
    [
        ("能加精油吗？\n不能加进水箱。", ["不能加精油。"]),
        ("### 退货会影响等级吗\n\n会。按退款之后的金额算。", ["退货会影响等级。"]),
        ("删了订单还能找回来吗？\n可以找回。", ["删了订单还能找回来。"]),
        ("怎么联网，需要另买网关吗？\n不用网关。", ["不需要另买网关。"]),
        ("门会不会被人开？\n不用换锁。", []),
        ("月付想改成年付怎么操作？\n可以。", []),
    ],
)
def test_says_a_question_as_it_is_answered(passage: str, said: list[str]) -> None:
    assert list(answered(passage)) == said


def test_what_is_denied_in_answer_to_the_title_may_be_denied() -> None:
    oil = "H2 里能加精油或者消毒液吗？\n不能加进水箱。精油和消毒液会腐蚀水箱。"

    assert contradictions("水箱里不能加精油和消毒液", [oil]) == []
