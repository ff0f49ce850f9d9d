import re
from importlib.resources import files
from string import Template
from typing import get_args

import pytest
import yaml

from nodes.replies import say
from nodes.rules.errands.errands import (
    corrects,
    is_beyond,
    is_in_vain,
    new_address,
    wants_more,
    wants_recipient,
)
from nodes.rules.errands.order_words import hidden_address, hidden_name, hidden_phone
from tools.business.shop import Refusal


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("refund_request", "帮我换一台新的"),
        ("refund_request", "退个鬼啊 我是说换"),
        ("refund_request", "换吧"),
        ("refund_request", "refund one of them, I was charged twice"),
        ("cancel_order", "取消我这次退货申请，不退了"),
        ("change_address", "送货时间帮我改到晚上"),
        ("change_address", "把我的默认地址改成新家"),
        ("change_address", "帮我把发票的邮寄地址换了"),
        ("logistics", "发票寄到哪了"),
        ("refund_status", "我的运费险赔了吗"),
    ],
)
def test_wishes_without_a_tool_are_noticed(tool: str, text: str) -> None:
    assert is_beyond(tool, text)


@pytest.mark.parametrize(
    "text", ["不对，是1202", "门牌号错了", "应该是3栋", "写错了，5单元", "sorry, it's 12"]
)
def test_an_address_may_be_corrected_in_part(text: str) -> None:
    assert corrects(text)


@pytest.mark.parametrize("text", ["确认", "因为3号我出差", "你们送货上门吗", "不用了", "3栋能送吗"])
def test_what_corrects_no_address(text: str) -> None:
    assert not corrects(text)


@pytest.mark.parametrize("text", ["收件人换成李四", "李四 13900001111 北京市", "电话改成新的"])
def test_another_recipient_is_noticed_beside_an_address(text: str) -> None:
    assert wants_recipient(text)
    assert not wants_recipient("电话不变，地址改成宁州市三环路8号")


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("refund_request", "我要退货，退货手续帮我办一下"),
        ("cancel_order", "帮我取消订单，钱退回来"),
        ("refund_request", "不是换，是退"),
        ("change_address", "电话不变，地址改成宁州市三环路8号"),
        ("change_address", "把地址改一下，明天到不了"),
        ("logistics", "我的快递到哪了"),
        ("order_status", "我那单怎么还没发货"),
        ("other_account", "帮我换货"),
    ],
)
def test_wishes_with_a_tool_are_left_to_it(tool: str, text: str) -> None:
    assert not is_beyond(tool, text)


def test_a_lost_parcel_or_an_invoice_to_be_changed_wants_more_than_reading() -> None:
    assert wants_more("logistics", "显示签收可我没收到")
    assert wants_more("invoice", "帮我把发票抬头改成公司")
    assert not wants_more("invoice", "我的发票开了吗")
    assert not wants_more("order_status", "我没收到")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("订单NZ261121022717地址改成岭安市三环路8号", "岭安市三环路8号"),
        ("地址改成岭安市三环路8号，订单NZ261121022717", "岭安市三环路8号"),
        ("岭安市三环路8号 订单NZ261121022717", "岭安市三环路8号"),
        ("从宁州市一环路1号改到岭安市三环路8号2栋302室", "岭安市三环路8号2栋302室"),
        ("岭安市三环路8号2栋302室能送到吗？", "岭安市三环路8号2栋302室"),
        ("是岭安市三环路8号2栋302室对吗", "岭安市三环路8号2栋302室"),
        ("送到公司吧", ""),
        ("", ""),
    ],
)
def test_the_new_address_is_the_last_one_with_a_door(text: str, address: str) -> None:
    assert new_address(text) == address


def test_personal_data_is_half_hidden() -> None:
    assert hidden_phone("13800000001") == "138****0001"
    assert hidden_phone("1234") == "****"
    assert hidden_name("王小明") == "王**"
    assert (
        hidden_address("浙江省杭州市云栈路 43 号松影公馆 19 栋 704 室") == "浙江省杭州市云栈路***"
    )
    assert hidden_address("12 Main Street, Springfield") == "12 Mai***"
    assert hidden_address("宁州") == "宁州***"


@pytest.mark.parametrize("refusal", get_args(Refusal))
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_refusal_has_words(locale: str, refusal: str) -> None:
    assert say(locale, f"act_refused_{refusal}")


def test_both_languages_say_the_same_with_the_same_values() -> None:
    zh, en = (
        yaml.safe_load((files("nodes.replies") / f"{locale}.yaml").read_text(encoding="utf-8"))
        for locale in ("zh", "en")
    )

    for name in (name for name in zh if name.startswith("act_")):
        values = set(Template(zh[name]).get_identifiers())
        assert values == set(Template(en[name]).get_identifiers()), name
        assert not re.search(r"[\u4e00-\u9fff]", en[name]), name
    assert {n for n in zh if n.startswith("act_")} == {n for n in en if n.startswith("act_")}


@pytest.mark.parametrize(
    ("tool", "text", "is_so"),
    [
        ("account_info", "我被扣了两次钱", True),
        ("account_info", "我有多少积分", False),
        ("refund_request", "我要换货", True),
        ("refund_request", "我要退货", False),
        ("logistics", "我的快递到哪了", False),
    ],
)
def test_what_a_tool_can_neither_do_nor_tell_is_in_vain(tool: str, text: str, is_so: bool) -> None:
    assert is_in_vain(tool, text) is is_so
