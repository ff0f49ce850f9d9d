"""Whole conversations about an address that is changed only once, so must be right."""

from tests.graph.test_confirming import SIGNED, UNPAID, Customer
from tests.graph.test_confirming import customer as customer


async def test_an_address_corrected_in_part_is_asked_for_again(customer: Customer) -> None:
    await customer.says(f"订单 {UNPAID} 地址改成宁州市三环路8号1201室")

    asked = await customer.says("不对，是1202")
    await customer.says("确认")
    order = await customer.shop.order("u001", UNPAID)

    assert asked["reply"]["reason"] == "needs_address"
    assert "1201" not in asked["text"]
    assert order is not None
    assert not order["address_changed"]


async def test_who_changes_the_recipient_too_is_told_that_only_the_address_is(
    customer: Customer,
) -> None:
    told = await customer.says(f"订单 {UNPAID} 改寄到宁州市三环路8号，收件人换成李四 13900001111")

    assert told["reply"]["reason"] == "needs_confirmation"
    assert "只改地址" in told["text"]
    assert "13900001111" not in told["text"]


async def test_who_did_not_hear_is_told_again(customer: Customer) -> None:
    await customer.says(f"取消订单 {UNPAID}")

    again = await customer.says("你再说一遍？")

    assert UNPAID in again["text"]
    assert again["reply"]["reason"] == "needs_confirmation"
    assert await customer.status(UNPAID) == "待付款"


async def test_who_wants_another_instead_is_not_asked_to_confirm_the_refund(
    customer: Customer,
) -> None:
    await customer.says(f"我要退货，订单 {SIGNED}")

    told = await customer.says("换货")
    await customer.says("不用了")

    assert "申请整单退款" not in told["text"]
    assert await customer.status(SIGNED) == "已签收"
