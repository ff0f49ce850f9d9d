"""Whole conversations that begin or end with a plain wish."""

import pytest

from graph.app import Kefu
from graph.context import Context
from tests.graph.test_confirming import PACKED, REFUNDED, SIGNED, UNPAID, Customer
from tests.graph.test_confirming import customer as customer
from ui.runner import Runner

SHIPPED = "NZ261121003121"


@pytest.mark.parametrize(
    ("said", "order_id"), [("取消电饭煲那个订单", PACKED), ("吸尘器退款", SIGNED)]
)
async def test_a_wish_about_goods_is_asked_for_a_yes_and_not_looked_up(
    customer: Customer, said: str, order_id: str
) -> None:
    before = await customer.status(order_id)

    asked = await customer.says(said)

    assert asked["reply"]["reason"] == "needs_confirmation"
    assert order_id in asked["text"]
    assert await customer.status(order_id) == before


async def test_an_order_number_alone_tells_of_the_order(customer: Customer, kefu: Kefu) -> None:
    told = await customer.says(SIGNED)
    stranger = await Runner(kefu).ask(SIGNED, thread_id="th2", context=Context())

    assert SIGNED in told["text"]
    assert told["reply"]["action"] == "act"
    assert "登录" in stranger["text"]
    assert "吸尘器" not in stranger["text"]


async def test_a_decision_is_on_the_order_that_was_just_told_of(customer: Customer) -> None:
    await customer.says("S10到哪了")

    told = await customer.says("那取消吧")

    assert told["reply"]["reason"] == "refused_already_shipped"
    assert UNPAID not in told["text"]
    assert await customer.status(SHIPPED) == "已发货"


async def test_a_decision_after_a_question_asks_which_order(customer: Customer) -> None:
    await customer.says("退款多久到账？")

    asked = await customer.says("那就退款吧")

    assert asked["reply"]["reason"] == "needs_order"


async def test_an_order_that_is_denied_is_not_the_one_that_a_yes_is_for(customer: Customer) -> None:
    await customer.says(f"我要退货，订单 {SIGNED}")

    told = await customer.says("好 但不是这单")
    await customer.says("嗯")

    assert told["reply"]["reason"] in ("needs_order", "needs_confirmation")
    assert SIGNED not in told["text"]
    assert await customer.status(SIGNED) == "已签收"


async def test_other_goods_named_in_english_replace_those_asked_about(customer: Customer) -> None:
    await customer.says("please cancel my air purifier order")

    told = await customer.says("no not that one, the rice cooker")

    assert PACKED in told["text"]
    assert UNPAID not in told["text"]


async def test_what_is_no_longer_wanted_is_not_what_is_asked_a_yes_for(customer: Customer) -> None:
    await customer.says("取消电饭煲那个订单")

    told = await customer.says("不取消电饭煲了，取消净化器那单")
    await customer.says("好的")

    assert UNPAID in told["text"]
    assert PACKED not in told["text"]
    assert await customer.status(UNPAID) == "已取消"
    assert await customer.status(PACKED) == "待发货"


async def test_the_number_of_an_order_that_is_to_stay_is_not_the_one_meant(
    customer: Customer,
) -> None:
    told = await customer.says(f"不取消订单{PACKED}了，取消订单{UNPAID}")

    assert UNPAID in told["text"]
    assert PACKED not in told["text"]


@pytest.mark.parametrize(
    ("said", "order_id"),
    [
        ("我要退V8和取消净化器", SIGNED),
        ("取消A9，S10什么时候发货", UNPAID),
        ("V8退掉，然后P7的发票给我", SIGNED),
    ],
)
async def test_of_two_wishes_the_first_is_taken_up_and_the_other_asked_for_again(
    customer: Customer, said: str, order_id: str
) -> None:
    told = await customer.says(said)

    assert told["reply"]["reason"] == "needs_confirmation"
    assert order_id in told["text"]
    assert told["text"].startswith("一次办一件")


async def test_one_wish_is_not_said_to_be_two(customer: Customer) -> None:
    told = await customer.says("我要退V8，用了两天就没电了，快点给我退")

    assert SIGNED in told["text"]
    assert "一次办一件" not in told["text"]


async def test_a_number_that_stands_beside_the_wish_is_read(customer: Customer) -> None:
    told = await customer.says(f"帮我取消一下，订单号{PACKED}，谢谢")

    assert PACKED in told["text"]
    assert "一次办一件" not in told["text"]


@pytest.mark.parametrize("said", ["not this order", "选错订单了", "不，是A9那单"])
async def test_an_order_taken_by_mistake_is_not_asked_about_again(
    customer: Customer, said: str
) -> None:
    await customer.says(f"取消订单 {PACKED}")

    asked = await customer.says(said)

    assert asked["reply"]["reason"] == "needs_confirmation"
    assert PACKED not in asked["text"]
    assert await customer.status(PACKED) == "待发货"


