"""What an errand at the shop needs: which orders it may be about, and what no tool here can do."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from nodes.rules.errands.goods import parts_listed, spares
from nodes.rules.errands.order_tails import tail
from nodes.rules.errands.order_texts import account_topics
from nodes.rules.errands.orders import find, order_numbers, wants_list
from nodes.rules.hearing.rewrite_words import ASKS
from tools.business.shop import Order, OrderStatus, Refusal
from tools.text.addresses import addresses
from tools.text.normalise import fold

CORRECTED_CHARS = 30
WRITES = ("refund_request", "cancel_order", "change_address")
READS = ("order_status", "logistics", "refund_status", "invoice")
OFFER_AFTER: tuple[Refusal, ...] = (  # refusals after which a person may still find a way
    "already_shipped",
    "already_changed",
    "freight_changes",
    "too_late",
    "amount_limit",
    "key_reused",
)

# Wishes that the classifier gives to a tool, but that the shop's port has no method for.
_BEYOND: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "order_status": re.compile(
            r"报修|寄修|维修|修好|工单|安装|师傅|上门|以旧换新|旧机|付了两次|重复|寄回"
            r"|repair|ticket|appointment|application|booking"
        ),
        "logistics": re.compile(
            r"发票|合同|寄回|寄给你们|寄出去|换货|新机|取件码|驿站|快递员|骑手|外卖|师傅"
        ),
        "refund_status": re.compile(r"运费险|押金|差价|价保|换货|重复扣|被拒|少了|rejected"),
        "refund_request": re.compile(
            r"要换|(?<!不)[说是只]换|(?<!不)(?<!不想)换[吧啊呀哈]|换货|换一|换个|换新|换成|补发|补差|差价|价保|降价|一部分|部分退|单独|多扣|多收|重复扣|扣款|退订|订阅"
            r"|退.{0,4}会员|会员.{0,4}退|续费|不想续|年费|月费"
            r"|exchange|replace|price match|charged twice|subscription|partial"
        ),
        "cancel_order": re.compile(
            r"预约|上门|安装|维修|工单|退[货款]申请|取消.{0,6}退[货款]|[的交]申请|报名|挂号|转账|续费|订阅|appointment|booking|reservation|application"
        ),
        "change_address": re.compile(
            r"默认地址|发票|账单|保单|宽带|入住|时间|周[一二三四五六日天末]|晚上|下午|上午|明天|后天|驿站|安装|上门|备注|颜色|数量"
            r"|(?:收货|收件)?(?:人|姓名|名字)(?:改|换|打错|写错)|[改换]成?[^，。]{0,6}(?:名字|姓名)|电话|手机号?|reschedule|recipient|phone|appointment|sunday|friday"
        ),
    }
)
# Here the tool shows what the shop knows, and the rest is a person's.
_MORE: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "logistics": re.compile(
            r"没收到|丢|滞留|退回|没动|不动|没更新|送错|催|lost|didn'?t get|hasn'?t moved"
        ),
        "invoice": re.compile(
            r"抬头|[写填打开]错|换开|重开|作废|专票|专用发票|合并|一起开|改|税号|补开|重新发|发我|发到|开.{0,6}发票|开票|开成|开一?张"
            r"|reissue|issue a|fix|change|e-?mail me|resend"
        ),
    }
)
_ADDRESS_ASIDE = re.compile(
    r"(?<!默认)(?<!邮寄)(?<!通讯)(?<!寄送)地址|送到|寄到"
    r"|address|deliver(?:y)? to|ship (?:it |my order )?to"
)

_LIKELY: Mapping[str, tuple[tuple[OrderStatus, ...], ...]] = MappingProxyType(
    {
        "logistics": (("已发货",), ("待发货",)),
        "invoice": (("已签收", "退款中", "已退款"),),
        "refund_request": (("已签收", "已发货"), ("待发货",)),
        "cancel_order": (("待付款", "待发货"), ("已发货",)),
        "change_address": (("待付款", "待发货"), ("已发货",)),
    }
)
_OPEN: tuple[OrderStatus, ...] = ("待付款", "待发货", "已发货", "退款中")
_NO_REFUND: Mapping[OrderStatus, Refusal] = MappingProxyType(
    {
        "退款中": "refund_open",
        "已退款": "refund_open",
        "已取消": "cancelled",
    }
)
_NO_CHANGE: Mapping[OrderStatus, Refusal] = MappingProxyType(
    {
        "已发货": "already_shipped",
        "已签收": "already_shipped",
        "退款中": "refund_open",
        "已退款": "refund_open",
        "已取消": "cancelled",
    }
)
_TAIL = re.compile(r"[\w\s（）()#·-]*")
_POLITE = re.compile(
    r"(?:\s*(?:(?:能|可以|可)[送寄发]?[到达]?[吗么]|[对是行好]?[吗么]|[对是]?吧|谢谢|多谢|麻烦了?"
    r"|订单号?|单号|please|thanks|thank you))+\s*$",
    re.I,
)
_CORRECTS = re.compile(  # of an address that was just read back
    r"^(?:[哎呃诶啊哦等，,\s]|不好意思|抱歉)*(?:不对|不是|错了|[写打说发弄搞填]错|应该是|[少漏]了|是\d"
    r"|(?:no|wrong|sorry|actually)\b|it'?s \d|(?:it )?should be)"
    r"|\d(?:[号#]?楼|室|栋|幢|单元|号$)|门牌"
)
_RECIPIENT = re.compile(
    r"收[件货]人|(?:姓名|名字)[^，。]{0,4}[改换]|(?:电话|手机)号?[^，。]{0,4}[改换是为:：]|(?<!\d)1\d{10}(?!\d)"
    r"|<(?:手机号|姓名)>|recipient|phone number"
)
_SAME = re.compile(r"(?:人|姓名|名字|电话|手机号?|号码)[^，。]{0,3}(?:不[变改动用换]|一样)")


def corrects(text: str) -> bool:
    """Say whether a message corrects an address without telling the whole: 不对，是1202."""
    folded = fold(text).strip()
    is_short = len(folded) <= CORRECTED_CHARS
    return is_short and not ASKS.search(folded) and _CORRECTS.search(folded) is not None


def wants_recipient(text: str) -> bool:
    """Say whether a message that changes an address tells of another recipient or phone, too."""
    folded = fold(text)
    return _RECIPIENT.search(folded) is not None and _SAME.search(folded) is None


def is_beyond(tool: str, text: str) -> bool:
    """Say whether the message wants something the tool can't do, e.g. an exchange."""
    pattern = _BEYOND.get(tool)
    folded = fold(text)
    if pattern is None or not pattern.search(folded):
        return False
    return tool != "change_address" or not (new_address(text) or _ADDRESS_ASIDE.search(folded))


