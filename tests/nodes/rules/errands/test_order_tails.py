import time

import pytest

from nodes.rules.errands.order_tails import denies_order, tail
from nodes.rules.errands.orders import names_goods, pick
from tests.nodes.rules.errands.test_orders import found

OPTIONS = ["NZ261121012049 空气净化器 A9 待付款", "NZ261121007494 空气炸锅 K5 待发货"]


@pytest.mark.parametrize(
    "said",
    [
        *(
            "末尾是7494那个",
            "7494",
            "后四位7494",
            "7494那单",
            "7494呢",
            "订单尾号是 7494 的",
            "最后四位7494",
        ),
        *("ending in 7494", "the one ending with 7494", "后4位7494，谢谢"),
    ],
)
def test_the_end_of_a_number_picks_the_order(said: str) -> None:
    assert pick(said, OPTIONS) == "NZ261121007494"


@pytest.mark.parametrize(
    "said", ["手机尾号7494", "7494块的那个", "尾号1111", "2024年", "尾号7494怎么退"]
)
def test_what_ends_no_order_s_number_picks_none(said: str) -> None:
    assert pick(said, OPTIONS) == ""


def test_the_end_of_a_number_finds_the_order() -> None:
    assert found("尾号7494的订单到哪了") == ["NZ261121007494"]
    assert found("手机尾号0193的订单到哪了") == ["none named"]
    assert found("1599那单到哪了") == ["none named"]  # a price
    assert names_goods("不对，是7494那单")
    assert names_goods("不，是A9那单")


@pytest.mark.parametrize(
    "said", ["尾号1111的订单取消", "取消尾号7494的空气净化器", "cancel the one ending in 1111"]
)
def test_an_end_that_no_such_order_has_finds_no_other_order(said: str) -> None:
    assert found(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "不是这单",
        "好 但不是这单",
        "等等，不是这个订单",
        "别退这单",
        "选错订单了",
        "but not this order",
    ],
)
def test_an_order_may_be_denied(said: str) -> None:
    assert denies_order(said)


@pytest.mark.parametrize(
    "said", ["不是这个原因", "这单不退了", "不是", "不是这单的问题", "不是这样", "好"]
)
def test_what_denies_no_order(said: str) -> None:
    assert not denies_order(said)


@pytest.mark.parametrize(
    "piece", ["尾号", "7", "订单号的", "后四位", "不是这", "好，", "ending in "]
)
def test_long_messages_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for count in (20, 10_000):
        tail(piece * count + "x")
        denies_order(piece * count + "x")

    assert time.process_time() - started < 1
