import pytest

from nodes.rules.deciding.again import closeness, news

FILTER = (
    "W4 有两支滤芯：前置滤芯 12 个月换一次。App「滤芯管理」能看到预计到期日。"
    "滤芯是耗材，不在保修范围；暖舟管家会员买滤芯 9 折。"
)
ACCOUNT = "在「设置-注销账号」提交，短信验证后进入 7 天冷静期。积分和优惠券会清零。"
RETURNS = "You have 7 days after delivery. Open Orders in the app. Postage is $5 for each parcel."


@pytest.mark.parametrize(
    ("said", "text", "sentence"),
    [
        ("会员有折扣吗", FILTER, "滤芯是耗材，不在保修范围；暖舟管家会员买滤芯 9 折。"),
        ("那在哪里看", FILTER, "App「滤芯管理」能看到预计到期日。"),
        ("多久", ACCOUNT, "在「设置-注销账号」提交，短信验证后进入 7 天冷静期。"),
        ("找谁谈", "十台以上可登记。请联系人工客服。", "请联系人工客服。"),
        ("积分呢", ACCOUNT, "积分和优惠券会清零。"),
        ("and how much is it?", RETURNS, "Postage is $5 for each parcel."),
        ("and for how long?", RETURNS, "You have 7 days after delivery."),
    ],
)
def test_a_follow_up_gets_the_sentence_that_speaks_of_it(
    said: str, text: str, sentence: str
) -> None:
    assert news(said, text) == sentence


def test_a_step_of_a_list_comes_without_the_number_of_the_next() -> None:
    text = "共三步：1. 拔掉电源；2. 长按「滤芯」键 5 秒复位；3. 通水冲洗。"

    assert news("怎么复位", text) == "长按「滤芯」键 5 秒复位。"


@pytest.mark.parametrize("said", ["那我要换新的", "发票呢", "真的吗", "？", "why though"])
def test_nothing_is_said_again_where_no_sentence_speaks_of_it(said: str) -> None:
    assert news(said, ACCOUNT) == ""


def test_two_sentences_that_fit_alike_come_in_reading_order() -> None:
    text = "普通会员 7 天内可退。发票随包裹寄出。金卡会员 15 天内可退。"

    assert news("会员几天", text) == "普通会员 7 天内可退。金卡会员 15 天内可退。"


@pytest.mark.parametrize(
    ("said", "text", "sentence"),
    [
        ("一年呢", "月付 15 元，自 2026 年 4 月起。年付 128 元。", "年付 128 元。"),
        ("是5G的wifi", "先重启。它不支持 5 GHz 的 Wi-Fi。", "它不支持 5 GHz 的 Wi-Fi。"),
        ("那怎么办", "超过 30 天不能改。填错的请把截图发给客服。", "填错的请把截图发给客服。"),
        ("花呗呢", "支付宝当天到。花呗 3 天。", "花呗 3 天。"),
    ],
)
def test_words_are_found_as_customers_type_them(said: str, text: str, sentence: str) -> None:
    assert news(said, text) == sentence


def test_a_single_character_tells_too_little_of_what_another_passage_is_about() -> None:
    assert closeness("会坏吗", "修好又坏了，90 天内免费。") == 0
    assert closeness("要钱吗", "上门费 50 元。") > 0
