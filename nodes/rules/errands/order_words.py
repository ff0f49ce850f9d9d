"""Words, amounts and times of the shop's records in the reply's language; names half hidden."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from nodes.rules.errands.goods import english_name
from tools.business.shop import Order

_ROAD = re.compile(r"^.{2,24}?(?:大道|大街|[路街巷弄道])|^\d+ ")
_ASIDE = re.compile(r"[（(].*?[）)]")  # "扫拖机器人 S20 Pro（自清洁基站）"
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
        name = (
            english_name(item["name"], item["sku"])
            if locale == "en"
            else _ASIDE.sub("", item["name"])
        )
        names.append(name + (f" ×{item['qty']}" if item["qty"] > 1 else ""))
    return (", " if locale == "en" else "、").join(names)


def money(locale: str, yuan: int) -> str:
    """Return an amount, e.g. "2299 元"."""
    return f"CNY {yuan}" if locale == "en" else f"{yuan} 元"


def moment(at: str) -> str:
    """Return a time of the shop to the minute, e.g. "2026-11-21 13:20"."""
    return at[:16].replace("T", " ")


def about(locale: str, order: Order) -> dict[str, str]:
    """Return what names an order in a reply: its number and what was bought."""
    return {"order": order["order_id"], "goods": goods(locale, order)}


def paid(locale: str, amount: int, payment: str) -> dict[str, str]:
    """Return how much was, or is, paid and by what."""
    return {"amount": money(locale, amount), "payment": word(locale, payment)}


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
