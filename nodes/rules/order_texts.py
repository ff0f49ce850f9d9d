"""Put the shop's records into words, in the reply's language and with personal data half hidden."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from nodes.replies import say
from nodes.rules.orders import english_name
from tools.business.shop import Account, Invoice, Order, RefundTicket, Trace
from tools.text.normalise import fold

STOPS_SHOWN = 3
_TOPICS = {
    "points": re.compile(r"积分|points?"),
    "level": re.compile(r"等级|会员|[银金]卡|钻石|消费满|消费了|level|tier|member"),
    "plan": re.compile(
        r"订阅|续费|管家|会员什么时候|会员.{0,3}到期|subscri|renew|which plan|my plan"
    ),
    "devices": re.compile(r"(?:绑|几台|多少台).{0,6}设备|设备.{0,6}(?:绑|几台)|几台设备|devices?"),
}
_ALL_TOPICS = re.compile(
    r"账[户号](?:的)?(?:信息|情况|资料)|我的(?:信息|资料|账[户号])$|my (?:account|profile)"
)
_ROAD = re.compile(r"^.{2,24}?(?:大道|大街|[路街巷弄道])|^\d+ ")
_SHOWN_CHARS = 6  # of an address without a road
# The words of the shop's records, for English replies; others stay as they are.
_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "待付款": "awaiting payment",
        "待发货": "not shipped yet",
        "已发货": "shipped",
        "已签收": "delivered",
        "退款中": "being refunded",
        "已退款": "refunded",
        "已取消": "cancelled",
        "处理中": "in progress",
        "已到账": "paid out",
        "已开具": "issued",
        "已红冲": "reversed",
        "支付宝": "Alipay",
        "微信": "WeChat Pay",
        "银联借记卡": "UnionPay debit card",
        "银联信用卡": "UnionPay credit card",
        "花呗分期": "Huabei instalments",
        "暖舟礼品卡": "Nuanzhou gift card",
        "迅达": "Xunda",
        "北辰": "Beichen",
        "普通": "standard",
        "银卡": "silver",
        "金卡": "gold",
        "钻石": "diamond",
        "免费版": "free plan",
        "试用": "trial",
        "月付": "monthly plan",
        "年付": "yearly plan",
        "电子普通发票": "electronic invoice",
        "增值税专用发票": "special VAT invoice",
        "已发出": "departed",
        "已到达": "arrived",
        "正在派送": "out for delivery",
        "包裹滞留，正在核实": "parcel held up, being checked",
        "已签收，签收人：本人": "delivered, signed for by the recipient",
        "送货上楼，本人签收": "delivered upstairs, signed for by the recipient",
    }
)


def word(locale: str, term: str) -> str:
    """Return a word of the shop's records in the reply's language."""
    return _ENGLISH.get(term, term) if locale == "en" else term


def goods(locale: str, order: Order) -> str:
    """Return what was bought, e.g. "扫拖机器人 S10、空气炸锅 K5 ×2"."""
    names = []
    for item in order["items"]:
        name = english_name(item["name"], item["sku"]) if locale == "en" else item["name"]
        names.append(name + (f" ×{item['qty']}" if item["qty"] > 1 else ""))
    return (", " if locale == "en" else "、").join(names)


def money(locale: str, yuan: int) -> str:
    """Return an amount, e.g. "2299 元"."""
    return f"CNY {yuan}" if locale == "en" else f"{yuan} 元"


def moment(at: str) -> str:
    """Return a time of the shop to the minute, e.g. "2026-11-21 13:20"."""
    return at[:16].replace("T", " ")


def option(locale: str, order: Order) -> str:
    """Return an order as one of several to choose from."""
    return f"{order['order_id']} {goods(locale, order)} {word(locale, order['status'])}"


def hidden_phone(phone: str) -> str:
    """Return "138****0001"."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"


def hidden_name(name: str) -> str:
    """Return "王*"."""
    return name[:1] + "*" * (len(name) - 1)


def hidden_address(address: str) -> str:
    """Return the address up to its road, without house and door."""
    road = _ROAD.match(address)
    return (road[0] if road and not road[0][0].isdigit() else address[:_SHOWN_CHARS]) + "***"


