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


HUMIDIFIER = (
    "H2 停用后怎么办？\n长时间不用请倒空、晾干滤芯再收起来。豆子不要超过 100 克。16:00"
    " 前付款当天发货，之后次日发货。为防止高费用，可设峰值。"
    "来回运费由我方承担。无需用户备案，由系统自动完成。"
    "S10 不支持 5 GHz，普通成员不能看云录像。满 6,000 元升金卡，滤芯 1-2 天晾干。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "长时间不用的话，记得把水倒空、滤芯晾干再收起来。",
        "豆子别超过 100 克。",
        "下午 4 点前付款当天发货，4 点以后付款次日发。",
        "晚 4 点前付款当天发货。",
        "为了避免高费用，可以设峰值。",
        "来回运费都不用您出。",
        "备案由系统自动完成。",
        "普通成员看不了云录像。",
        "滤芯一两天就能晾干。",
        "满 0.6 万元升金卡。",
    ],
)
def test_the_same_in_other_words_passes(sentence: str) -> None:
    assert faults(sentence, [HUMIDIFIER]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "来回运费由您承担。",
        "S20 Pro 不支持 5 GHz。",
        "凌晨 4 点前付款当天发货。",
        "滤芯两三天就能晾干。",
    ],
)
def test_other_words_for_something_else_do_not(sentence: str) -> None:
    assert faults(sentence, [HUMIDIFIER]) != []
