import pytest

from nodes.rules.sense.sequence import reordered

PAY = "礼品卡不够怎么付？\n系统先扣礼品卡余额，剩余部分再用支付宝或微信支付。"
WORK = "师傅收材料费合理吗？\n师傅必须先出示价目表，并经您在服务单上确认才能施工。"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("系统先扣微信、支付宝，剩余部分再扣礼品卡。", PAY),
        ("师傅先施工，完成后再请您确认价格。", WORK),
    ],
)
def test_notices_steps_the_other_way_round(sentence: str, source: str) -> None:
    assert reordered(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("先扣礼品卡，不够的再走微信。", PAY),
        ("您确认之后，师傅才会施工。", WORK),
        ("请先拍照，再提交申请。", WORK),
    ],
)
def test_lets_steps_in_order_pass(sentence: str, source: str) -> None:
    assert reordered(sentence, [source]) == []