async def test_digits_that_end_no_order_cancel_no_other_one(customer: Customer) -> None:
    asked = await customer.says("取消尾号1111的空气炸锅订单")
    told = await customer.says("确认")

    assert asked["reply"]["reason"] != "needs_confirmation"
    assert told["reply"]["reason"] != "written"
    assert await customer.status(PACKED) == "待发货"


@pytest.mark.parametrize("said", ["取消空气炸锅和A9", "cancel the fryer and the purifier"])
async def test_of_two_orders_named_at_once_each_is_asked_for_its_own_yes(
    customer: Customer, said: str
) -> None:
    first = await customer.says(said)
    assert PACKED in first["text"]
    assert UNPAID not in first["text"]

    second = await customer.says("确认")
    assert await customer.status(PACKED) == "已取消"
    assert await customer.status(UNPAID) == "待付款"
    assert UNPAID in second["text"]
    mere = await customer.says("好的")  # it may be about the first
    assert await customer.status(UNPAID) == "待付款"
    done = await customer.says("确认")

    assert mere["reply"]["reason"] == "needs_confirmation"
    assert done["reply"]["reason"] == "written"
    assert await customer.status(UNPAID) == "已取消"


async def test_who_keeps_the_first_of_two_orders_is_asked_about_the_other(
    customer: Customer,
) -> None:
    await customer.says("取消空气炸锅和A9")

    asked = await customer.says("不用了")
    left = await customer.says("都不取消了")

    assert UNPAID in asked["text"]
    assert left["reply"]["reason"] == "declined"
    assert await customer.status(PACKED) == "待发货"
    assert await customer.status(UNPAID) == "待付款"


@pytest.mark.parametrize(
    "said", ["等等，不对，是空气炸锅那个", "说错了，是空气炸锅", "sorry, I mean the fryer"]
)
async def test_other_goods_after_a_hesitation_replace_those_to_be_confirmed(
    customer: Customer, said: str
) -> None:
    await customer.says("取消空气净化器的订单")

    asked = await customer.says(said)

    assert PACKED in asked["text"]
    assert UNPAID not in asked["text"]
    await customer.says("确认")
    assert await customer.status(UNPAID) == "待付款"
    assert await customer.status(PACKED) == "已取消"


@pytest.mark.parametrize(
    "said", ["电饭煲也会一起取消吗", "does that cancel the rice cooker as well?"]
)
async def test_who_asks_what_else_goes_is_told_that_all_of_the_order_does(
    customer: Customer, said: str
) -> None:
    await customer.says("取消空气炸锅那单")

    told = await customer.says(said)

    assert told["reply"]["intent"] == "asks_whole"
    assert PACKED in told["text"]
    assert await customer.status(PACKED) == "待发货"


async def test_a_long_tale_that_ends_in_a_wish_is_an_errand(customer: Customer) -> None:
    told = await customer.says(
        "你好我跟你说啊，前天我在你们这订了个空气净化器，结果闺女说她已经给我买了一个了，"
        "你说这不浪费嘛，我现在就不想要了，你看怎么弄"
    )

    assert told["reply"]["reason"] == "needs_confirmation"
    assert UNPAID in told["text"]


async def test_an_order_s_last_digits_may_be_spoken(customer: Customer) -> None:
    told = await customer.says("查一下尾号七四九四的订单")
    other = await customer.says("幺零三零呢")

    assert PACKED in told["text"]
    assert SIGNED in other["text"]


async def test_an_errand_is_heard_through_voice_input(customer: Customer) -> None:
    asked = await customer.says("帮我取肖订单，那个空气炸国")

    assert asked["reply"]["reason"] == "needs_confirmation"
    assert PACKED in asked["text"]


@pytest.mark.parametrize("said", ["可唔可以催下", "can you 催一下", "催催吧"])
async def test_who_urges_after_being_told_where_it_is_gets_the_parcel_and_an_offer(
    customer: Customer, said: str
) -> None:
    told = await customer.says("帮我看下S10到哪了")

    urged = await customer.says(said)

    assert told["reply"]["reason"] == "logistics"
    assert urged["reply"]["reason"] == "needs_person"
    assert "转接人工" in urged["text"]


async def test_thanks_for_the_first_of_two_orders_do_not_end_the_second(customer: Customer) -> None:
    await customer.says("取消空气炸锅和A9")
    await customer.says("确认")

    told = await customer.says("谢谢")
    again = await customer.says("谢谢")

    assert told["reply"]["reason"] == "needs_confirmation"
    assert UNPAID in told["text"]
    assert again["reply"]["reason"] == "thanks"
    assert await customer.status(UNPAID) == "待付款"


