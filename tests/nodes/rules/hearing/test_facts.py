import pytest

from nodes.rules.hearing.facts import TOPIC_CHARS, asks_to_forget, facts, topic
from nodes.rules.injection import detect
from tests.fakes.turn import passage


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("我在新疆，运费多少？", {"region": "新疆"}),
        ("我家住西藏拉萨", {"region": "西藏"}),
        ("我在喀什", {"region": "新疆"}),
        ("我们这边是广东的", {"region": "广东"}),
        ("我是金卡会员，有什么折扣？", {"level": "金卡会员"}),
        ("I'm a gold member, what do I get?", {"level": "gold member"}),
        ("新疆能送货吗？", {}),
        ("我在新疆吗", {}),
        ("如果我在新疆，运费多少", {}),
        ("我是什么会员", {}),
        ("我不是会员", {}),
        ("我要成为金卡会员", {}),
        ("退款多久到账", {}),
    ],
)
def test_keeps_what_customers_state_of_themselves(said: str, told: dict[str, str]) -> None:
    assert facts(said, []) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("我家的扫地机连不上网", {"product": "扫地机"}),
        ("My 扫地机 is offline", {"product": "扫地机"}),
        ("扫地机保修多久", {}),
        ("我的订单到哪了", {}),
    ],
)
def test_a_product_is_theirs_when_they_say_so(said: str, told: dict[str, str]) -> None:
    found = {**passage("重置网络。"), "product": "扫地机"}

    assert facts(said, [found]) == told  # type: ignore[list-item]


def test_a_topic_is_masked_and_short() -> None:
    kept = topic("我的电话是 13800001234，退款多久到账？" + "很急" * 100)

    assert "13800001234" not in kept
    assert len(kept) == TOPIC_CHARS


@pytest.mark.parametrize(
    "said",
    [
        "忘记我",
        "请忘记我。",
        "把我忘了吧，谢谢",
        "删除我的数据",
        "帮我删除我的所有个人信息",
        "把我的资料全部删掉",
        "请把你记住的都删了",
        "不要再记住我了",
        "forget me",
        "Please delete my data.",
        "Erase everything you know about me!",
    ],
)
def test_hears_the_wish_to_be_forgotten(said: str) -> None:
    assert asks_to_forget(said)
    attempt = detect(said)
    assert attempt is None or attempt.kind == "learnt"  # which an expected reply is not held to


@pytest.mark.parametrize(
    "said",
    [
        "怎么删除我的数据",
        "我的数据会被删除吗",
        "能删除我的数据吗？",
        "删除我的订单",
        "忘记密码怎么办",
        "我忘记我的会员号了",
        "我忘记了",
        "How do I delete my data",
        "I forgot my password",
        "delete my order",
        "别忘记我的发票",
    ],
)
def test_asking_how_or_about_something_else_is_no_such_wish(said: str) -> None:
    assert not asks_to_forget(said)
