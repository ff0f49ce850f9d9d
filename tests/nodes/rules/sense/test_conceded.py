import pytest

from nodes.rules.sense.conceded import conceded

WATER = "W4 装在哪里？\n要用市政自来水，井水、热水管不能接。没有发票没关系，报修时填手机号。"
PARTS = "耗材拆开了能退吗？\n密封包装未拆的 7 天内可以无理由退；拆封后影响二次销售，不支持无理由。"
COUPON = "退款后券会还吗？\n整单退款的，券会退回。只退其中几件的，券不退回。"
ONLINE = "怎么联网？\n扫二维码即可。S10 可以用 2.4 GHz。V8、P7 不带联网功能。"
CARDS = "能用外币卡吗？\n目前不直接受理 Visa、万事达等外币卡，支付宝可以用。"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("井水也可以接 W4 使用。", WATER),
        ("滤芯拆封后也可以 7 天无理由退。", PARTS),
        ("只退其中几件的，优惠券也会一起退回来。", COUPON),
        ("V8 扫二维码就能联网。", ONLINE),
        ("收银台支持 Visa 卡付款。", CARDS),
    ],
)
def test_what_is_denied_is_not_allowed_all_the_same(sentence: str, source: str) -> None:
    assert conceded(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("没有发票也可以报修。", WATER),
        ("包装没拆的，耗材也可以无理由退。", PARTS),
        ("整单退款的，券也会退回来。", COUPON),
        ("S10 扫二维码就能联网。", ONLINE),
        ("V8 也不能联网。", ONLINE),
        ("付款可以用支付宝。", CARDS),
        ("井水也可以接吗？", WATER),
    ],
)
def test_what_a_passage_allows_may_be_allowed(sentence: str, source: str) -> None:
    assert conceded(sentence, [source]) == []
