from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Pending, State
from nodes.act import CONFIRM_WITHIN_S, act
from nodes.rules.errands.pending import resolve
from tools.business.demo import DemoShop
from tools.business.shop import SHOP_TZ, Order, RefundTicket, Shop
from tools.errors import ShopUnavailable
from tools.text.normalise import language

RECORDS = Path(__file__).parents[2] / "data" / "business"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHOP_TZ)
# u001's orders, newest first
UNPAID, PACKED, TRANSIT, REFUNDED, SIGNED, OLD = (
    "NZ261121012049",
    "NZ261121007494",
    "NZ261121003121",
    "NZ261117013605",
    "NZ261117001030",
    "NZ260918000571",
)
BIG = "NZ261115016402"  # u002, 6198 yuan
L2 = "NZ261121022717"  # u002, not shipped
OWN_ADDRESS = "宁州市三环路8号暖舟大厦"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DemoShop]:
    shop = await DemoShop.open(tmp_path / "shop.sqlite", RECORDS, clock=lambda: NOW)
    yield shop
    await shop.close()


class Customer:
    """Speaks turn by turn to `act`, as `intent` and `decide` would pass the messages on."""

    def __init__(self, shop: Shop, user_id: str = "u001") -> None:
        self.shop, self.pieces, self.now_s = shop, list[Any](), NOW.timestamp()
        self.runtime = Runtime(
            context=Context(user_id=user_id), stream_writer=lambda piece: self.pieces.append(piece)
        )
        self.pending = Pending()
        self.update: State = {}
        self.turns = 0
        self.locale = ""

    async def says(
        self, text: str, tool: str = "other_account", let_be: Pending | None = None
    ) -> str:
        """Say `text` and return the reply; `tool` is what a new message is classified as."""
        meaning = resolve(text, self.pending)
        self.turns += 1
        state: State = {
            "messages": [*self.update.get("messages", []), HumanMessage(text, id=f"m{self.turns}")],
            "turn_id": f"m{self.turns}",
            "started_at": self.now_s,
            "said": text,
            "locale": self.locale or language(text),
            "intent": meaning.intent or tool,
            "tool": meaning.keep.get("tool", "") if meaning.intent else tool,
            "pending": meaning.keep,
            "let_be": let_be or Pending(),
            "decision": {"action": "act", "confidence": 0.9, "reason": tool, "options": []},
            "level": 0,
        }
        self.locale = state["locale"]
        self.update = await act(state, self.runtime, shop=self.shop, now_s=lambda: self.now_s)
        self.pending = self.update["pending"]
        told = {"action": "act", "reason": self.reason}  # as `remember` notes it
        self.update["messages"][0].additional_kwargs["kefu"] = told
        return self.update["messages"][0].text

    @property
    def reason(self) -> str:
        return self.update["decision"]["reason"]


