"""What a source denies must not be affirmed, nor the other way round."""

import pytest

from nodes.rules.sense.turned import turned

LOCK = "换电池要注意什么？\n按正负极装好，指纹和密码不会丢。请不要混用新旧电池。机械钥匙别放门内。"
RICE = "米饭能保温多久？\n煮完自动转保温，最长 24 小时。含海鲜蛋奶的不要保温。未拆封的可以退货。"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("换电池后指纹和密码会丢。", LOCK),
        ("新旧电池可以混用[1]。", LOCK),
        ("机械钥匙可以放门内。", LOCK),
        ("含海鲜蛋奶的可以保温。", RICE),
        ("米饭煮完不会自动转保温。", RICE),
    ],
)
def test_notices_a_sentence_that_says_the_opposite(sentence: str, source: str) -> None:
    assert turned(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("换电池后指纹和密码不会丢[1]。", LOCK),
        ("新旧电池别混用。", LOCK),
        ("煮完会自动转保温，最长 24 小时。", RICE),
        ("含海鲜蛋奶的不能保温。", RICE),
        ("没拆封的可以退货。", RICE),
        ("会丢吗？", LOCK),
        ("好的。", LOCK),
        ("", LOCK),
    ],
)
def test_lets_a_sentence_pass_that_agrees(sentence: str, source: str) -> None:
    assert turned(sentence, [source]) == []


def test_a_denial_is_weighed_against_the_closest_clause_of_all_sources() -> None:
    only = "积分可以抵现吗？\n普通会员不能抵现。"
    gold = "金卡有什么权益？\n金卡会员积分可以抵现。"

    assert turned("金卡会员积分可以抵现。", [only, gold]) == []
    assert turned("普通会员可以抵现。", [only, gold]) == ["普通会员可以抵现。"]


def test_a_yes_at_the_head_is_held_against_the_passages_own_no() -> None:
    answer = "能直接更换吗？\n不能。请先创建快照。"

    assert turned("可以，直接更换即可。", [answer]) == ["可以，", "直接更换即可。"]
    assert turned("不能，要先创建快照。", [answer]) == []
    assert turned("可以换哦，直接更换即可。", [answer])[0] == "可以换哦，"


def test_what_somebody_asks_whether_is_no_yes() -> None:
    door = "对门有什么要求？\n玻璃门不能装。请先拍照片发给客服，2 小时内回复能否安装。"

    assert turned("很遗憾，玻璃门不能安装智能门锁。", [door]) == []


def test_what_a_condition_says_is_not_said_outright() -> None:
    assert turned("要是想混用新旧电池，请先问客服。", [LOCK]) == []
