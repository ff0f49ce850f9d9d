"""A customer's own place, product or card needs no passage that names it."""

import pytest

from nodes.rules.checking.faithful import faults

FREIGHT = (
    "运费\n| 地区 | 包邮条件 | 不满时运费 |\n|---|---|---|\n"
    "| 新疆 | 满 299 元 | 20 元 |\n| 其他省、自治区、直辖市 | 满 99 元 | 10 元 |"
)
DAYS = "几天到？\n从发货算起：华东 1-2 天，西南、东北 3-4 天，新疆、西藏 6-10 天。"
LIMIT = "限购\n普通商品单笔最多 10 件，更多请联系人工客服登记。"
FAULTY = "坏了怎么办？\n质量问题签收 30 天内可以退货，运费由我方承担。"
CARD = "退款\n支付宝 1 个工作日到账，借记卡 3-5 个工作日到账。"
MODEL = "A9 多大房间？\nA9 适用 35-60 平方米。"


@pytest.mark.parametrize(
    ("asked", "sentence", "source"),
    [
        ("寄广东要多少", "寄到广东满 99 元包邮，不满收 10 元运费。", FREIGHT),
        ("到成都和哈尔滨几天", "成都 3-4 天，哈尔滨也是 3-4 天。", DAYS),
        ("H2 一次能买几台", "H2 单笔最多 10 件。", LIMIT),
        ("吸尘器坏了能退吗", "吸尘器坏了属于质量问题，30 天内可以退货。", FAULTY),
    ],
)
def test_the_customer_s_own_name_passes(asked: str, sentence: str, source: str) -> None:
    assert faults(sentence, [source], asked) == []
    assert faults(sentence, [source])  # nobody asked about it


@pytest.mark.parametrize(
    ("asked", "sentence", "source"),
    [
        ("寄广东要多少", "寄到广东满 299 元包邮。", FREIGHT),
        ("寄广东要多少", "寄到广东不满时收 20 元运费。", FREIGHT),
        ("寄广东要多少", "广东不收运费。", FREIGHT),
        ("广州能用吗", "广州可用区 A 可以购买。", "可用区\n可以购买的有华南 1（深圳）可用区 A。"),
        ("到成都几天", "成都 1-2 天。", DAYS),
        ("到成都几天", "杭州 3-4 天。", DAYS),
        ("寄广东要多少", "寄到新疆不满时收 10 元运费。", FREIGHT),
        ("信用卡退款多久", "信用卡 3-5 个工作日到账。", CARD),
        ("H2 适合多大房间", "H2 适用 35-60 平方米。", MODEL),
    ],
)
def test_what_the_passages_say_of_another_is_not_said_of_it(
    asked: str, sentence: str, source: str
) -> None:
    assert faults(sentence, [source], asked)


def test_the_customer_s_words_may_be_quoted() -> None:
    said = "并没有“终身上门免费”，30 天内可以退货。"

    assert "终身上门免费" in faults(said, [FAULTY])
    assert "终身上门免费" not in faults(said, [FAULTY], "你们不是终身上门免费吗")
    assert "终身上门免费" not in faults(
        "您说的“终身上门免费”不在其中。", [FAULTY], "终身上门免费呢"
    )
    assert "终身上门免费" in faults("我们支持“终身上门免费”。", [FAULTY], "终身上门免费呢")