async def test_an_errand_is_about_the_order_just_told_of(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says(f"订单 {PACKED} 发货了吗", "order_status")

    told = await customer.says("我不想要了，帮我取消", "refund_request")

    assert customer.reason == "needs_confirmation"
    assert PACKED in told
    assert SIGNED not in told


async def test_goods_named_beside_the_order_just_told_of_go_before_it(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says(f"订单 {PACKED} 发货了吗", "order_status")

    told = await customer.says("吸尘器我要退货", "refund_request")

    assert PACKED not in told
    assert SIGNED in told


@pytest.mark.parametrize(
    "said",
    [
        "再帮我取消另一个订单",
        "帮我把别的订单取消了",
        "不是这个，我要取消另一单",
        "取消所有订单",
        "cancel my other order",
    ],
)
async def test_who_points_away_from_the_order_told_of_means_another(
    shop: DemoShop, said: str
) -> None:
    customer = Customer(shop)
    await customer.says(f"订单 {PACKED} 发货了吗", "order_status")

    told = await customer.says(said, "cancel_order")

    assert PACKED not in told
    assert UNPAID in told


async def test_after_one_order_is_cancelled_the_next_wish_is_about_another(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says(f"取消订单 {UNPAID}", "cancel_order")
    await customer.says("确认")

    told = await customer.says("我还想取消订单", "cancel_order")

    assert customer.reason == "needs_confirmation"
    assert PACKED in told


async def test_an_order_that_can_t_be_cancelled_is_not_taken_for_the_one_meant(
    shop: DemoShop,
) -> None:
    customer = Customer(shop)
    await customer.says(f"订单 {TRANSIT} 到哪了", "order_status")

    told = await customer.says("取消订单", "cancel_order")

    assert TRANSIT not in told
    assert PACKED in told


async def test_a_refund_is_not_looked_for_in_an_order_without_one(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says(f"订单 {PACKED} 发货了吗", "order_status")

    told = await customer.says("退款到哪一步了", "refund_status")

    assert REFUNDED in told


class Unanswering:
    """A shop of which the named calls time out."""

    def __init__(self, shop: Shop, *calls: str) -> None:
        self._shop, self._calls = shop, calls

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 any method of a shop
        if name not in self._calls:
            return getattr(self._shop, name)

        async def times_out(*_: object, **__: object) -> None:
            raise ShopUnavailable(f"{name}: timed out")

        return times_out


async def status(shop: Shop, order_id: str, user_id: str = "u001") -> Order:
    order = await shop.order(user_id, order_id)
    assert order is not None
    return order


# reads


async def test_the_only_parcel_under_way_is_shown_at_once(shop: DemoShop) -> None:
    customer = Customer(shop)

    reply = await customer.says("我的快递到哪了", "logistics")

    assert TRANSIT in reply
    assert "迅达" in reply
    assert "2026-11-21" in reply
    assert customer.pending == {}
    assert customer.update["citations"] == []
    assert customer.reason == "logistics"


async def test_the_reply_is_shown_and_the_step_is_noted(shop: DemoShop) -> None:
    customer = Customer(shop)

    reply = await customer.says("我的快递到哪了", "logistics")

    assert customer.pieces == [
        {"kind": "text", "text": reply},
        {
            "kind": "step",
            "step": "act",
            "detail": {"tool": "logistics", "order": TRANSIT, "outcome": "done"},
        },
    ]
    assert customer.update["messages"][0].id == "m1-reply"
    assert customer.update["first_token_ms"] == 0.0


async def test_with_several_parcels_under_way_it_asks_which(shop: DemoShop) -> None:
    customer = Customer(shop, "u008")

    reply = await customer.says("我的快递到哪了", "logistics")

    assert customer.reason == "needs_order"
    assert customer.pending["kind"] == "slot"
    assert customer.pending["options"] == [
        "NZ261118012333 扫拖机器人 S10 已发货",
        "NZ261118002342 空气净化器 A9 已发货",
        "NZ261116001510 空气净化器 A9 已发货",
    ]
    assert customer.update["decision"]["options"] == customer.pending["options"]
    assert "\n3. NZ261116001510" in reply


@pytest.mark.parametrize("answer", ["第二个", "NZ 2611 1800 2342", "2342"])
async def test_the_order_is_then_found_by_the_answer(shop: DemoShop, answer: str) -> None:
    customer = Customer(shop, "u008")
    await customer.says("我的快递到哪了", "logistics")

    reply = await customer.says(answer)

    assert "NZ261118002342" in reply
    assert customer.pending == {}


async def test_goods_narrow_the_question_down(shop: DemoShop) -> None:
    customer = Customer(shop, "u008")

    assert "NZ261118012333" in await customer.says("那个扫地机到哪了", "logistics")
    await customer.says("净化器到哪了", "logistics")

    assert [option[:14] for option in customer.pending["options"]] == [
        "NZ261118002342",
        "NZ261116001510",
    ]


async def test_at_most_four_orders_are_offered(shop: DemoShop) -> None:
    customer = Customer(shop)

    reply = await customer.says("看看我最近都买了什么", "order_status")

    assert len(customer.pending["options"]) == 4
    assert UNPAID in reply
    assert "待付款" in reply


async def test_an_order_shows_its_state_with_the_receiver_half_hidden(shop: DemoShop) -> None:
    order = await status(shop, PACKED)

    reply = await Customer(shop).says(f"订单{PACKED}发货了吗", "order_status")

    assert "待发货" in reply
    assert "858 元" in reply
    assert order["receiver"] not in reply
    assert order["phone"] not in reply
    assert order["address"] not in reply
    assert f"{order['phone'][:3]}****{order['phone'][-4:]}" in reply


async def test_an_order_before_shipping_has_no_parcel_yet(shop: DemoShop) -> None:
    reply = await Customer(shop).says("我的门锁快递到哪了", "logistics")

    assert "没有找到您说的那一单" in reply
    assert "还没有物流信息" in await Customer(shop, "u002").says("我的门锁到哪了", "logistics")


async def test_a_refund_is_found_without_naming_the_order(shop: DemoShop) -> None:
    reply = await Customer(shop).says("我的退款到了吗", "refund_status")

    assert "RF261117013605" in reply
    assert "269 元" in reply
    assert "处理中" in reply


async def test_without_any_refund_it_says_so(shop: DemoShop) -> None:
    customer = Customer(shop, "u002")

    assert "没有查到退款申请" in await customer.says("我的退款到了吗", "refund_status")
    assert customer.reason == "no_refund"
    assert "没有退款申请" in await customer.says(f"{L2} 的退款", "refund_status")


async def test_an_invoice_is_shown_with_its_title_half_hidden(shop: DemoShop) -> None:
    reply = await Customer(shop).says(f"查一下{SIGNED}的发票", "invoice")

    assert "电子普通发票" in reply
    assert "1299 元" in reply
    assert "沈**" in reply
    assert "沈一帆" not in reply


async def test_changing_an_invoice_is_a_persons_work(shop: DemoShop) -> None:
    customer = Customer(shop)

    reply = await customer.says(f"{SIGNED}的发票抬头改成公司", "invoice")

    assert "电子普通发票" in reply
    assert customer.pending["kind"] == "offer"
    assert customer.reason == "needs_person"


async def test_a_lost_parcel_is_shown_and_a_person_is_offered(shop: DemoShop) -> None:
    customer = Customer(shop)

    reply = await customer.says(f"{SIGNED}显示签收了可我没收到", "logistics")

    assert SIGNED in reply
    assert customer.pending["kind"] == "offer"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("我有多少积分", "1368"),
        ("我现在是什么等级", "普通"),
        ("我的订阅哪天续费", "2026-11-26"),
        ("我家里绑了几台设备", "8 台"),
        ("how many points do I have", "1368 points"),
    ],
)
async def test_the_account_is_told_as_far_as_it_was_asked(
    shop: DemoShop, question: str, told: str
) -> None:
    customer = Customer(shop)

    reply = await customer.says(question, "account_info")

    assert told in reply
    assert len(reply.splitlines()) == 1
    assert customer.pending == {}


async def test_what_the_shop_does_not_tell_is_a_persons_work(shop: DemoShop) -> None:
    customer = Customer(shop)

    await customer.says("我还有哪些优惠券", "account_info")

    assert customer.reason == "unsupported"
    assert customer.pending["kind"] == "offer"


# whose


async def test_without_signing_in_nothing_is_read(shop: DemoShop) -> None:
    customer = Customer(shop, "")

    reply = await customer.says(f"订单{SIGNED}到哪了", "order_status")

    assert "登录" in reply
    assert SIGNED not in reply
    assert customer.reason == "needs_sign_in"
    assert customer.pending["kind"] == "offer"
    assert customer.update["is_offered"]


async def test_somebody_elses_order_looks_like_none(shop: DemoShop) -> None:
    customer = Customer(shop)

    theirs = await customer.says(f"订单{L2}到哪了", "order_status")
    none = await customer.says("订单NZ999999999999到哪了", "order_status")

    assert theirs.replace(L2, "") == none.replace("NZ999999999999", "")
    assert customer.reason == "needs_order"


async def test_a_mistyped_order_number_is_said_back(shop: DemoShop) -> None:
    reply = await Customer(shop).says("订单NZ2026111015到哪了", "order_status")

    assert "NZ2026111015" in reply


async def test_a_customer_without_orders_is_told_so(shop: DemoShop) -> None:
    customer = Customer(shop, "nobody")

    assert "没有查到订单" in await customer.says("我的快递到哪了", "logistics")
    assert customer.reason == "no_orders"


async def test_unpaid_orders_are_never_mistaken_for_paid_ones(shop: DemoShop) -> None:
    customer = Customer(shop, "u002")

    await customer.says("帮我把没付款的单子取消", "cancel_order")

    assert customer.reason == "needs_order"


# writes


async def test_a_refund_is_asked_for_only_after_the_yes(shop: DemoShop) -> None:
    customer = Customer(shop)

    question = await customer.says("吸尘器我要退货", "refund_request")

    assert customer.reason == "needs_confirmation"
    assert customer.pending["kind"] == "confirm"
    for told in (SIGNED, "无线吸尘器 V8", "1299 元", "花呗分期"):
        assert told in question
    assert "已为订单" not in question
    assert (await status(shop, SIGNED))["refund"] is None

    done = await customer.says("确认")

    assert "RF261117001030" in done
    assert "已为订单" in done
    assert customer.reason == "written"
    assert customer.pending == {}
    refund = (await status(shop, SIGNED))["refund"]
    assert refund is not None
    assert refund["reason"] == "吸尘器我要退货"


@pytest.mark.parametrize("no", ["不用了", "算了吧", "不退了"])
async def test_a_no_changes_nothing(shop: DemoShop, no: str) -> None:
    customer = Customer(shop)
    await customer.says("吸尘器我要退货", "refund_request")

    reply = await customer.says(no)

    assert "没有做任何改动" in reply
    assert customer.reason == "declined"
    assert customer.pending == {}
    assert (await status(shop, SIGNED))["status"] == "已签收"


async def test_a_new_question_drops_the_confirmation(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says("吸尘器我要退货", "refund_request")

    await customer.says("我有多少积分", "account_info")
    await customer.says("确认", "order_status")

    assert (await status(shop, SIGNED))["status"] == "已签收"


async def test_a_late_yes_is_asked_for_again(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says("吸尘器我要退货", "refund_request")
    customer.now_s += CONFIRM_WITHIN_S + 1

    reply = await customer.says("确认")

    assert customer.reason == "needs_confirmation"
    assert "1299 元" in reply
    assert (await status(shop, SIGNED))["refund"] is None
    await customer.says("确认")
    assert (await status(shop, SIGNED))["status"] == "退款中"


async def test_a_bare_cancel_is_asked_back(shop: DemoShop) -> None:
    customer = Customer(shop)
    await customer.says(f"取消订单{UNPAID}", "cancel_order")

    await customer.says("取消")
    assert customer.reason == "needs_confirmation"
    assert (await status(shop, UNPAID))["status"] == "待付款"

    assert "已取消" in await customer.says("确认取消")
    assert (await status(shop, UNPAID))["status"] == "已取消"


async def test_cancelling_a_paid_order_says_what_is_paid_back(shop: DemoShop) -> None:
    customer = Customer(shop)

    question = await customer.says("还没发货的那单帮我取消", "cancel_order")
    done = await customer.says("好的")

    assert "858 元" in question
    assert "支付宝" in question
    assert "RF261121007494" in done


async def test_a_return_before_shipping_becomes_a_cancellation(shop: DemoShop) -> None:
    customer = Customer(shop, "u002")

    question = await customer.says("门锁我要退款", "refund_request")

    assert "直接取消" in question
    assert customer.pending["tool"] == "cancel_order"
    await customer.says("确认")
    assert (await status(shop, L2, "u002"))["status"] == "已取消"


async def test_an_address_is_changed_after_order_address_and_yes(shop: DemoShop) -> None:
    customer = Customer(shop, "u002")

    assert L2 in await customer.says("帮我改一下收货地址", "change_address")
    assert customer.reason == "needs_address"
    question = await customer.says(f"寄到{OWN_ADDRESS}")
    assert OWN_ADDRESS in question
    assert customer.reason == "needs_confirmation"
    done = await customer.says("确认")

    assert "已改为 宁州市三环路***" in done
    assert (await status(shop, L2, "u002"))["address"] == OWN_ADDRESS


async def test_an_address_given_before_the_order_is_kept(shop: DemoShop) -> None:
    customer = Customer(shop)

    await customer.says(f"地址改成{OWN_ADDRESS}", "change_address")
    assert customer.reason == "needs_order"
    await customer.says("1")

    assert customer.reason == "needs_confirmation"
    assert customer.pending["args"]["address"] == OWN_ADDRESS
    assert customer.pending["args"]["order_id"] == UNPAID


@pytest.mark.parametrize(
    ("user_id", "text", "tool", "refusal", "is_offered"),
    [
        ("u001", f"退款 {REFUNDED}", "refund_request", "refund_open", False),
        ("u001", f"取消 {TRANSIT}", "cancel_order", "already_shipped", True),
        ("u001", f"{PACKED}改地址", "change_address", "already_changed", True),
        ("u004", "取消 NZ261105002545", "cancel_order", "cancelled", False),
    ],
)
async def test_what_the_orders_state_rules_out_is_refused_at_once(
    shop: DemoShop, user_id: str, text: str, tool: str, refusal: str, is_offered: bool
) -> None:
    customer = Customer(shop, user_id)

    await customer.says(text, tool)

    assert customer.reason == f"refused_{refusal}"
    assert (customer.pending.get("kind") == "offer") is is_offered


@pytest.mark.parametrize(
    ("user_id", "text", "tool", "refusal", "is_offered"),
    [
        ("u002", f"退款 {BIG}", "refund_request", "amount_limit", True),
        ("u001", f"退货 {OLD}", "refund_request", "too_late", True),
        ("u002", f"{L2}改到新疆乌鲁木齐市天山路8号", "change_address", "freight_changes", True),
        ("u002", f"{L2}改到香港九龙区弥敦街8号", "change_address", "no_delivery", False),
    ],
)
async def test_what_the_shop_refuses_is_explained_and_nothing_is_promised(
    shop: DemoShop, user_id: str, text: str, tool: str, refusal: str, is_offered: bool
) -> None:
    customer = Customer(shop, user_id)
    await customer.says(text, tool)

    reply = await customer.says("确认")

    assert customer.reason == f"refused_{refusal}"
    assert (customer.pending.get("kind") == "offer") is is_offered
    assert "已为" not in reply


# what can't be done, and what is down


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("帮我重启一下服务器", "other_account"),
        ("随便什么", ""),
        ("我要换货", "refund_request"),
        ("买贵了，给我补差价", "refund_request"),
        ("取消我明天的安装预约", "cancel_order"),
        ("把收货人改成我妈", "change_address"),
        ("我报修的洗衣机修好没有", "order_status"),
    ],
)
async def test_what_no_tool_can_do_is_offered_to_a_person(
    shop: DemoShop, text: str, tool: str
) -> None:
    customer = Customer(shop)

    await customer.says(text, tool)

    assert customer.reason == "unsupported"
    assert customer.pending["kind"] == "offer"


async def test_a_shop_that_does_not_answer_is_said_also_where_orders_were_given_up(
    shop: DemoShop,
) -> None:
    customer = Customer(Unanswering(shop, "order", "orders"))
    args = {"order_id": UNPAID, "next": [PACKED]}
    given_up = Pending(kind="confirm", tool="cancel_order", args=args)

    await customer.says("我要退V8", "refund_request", let_be=given_up)

    assert customer.reason == "shop_down"
    assert customer.update["level"] == 3


async def test_a_shop_that_does_not_answer_is_said_and_a_person_offered(shop: DemoShop) -> None:
    customer = Customer(Unanswering(shop, "orders"))

    reply = await customer.says("我的快递到哪了", "logistics")

    assert "没有回应" in reply
    assert customer.reason == "shop_down"
    assert customer.update["level"] == 3
    assert customer.pending["kind"] == "offer"


async def test_a_write_that_was_not_answered_can_be_tried_again_without_doing_it_twice(
    shop: DemoShop,
) -> None:
    customer = Customer(Unanswering(shop, "request_refund"))
    await customer.says("吸尘器我要退货", "refund_request")
    key = customer.pending["args"]["key"]

    reply = await customer.says("确认")
    assert "已为订单" not in reply
    assert customer.reason == "shop_down"
    customer.shop = shop
    first: RefundTicket = await shop.request_refund("u001", SIGNED, "吸尘器我要退货", key=key)

    assert first["ticket_id"] in await customer.says("确认")


async def test_an_english_customer_is_served_in_english(shop: DemoShop) -> None:
    customer = Customer(shop)

    question = await customer.says("I want to return the vacuum I bought", "refund_request")
    done = await customer.says("yes please")

    assert "vacuum cleaner V8" in question
    assert "CNY 1299" in question
    assert "Huabei instalments" in question
    assert "RF261117001030" in done
    assert done.isascii()


async def test_nobody_is_promised_when_a_parcel_comes(shop: DemoShop) -> None:
    customer = Customer(shop)

    asked = await customer.says("你能保证后天到吗", "logistics")

    assert asked.startswith("以后的时间我不能向您保证")
    assert TRANSIT in asked
    assert "保证" not in await customer.says("后天能到吗", "logistics")
