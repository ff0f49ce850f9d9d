"""Whole conversations in which somebody came to harm."""

from pathlib import Path

from tests.fakes.kefu import small_kefu
from tests.graph.test_confirming import UNPAID, Customer
from tests.graph.test_confirming import customer as customer


async def test_who_was_hurt_gets_a_person_and_is_told_what_to_do(customer: Customer) -> None:
    told = await customer.says("孩子把电池吞了怎么办")

    assert told["owner"] != "bot"
    assert told["text"].startswith("请先照顾好人")


async def test_who_smells_gas_or_despairs_gets_a_person_too(tmp_path: Path) -> None:
    for said, first in (("煤气味好大", "关阀"), ("我不想活了", "12356")):
        async with small_kefu(tmp_path / first) as kefu:
            told = await Customer(kefu).says(said)

            assert told["owner"] != "bot"
            assert first in told["text"]


async def test_who_was_hurt_while_a_write_waits_is_heard(customer: Customer) -> None:
    await customer.says(f"取消订单 {UNPAID}")

    told = await customer.says("因为用了以后全身过敏")

    assert told["owner"] != "bot"
    assert await customer.status(UNPAID) == "待付款"


async def test_harm_that_sounds_like_an_order_to_the_bot_is_heard(customer: Customer) -> None:
    told = await customer.says("破壁机的刀把我手划了个口子，血止不住")

    assert told["owner"] != "bot"
    assert told["text"].startswith("请先照顾好人")
