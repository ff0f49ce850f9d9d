import json
import time
from pathlib import Path
from typing import cast

import pytest

from nodes.rules.errands.goods import english_name, names_others
from nodes.rules.errands.orders import (
    asks_whereabouts,
    find,
    is_other,
    names_goods,
    order_numbers,
    points_to_one,
    wants_all,
    wants_list,
    wrong_number,
)
from tools.business.shop import Order

RECORDS = Path(__file__).parents[4] / "data" / "business" / "orders.jsonl"
TYPED = (
    "NZ261121003121|订单nz261121003121到哪了|NZ 2611 2100 3121|"
    "ＮＺ２６１１２１００３１２１|nz-261121003121。|我的单号是261121003121|"
    "n z 261121003121|NZ261121003121和NZ261121003121"
)


def orders_of(user_id: str) -> list[Order]:
    """Return the sample customer's orders, newest first."""
    with RECORDS.open(encoding="utf-8") as lines:
        orders = [cast(Order, json.loads(line)) for line in lines]
    mine = [order for order in orders if order["user_id"] == user_id]
    return sorted(mine, key=lambda order: order["created_at"], reverse=True)


# u001, newest first
A9, K5_R3, S10, H2, V8, P7 = (order["order_id"] for order in orders_of("u001"))


def found(text: str, user_id: str = "u001") -> list[str]:
    result = find(text, orders_of(user_id))
    return [order["order_id"] for order in result.orders] if result.is_named else ["none named"]


@pytest.mark.parametrize("text", TYPED.split("|"))
def test_an_order_number_is_read_however_it_is_typed(text: str) -> None:
    assert order_numbers(text) == ["NZ261121003121"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NZ2611210031",
        "NZ2611210031211",
        "XD397112278172",
        "13800000001",
        "2611210031219",
        "ANZ",
    ],
)
def test_other_numbers_are_no_order_numbers(text: str) -> None:
    assert order_numbers(text) == []


def test_an_order_number_with_too_few_digits_is_reported_as_typed() -> None:
    assert wrong_number("订单nz2026111015退款") == "NZ2026111015"
    assert wrong_number("订单NZ261121003121") == ""
    assert wrong_number("我的快递") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NZ261121003121 到哪了", [S10]),
        ("那个扫地机到哪了", [S10]),
        ("扫地机器人什么时候到", [S10]),
        ("我的s10呢", [S10]),
        ("where is my robot vacuum", [S10]),
        ("吸尘器我要退", [V8]),
        ("the vacuum cleaner", [V8]),
        ("电饭锅我要退，没拆封", [K5_R3]),
        ("my air fryer", [K5_R3]),
        ("净化器", [A9]),
        ("加湿器的退款", [H2]),
        ("破壁机", [P7]),
        ("没付款的那单取消", [A9]),
        ("还没发货的那个", [K5_R3]),
        ("显示已签收，谁签的啊", [V8, P7]),
        ("我最近一单", [A9]),
        ("上一单买的是哪个型号", [A9]),
        ("最新的订单", [A9]),
        ("刚买的那个取消", [A9]),
        ("my last order", [A9]),
        ("已签收的最近一单", [V8]),
    ],
)
def test_an_order_is_meant_by_number_goods_status_or_as_the_last(
    text: str, expected: list[str]
) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text", ["我的快递到哪了", "帮我退款", "where is my package", "最近都买了什么"]
)
def test_a_message_without_any_of_them_names_no_order(text: str) -> None:
    assert found(text) == ["none named"]


def test_goods_in_several_orders_mean_all_of_them() -> None:
    assert found("净化器", "u008") == ["NZ261118002342", "NZ261116001510", "NZ260902000447"]


def test_a_model_is_more_than_the_kind_of_goods() -> None:
    s20_orders = found("扫拖机器人 S20 Pro", "u014")

    assert s20_orders == ["NZ261120013220"]
    assert found("扫拖机器人 S10", "u014") == []


def test_goods_the_customer_never_bought_mean_no_order() -> None:
    assert found("我的洗碗机到哪了") == []


def test_an_order_number_of_somebody_else_means_no_order() -> None:
    assert found("NZ261121022717") == []


def test_the_couriers_number_means_its_order() -> None:
    [order] = [order for order in orders_of("u001") if order["order_id"] == S10]

    assert found(f"查快递 {order['tracking_no']}".lower()) == [S10]


