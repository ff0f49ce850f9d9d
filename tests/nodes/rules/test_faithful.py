import pytest

from nodes.rules.faithful import faults

REFUND = "退款多久到账？\n支付宝 1 个工作日内；借记卡 3-5 个工作日。关闭的订单不能恢复。"
RETURN = "几天能退？\n签收次日起 7 天内可以无理由退货，金卡会员延长到 15 天，银卡没有延长。"


@pytest.mark.parametrize(
    "sentence",
    [
        "支付宝1个工作日内到账[1]。",
        "金卡会员是15天[2]。",
        "支付宝1个工作日，金卡退货15天[1][2]。",
        "借记卡要三到五个工作日。",
        "关闭的订单没法恢复。",
        "无理由退货是七天内。",
    ],
)
def test_true_sentences_pass(sentence: str) -> None:
    assert faults(sentence, [REFUND, RETURN]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "支付宝1个工作日内到账[2]。",  # true, but not of the passage it cites
        "借记卡 1 个工作日内到账。",
        "银卡会员延长到 15 天。",
        "关闭的订单可以恢复。",
        "西藏 7 天内可以退货。",
        "黑金会员延长到 15 天。",
        "所有会员都延长到 15 天。",
        "仅限企业 7 天无理由退货。",
        "已为您提交退款。",
    ],
)
def test_false_sentences_are_noticed(sentence: str) -> None:
    assert faults(sentence, [REFUND, RETURN])


@pytest.mark.parametrize("mark", ["[3]", "[0]", "[1,9]", "【9】"])
def test_a_mark_that_names_no_passage_is_a_fault(mark: str) -> None:
    assert faults(f"支付宝1个工作日内到账{mark}。", [REFUND, RETURN])


def test_spans_of_time_may_be_spelled_in_another_unit() -> None:
    assert faults("保留半小时。", ["订单\n提交后保留 30 分钟。"]) == []
    assert faults("72 小时内退。", ["退款\n超过 3 天请联系客服。"]) != []


def test_figures_listed_for_as_many_names_belong_to_them_in_order() -> None:
    gift = "生日礼\n银卡 20 元券、金卡 50 元券、钻石 1,000 元券。"

    assert faults("银卡、金卡和钻石分别是 20 元、50 元和 1000 元。", [gift]) == []
    both = "到账\n支付宝和微信支付 1-3 个工作日，信用卡 5-7 个工作日。"
    assert faults("支付宝 1-3 个工作日到账。", [both]) == []
    assert faults("银卡、金卡和钻石分别是 50 元、20 元和 1000 元。", [gift]) != []
