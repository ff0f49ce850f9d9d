"""A value stays with what its passage says it of."""

import pytest

from nodes.rules.sense.bound import astray

FRYER = "多少度多少分钟？\n冷冻薯条 200 ℃ 15 分钟；蛋挞 180 ℃ 12 分钟；红薯 200 ℃ 35 分钟。"
REPAIR = "运费谁出？\n保修期内来回运费由我方承担；保修期外来回运费由您承担。补寄免运费。"
FRIED = "参考\n鸡腿 6 只，190 ℃ 22 分钟；整个玉米 300 克左右，200 ℃ 30 分钟，中途翻面。"
CHARGE = "手续费\n线上交易收取 2% 的手续费，由卖家承担。来回的检测费，均由我方支付。"
COUPON = "门槛\n满减按使用优惠券后的实付金额计算。改地址要在发货前提交。签收后才能评价。"
TERMS = "延保\n例如大款加 1 年约 138 元，加 2 年约 230 元；小款加 1 年约 90 元，加 2 年约 150 元。"
POINTS = "积分何时到账？\n积分在签收后入账，系统自动发放。电子发票只能换开一次。"
ENGLISH = "Invoice\nYou do not need to apply. You have to pay customs. It can be reissued once."
LEVELS = "退货期\n例如普通和银卡会员可在 17 日 24:00 前提交申请，金卡、钻石到 25 日。"
FROST = "除湿\n室温低于 5 ℃ 时报错。低于 15 ℃ 时蒸发器可能结霜，会自动除霜。"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("蛋挞烤 15 分钟。", FRYER),
        ("保修期外的来回运费由我方承担。", REPAIR),
        ("积分在付款后入账。", POINTS),
        ("大款加 2 年大约 138 元。", TERMS),
        ("加一年要 150 元。", TERMS),
        ("满减按用券之前的金额计算。", COUPON),
        ("满减按优惠前的标价计算。", COUPON),
        ("发货后也能提交改地址。", COUPON),
        ("签收前就能评价。", COUPON),
        ("玉米 190 ℃ 22 分钟。", FRIED),
        ("鸡腿烤 30 分钟。", FRIED),
        ("线上交易的 2% 手续费由买家承担。", CHARGE),
        ("检测费由您自己支付。", CHARGE),
        ("积分需要自己手动发放。", POINTS),
        ("电子发票可以多次换开。", POINTS),
        ("You need to apply for it yourself.", ENGLISH),
        ("It can be reissued several times.", ENGLISH),
    ],
)
def test_notices_a_value_said_of_something_else(sentence: str, source: str) -> None:
    assert astray(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("钻石会员最晚 25 日 24:00 前提交申请。", LEVELS),  # the second half says it in short
        ("室温低于 15 ℃ 时，蒸发器可能会结霜。", FROST),  # what follows tells which
        ("蛋挞烤 12 分钟，薯条烤 15 分钟[1]。", FRYER),
        ("红薯要烤 35 分钟。", FRYER),
        ("加 2 年是 150 元，加一年 90 元。", TERMS),
        ("加 2 年 150 元起，最多 230 元。", TERMS),
        ("满减是用券以后按实付算的。", COUPON),
        ("没发货的时候可以提交改地址。", COUPON),
        ("发货前可以改地址。", COUPON),
        ("发货后就不能提交改地址了。", COUPON),
        ("签收之后可以评价。", COUPON),
        ("玉米 200 ℃ 30 分钟，鸡腿 190 ℃ 22 分钟。", FRIED),
        ("鸡腿 6 只放进去，190 ℃ 烤 22 分钟。", FRIED),
        ("线上交易收 2% 手续费，由卖家出。", CHARGE),
        ("2% 的手续费卖家承担。", CHARGE),
        ("检测费由我们支付。", CHARGE),
        ("保修期外的运费由您承担，保修期内我们承担。", REPAIR),
        ("收到货之后积分会自动入账。", POINTS),
        ("电子发票只有一次换开机会。", POINTS),
        ("You don't have to apply.", ENGLISH),
        ("烤 99 分钟。", FRYER),  # a figure of its own is for another check
        ("", FRYER),
    ],
)
def test_lets_a_value_pass_where_it_belongs(sentence: str, source: str) -> None:
    assert astray(sentence, [source]) == []