def is_in_vain(tool: str, text: str) -> bool:
    """Say whether the shop's tool can neither do nor tell what the message wants."""
    return is_beyond(tool, text) or (tool == "account_info" and not account_topics(text))


def wants_more(tool: str, text: str) -> bool:
    """Say whether reading alone will not do, e.g. for a lost parcel or an invoice to be changed."""
    pattern = _MORE.get(tool)
    return pattern is not None and pattern.search(fold(text)) is not None


def likely(tool: str, text: str, orders: Sequence[Order]) -> list[Order]:
    """Return the orders the errand can sensibly be about, newest first.

    refund_status: none, if no order has a refund. Otherwise never none.
    """
    if tool == "refund_status":
        refunds = [o for o in orders if o["refund"]]
        under_way = [o for o in refunds if o["refund"] and o["refund"]["status"] == "处理中"]
        return under_way or refunds
    if tool == "order_status":
        under_way = [o for o in orders if o["status"] in _OPEN]
        return under_way if len(under_way) == 1 and not wants_list(text) else list(orders)
    for statuses in _LIKELY[tool]:
        if hits := [o for o in orders if o["status"] in statuses]:
            return hits
    return list(orders)


def listed(tool: str, text: str, orders: Sequence[Order]) -> list[Order]:
    """Return the orders of the goods that a message lists, 取消空气炸锅和A9, the first named first.

    [] where it lists none, or where which order is meant is not plain of each.
    """
    names = parts_listed(text, lambda part: bool(order_numbers(part) or tail(part)))
    if any(map(spares, names)):
        return []
    each = [find(name, orders).orders for name in names]
    meant = [likely(tool, text, found) for found in each if found]
    if len(meant) < 2 or any(len(found) > 1 for found in meant):
        return []
    every = {order["order_id"]: order for found in meant for order in found}
    return list(every.values()) if len(every) > 1 else []


def is_unsent(tool: str, order: Order) -> bool:
    """Say whether goods that are no longer wanted have not left yet: cancelling ends the order."""
    return tool == "refund_request" and order["status"] in ("待付款", "待发货")


def refused_at_once(tool: str, order: Order) -> Refusal | None:
    """Return why the shop would refuse, as far as the order's own state tells; it has the say."""
    if tool == "refund_request":
        return _NO_REFUND.get(order["status"])
    if tool == "change_address" and order["address_changed"]:
        return _NO_CHANGE.get(order["status"], "already_changed")
    return _NO_CHANGE.get(order["status"])


def new_address(text: str) -> str:
    """Return the last address in the message that names a door, to the end of its clause, or ""."""
    spans = list(addresses(text))
    if not spans:
        return ""
    start, end = spans[-1]
    tail = _TAIL.match(text, end)
    whole = text[start : tail.end() if tail else end]
    for number in order_numbers(whole):
        whole = whole.replace(number, "")
    return _POLITE.sub("", whole).strip().lstrip("是到")  # 不对，是…