def order_text(locale: str, order: Order) -> str:
    """Return status, times, payment and, masked, the receiver."""
    lines = [
        say(
            locale,
            "act_order",
            order=order["order_id"],
            goods=goods(locale, order),
            status=word(locale, order["status"]),
        ),
        say(
            locale,
            "act_ordered",
            created=moment(order["created_at"]),
            amount=money(locale, order["amount"]),
        ),
    ]
    if order["payment"]:
        lines[1] += say(locale, "act_paid", payment=word(locale, order["payment"]))
    if order["courier"] and order["tracking_no"] and order["shipped_at"]:
        lines.append(
            say(
                locale,
                "act_shipped",
                courier=word(locale, order["courier"]),
                tracking=order["tracking_no"],
                shipped=moment(order["shipped_at"]),
            )
        )
    if order["signed_at"]:
        lines.append(say(locale, "act_signed", signed=moment(order["signed_at"])))
    if order["status"] in ("待付款", "待发货", "已发货"):
        lines.append(receiver_text(locale, order))
    if order["refund"]:
        lines.append(_refund_line(locale, order["refund"]))
    if order["note"]:
        lines.append(say(locale, "act_note", note=order["note"]))
    return "\n".join(lines)


def receiver_text(locale: str, order: Order) -> str:
    """Return who gets the parcel and where, masked."""
    return say(
        locale,
        "act_receiver",
        name=hidden_name(order["receiver"]),
        phone=hidden_phone(order["phone"]),
        address=hidden_address(order["address"]),
    )


def parcel_text(locale: str, order: Order, traces: Sequence[Trace]) -> str:
    """Return where the parcel is, its newest stops first."""
    if not order["courier"] or not order["tracking_no"]:
        text = say(
            locale,
            "act_parcel_none",
            order=order["order_id"],
            goods=goods(locale, order),
            status=word(locale, order["status"]),
        )
        return text + ("\n" + say(locale, "act_note", note=order["note"]) if order["note"] else "")
    head = say(
        locale,
        "act_parcel",
        order=order["order_id"],
        goods=goods(locale, order),
        courier=word(locale, order["courier"]),
        tracking=order["tracking_no"],
    )
    newest = list(reversed(traces))[:STOPS_SHOWN]
    stops = [f"{moment(t['time'])} {t['place']} {word(locale, t['text'])}" for t in newest]
    return "\n".join([head, *(stops or [say(locale, "act_parcel_waits")])])


def refund_text(locale: str, order: Order) -> str:
    """Return how the order's refund stands, or that it has none."""
    head = say(locale, "act_refund_of", order=order["order_id"], goods=goods(locale, order))
    if order["refund"] is None:
        status = word(locale, order["status"])
        return head + say(locale, "act_refund_none_yet", status=status)
    return head + _refund_line(locale, order["refund"])


def _refund_line(locale: str, refund: RefundTicket) -> str:
    text = say(
        locale,
        "act_refund",
        ticket=refund["ticket_id"],
        amount=money(locale, refund["amount"]),
        payment=word(locale, refund["payment"]),
        status=word(locale, refund["status"]),
        requested=moment(refund["requested_at"]),
    )
    if refund["refunded_at"]:
        text += say(locale, "act_refunded", at=moment(refund["refunded_at"]))
    return text


def invoice_text(locale: str, order: Order, invoice: Invoice | None) -> str:
    """Return kind, title, amount and state of the invoice, or that there is none yet."""
    if invoice is None:
        return say(
            locale,
            "act_invoice_none",
            order=order["order_id"],
            goods=goods(locale, order),
            status=word(locale, order["status"]),
        )
    is_private = invoice["tax_no"] is None
    return say(
        locale,
        "act_invoice",
        order=order["order_id"],
        goods=goods(locale, order),
        kind=word(locale, invoice["kind"]),
        number=invoice["invoice_no"],
        title=hidden_name(invoice["title"]) if is_private else invoice["title"],
        amount=money(locale, invoice["amount"]),
        issued=moment(invoice["issued_at"]),
        status=word(locale, invoice["status"]),
    )


def account_text(locale: str, account: Account, said: str) -> str:
    """Return what was asked about the account; "" if it is nothing the shop tells."""
    folded = fold(said)
    topics = [name for name, pattern in _TOPICS.items() if pattern.search(folded)]
    if not topics and _ALL_TOPICS.search(folded):
        topics = list(_TOPICS)
    return "\n".join(_topic(locale, topic, account) for topic in topics)


def _topic(locale: str, topic: str, account: Account) -> str:
    plan = account["subscription"]
    match topic:
        case "points":
            return say(locale, "act_points", points=str(account["points"]))
        case "level":
            level, spent = word(locale, account["level"]), money(locale, account["spent_year"])
            return say(locale, "act_level", level=level, spent=spent)
        case "devices":
            return say(locale, "act_devices", devices=str(plan["devices"]))
    if plan["expires_on"] is None:
        return say(locale, "act_plan_free", plan=word(locale, plan["plan"]))
    name = "act_plan_renews" if plan["auto_renew"] else "act_plan_ends"
    return say(locale, name, plan=word(locale, plan["plan"]), expires=plan["expires_on"])