def test_goods_beyond_the_list_are_found_by_their_name() -> None:
    [order] = [order for order in orders_of("u001") if order["order_id"] == S10]
    kettle: Order = {
        **order,
        "items": [{"sku": "T1", "name": "恒温水壶 T1", "qty": 1, "price": 99}],
    }

    assert find("我的恒温水壶呢", [kettle]).is_named
    assert find("我的T1呢", [kettle]).orders == [kettle]


def test_asking_for_several_orders_is_noticed() -> None:
    assert wants_list("看看我最近都买了什么")
    assert wants_list("look up my recent orders")
    assert not wants_list("我最近一单")


def test_goods_have_english_names() -> None:
    assert english_name("扫拖机器人 S20 Pro（自清洁基站）", "S20 Pro") == "robot vacuum S20 Pro"
    assert english_name("空气净化器 A9", "A9") == "air purifier A9"
    assert english_name("恒温水壶 T1", "T1") == "恒温水壶 T1"


@pytest.mark.parametrize(
    "said", ["都三天了", "都好几天了", "都快一周了", "都这么久了", "都十几天了"]
)
def test_already_so_long_is_no_other_order(said: str) -> None:
    assert not is_other(said)


@pytest.mark.parametrize("said", ["都退了吧", "别的那单", "全部取消", "都是什么时候买的"])
def test_all_and_others_are_other_orders(said: str) -> None:
    assert is_other(said)


def test_what_was_just_talked_of_is_not_the_newest_order() -> None:
    assert found("刚才那个快递什么时候能到") == ["none named"]
    assert found("刚才那单拍错了") == found("刚下的单取消") == [A9]


@pytest.mark.parametrize("said", ["都要退", "全部取消", "两个都退了", "cancel both"])
def test_a_wish_to_change_all_orders_is_noticed(said: str) -> None:
    assert wants_all(said)


@pytest.mark.parametrize("said", ["退货", "都三天了", "全额退款", "我都说了要退吸尘器"])
def test_other_words_for_all_are_no_such_wish(said: str) -> None:
    assert not wants_all(said)


def test_goods_are_others_where_what_was_told_names_none_of_them() -> None:
    told = "请确认：为订单 NZ261117001030（无线吸尘器 V8）申请整单退款"

    assert names_others("空气炸锅坏了", told)
    assert not names_others("吸尘器坏了", told)
    assert not names_others("V8 吸力小", told)
    assert not names_others("吸力太小", told)


@pytest.mark.parametrize(
    "said", ["NZ261121007494", "不是这单，是 NZ261121007494", "搞错了，是吸尘器才对"]
)
def test_a_message_may_say_no_more_than_which_order(said: str) -> None:
    assert names_goods(said)


@pytest.mark.parametrize("said", ["NZ261121007494 到哪了", "不是这单", "12345"])
def test_a_message_that_says_more_or_names_none_is_not_only_which_order(said: str) -> None:
    assert not names_goods(said)


@pytest.mark.parametrize("said", ["订单 NZ261121007494 改地址", "空气炸锅那单", "另一单"])
def test_a_message_points_to_an_order_itself(said: str) -> None:
    assert points_to_one(said)


@pytest.mark.parametrize("said", ["不是这个地址，是文三路", "之前那个地址", "1", "成都"])
def test_a_message_that_only_corrects_points_to_none(said: str) -> None:
    assert not points_to_one(said)


@pytest.mark.parametrize("said", ["no, that's all", "not at all", "all good", "全部都不退了"])
def test_all_in_other_phrases_is_no_wish_to_change_all(said: str) -> None:
    assert not wants_all(said)


@pytest.mark.parametrize("piece", ["单号", "订单号", "一单", "it is ", "号码", "就是"])
def test_long_messages_about_goods_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    names_goods("吸尘器" + piece * 5000 + "x")

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "said",
    [
        *("加湿器发货了没", "我的破壁机到哪里了？", "上次买的门锁送到了吗", "W4寄出了吗"),
        *("洗碗机啥时候能到", "那个吸尘器怎么还没发货", "空气净化器还没到吗"),
    ],
)
def test_who_asks_after_goods_by_name_means_their_own(said: str) -> None:
    assert asks_whereabouts(said)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "加湿器什么时候到货",
            "破壁机发出异响",
            "洗碗机送货上楼吗",
            "扫地机在哪买",
            "电饭煲发不发新疆",
        ),
        *(
            "空气炸锅几天能到",
            "扫地机到处乱跑",
            "门锁的发票什么时候开",
            "我的快递到哪了",
            "W4送滤芯吗",
        ),
    ],
)
def test_other_questions_about_goods_are_not_about_an_order(said: str) -> None:
    assert not asks_whereabouts(said)