async def test_thanks_make_no_yes_of_the_next_mere_word(customer: Customer) -> None:
    await customer.says("取消空气炸锅和A9")
    await customer.says("确认")
    await customer.says("谢谢")

    again = await customer.says("好的")

    assert again["reply"]["reason"] == "needs_confirmation"
    assert await customer.status(UNPAID) == "待付款"


async def test_what_is_no_answer_to_a_yes_makes_none_of_the_next_mere_word(
    customer: Customer,
) -> None:
    await customer.says("吸尘器退款")
    await customer.says("确认不了")

    await customer.says("嗯")

    assert await customer.status(SIGNED) == "已签收"


@pytest.mark.parametrize(
    "said", ["不对，只取消A9", "确认，是A9那单", "好的，不过是A9", "只取消A9", "不，取消净化器"]
)
async def test_who_names_other_goods_beside_a_yes_is_asked_about_those(
    customer: Customer, said: str
) -> None:
    await customer.says("取消空气炸锅那单")

    asked = await customer.says(said)
    await customer.says("确认")

    assert UNPAID in asked["text"]
    assert await customer.status(PACKED) == "待发货"


@pytest.mark.parametrize("said", ["V8不退了", "先不退吸尘器了", "不是V8", "吸尘器先留着用吧"])
async def test_goods_that_are_to_stay_are_no_reason_for_their_refund(
    customer: Customer, said: str
) -> None:
    await customer.says("退V8")

    left = await customer.says(said)
    await customer.says("确认")

    assert left["reply"]["reason"] == "declined"
    assert await customer.status(SIGNED) == "已签收"


@pytest.mark.parametrize(
    "said", ["电饭煲不取消", "只取消空气炸锅", "电饭煲要留着", "确认，电饭煲别取消"]
)
async def test_who_wants_a_part_of_an_order_is_told_that_all_of_it_goes(
    customer: Customer, said: str
) -> None:
    await customer.says("取消空气炸锅那单")

    told = await customer.says(said)
    mere = await customer.says("好的")

    assert "整单" in told["text"]
    assert mere["reply"]["reason"] == "needs_confirmation"
    assert await customer.status(PACKED) == "待发货"


async def test_another_order_that_is_to_stay_is_no_part_of_this_one(customer: Customer) -> None:
    told = await customer.says("取消空气炸锅，不取消A9")

    assert PACKED in told["text"]
    assert "整单" not in told["text"]


@pytest.mark.parametrize(
    "said",
    ["别取消空气炸锅和A9，取消S10", "取消空气炸锅和A9，不对，取消S10", "取消A9，不对，S10"],
)
async def test_what_a_message_takes_back_is_not_offered(customer: Customer, said: str) -> None:
    told = await customer.says(said)

    assert told["reply"]["reason"] == "refused_already_shipped"
    assert UNPAID not in told["text"]


@pytest.mark.parametrize(
    "said",
    [
        f"取消订单 {PACKED} 和 {UNPAID}",
        f"取消{PACKED}和A9",
        "取消尾号7494和尾号2049的订单",
    ],
)
async def test_two_orders_may_be_named_by_number(customer: Customer, said: str) -> None:
    await customer.says(said)

    second = await customer.says("确认")

    assert await customer.status(PACKED) == "已取消"
    assert UNPAID in second["text"]


@pytest.mark.parametrize("said", ["都取消", "两个都要取消", "2", "第一个"])
async def test_of_two_orders_the_first_stays_first(customer: Customer, said: str) -> None:
    await customer.says("取消空气炸锅和A9")

    again = await customer.says(said)
    second = await customer.says("确认")

    assert PACKED in again["text"]
    assert UNPAID in second["text"]
    assert await customer.status(UNPAID) == "待付款"


@pytest.mark.parametrize("said", ["A9不取消了", "确认，A9不要取消了"])
async def test_an_order_that_is_let_be_before_its_turn_is_not_asked_about(
    customer: Customer, said: str
) -> None:
    await customer.says("取消空气炸锅和A9")
    await customer.says(said)

    done = await customer.says("确认")

    assert await customer.status(PACKED) == "已取消"
    assert UNPAID not in done["text"]


async def test_a_first_order_that_can_not_be_changed_does_not_end_the_row(
    customer: Customer,
) -> None:
    asked = await customer.says("退了H2和V8")

    assert asked["reply"]["reason"] == "needs_confirmation"
    assert f"订单 {REFUNDED}" in asked["text"]
    assert SIGNED in asked["text"]


async def test_an_address_for_two_orders_is_told_once(kefu: Kefu) -> None:
    async def says(text: str) -> str:
        context = Context(user_id="u058")
        return (await Runner(kefu).ask(text, thread_id="th1", context=context))["text"]

    await says("把C1和门锁的地址改到南宁市暖帆路251号2幢301室")
    second = await says("确认")

    assert "NZ261121020646" in second
    assert "改寄到“南宁市暖帆路251号2幢301室”" in second
