"""Find which order a message means: by number, goods, status, or as "the last one"."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from nodes.rules.errands.goods import held, meant, without_goods
from nodes.rules.errands.order_tails import is_plain_tail, tail, without_tail
from tools.business.shop import Order, OrderStatus
from tools.text.normalise import fold

# "NZ" + 12 digits, spaced as customers type it; the letters may be left out, but not be others:
# couriers' numbers have 12 digits too.
_NUMBER = re.compile(r"(?:(?<![A-Z])N\s*Z[\s-]*(?:\d[\s-]?){11}|(?<![A-Z0-9])\d{11})\d(?!\d)")
_NUMBER_LIKE = re.compile(r"(?<![A-Z])NZ[\s-]*\d{4,}")
_DIGITS = re.compile(r"\d{3,6}")  # alone in answer to "which one?"
_STATUS: tuple[tuple[OrderStatus, re.Pattern[str]], ...] = (
    ("待付款", re.compile(r"[没未待]付[款钱]|unpaid|awaiting payment")),
    ("待发货", re.compile(r"[没未待]发货|not shipped|to be shipped|unshipped")),
    ("已发货", re.compile(r"已经?发货|在路上|运输中|in transit|(?<!not )(?<!be )(?<!un)shipped$")),
    ("已签收", re.compile(r"(?<![没未])签收|delivered")),
    ("退款中", re.compile(r"退款中|being refunded")),
)
_LATEST = re.compile(
    r"(?:最近|最新|最后)(?:的|下的?|买的?|拍的?|那|这)*(?:一?[单笔个]|订单|$|(?<=[的下买拍]))"
    r"|刚刚?才?(?:[下买拍]|[的那这]{1,3}一?(?:[单笔]|订单))"  # 刚才那个 was talked of, not bought
    r"|上一?[单笔]|上一?个订单"
    r"|(?:my |the )?(?:last|latest|newest|most recent) (?:order|one)|^latest$"
    r"|just (?:bought|ordered|placed)"
)
_LIST = re.compile(r"都买|哪些|几个|几单|所有|全部|(?:recent|all|my) orders$|all my orders")
_ALL = re.compile(
    r"都(?:要|给我|帮我|想|得)?(?:退|取消|改|不要)|全部?(?:退|取消|改|都(?!不))"
    r"|\b(?:both|(?<!at )(?<!is )(?<!'s )(?<!thats )all(?! (?:good|set|right|fine|done)))\b"
)
_OTHER = re.compile(
    r"另|别的|其[他它余]|还有一|再[^，,。]{0,6}一|不是(?:这|那)|之前|以前|上上?(?:个?月|次|周)|最早|所有|全部"
    r"|都(?!快|已|过|[这那]么|好?几|[\d一二两三四五六七八九十半几]+[个多天日周月年])"  # 都三天了
    r"|\b(?:others?|another|all|both|not (?:this|that)|earlier|previous)\b"
)
_OTHER_ORDER = re.compile(  # 之前那个地址 is another address of the same order
    r"(?:另|别的|其[他它]|不是[这那]|之前|上)[^，,。地]{0,4}(?:[单笔]|订单)"
    r"|\b(?:other|another|previous|earlier) (?:order|one)\b"
)
_FILLER = re.compile(
    r"(?:[就是选要我查看帮问说指那这个台单笔款件的吧啊呀呢哦嗯哈好对您才,，。.!！:：、()（）~\s]"
    r"|一下|一(?=[单个台笔款件])|订单|编号|号码?|已|谢谢|麻烦|"
    r"\b(?:please|the|that|this|one|order|it'?s|it is|for|my|is|number|i|mean|thanks)\b)*"
)
_WHEREABOUTS = re.compile(
    r"(?:发货|发出|寄出|出库|发|送?到|送)(?:了|的)?(?:没有?|[吗么吧不])[吧呢啊]?"
    r"|怎?么?还没有?(?:发货?|送?到货?|寄|出库)[吧吗呢啊]?|(?:走?到|在)哪[里儿]?了|到哪[里儿]?"
    r"|(?:什么时候|啥时候?|几时|何时|哪天)(?:才|能|会|给我)*(?:发货?|送?到(?!货)|寄)(?!票)"
)
_BOUGHT = re.compile(r"(?:昨天|前天|前几天|上次|刚|上周)?买(?:了)?(?=的)|[?？]")  # before, after it
_NO = re.compile(  # 等等，不对，是空气炸锅那个
    r"^(?:(?:好的?|[嗯对行]+|是的?|确认|ok(?:ay)?|yes)[，,。\s]+)?"
    r"(?:(?:等等|等一?下|[哎诶唉呃啊哦]呀?|稍等|慢着|不好意思|抱歉|不过|但是?|而是|sorry|wait|oops|actually|but)[，,。.!！\s]*)*"
    r"(?:(?:不(?=[，,\s])|不对|不是(?:[这那]一?[个单笔])?|[我搞弄说发写选点]*错了?(?=[，,。!！\s是])"
    r"|(?:no,? )?not (?:that|this)(?: one)?|no)(?=[\W是我])[，,。.!！\s]*)*"
    r"(?:我(?:要|说|指|想)?的?(?=是)|应该(?=是)|i mean(?:t)?(?: the)?\b)?"
)


class Found(NamedTuple):
    """The orders a message means, newest first."""

    orders: list[Order]
    is_named: bool  # False: it names none, and all are given


def order_numbers(text: str) -> list[str]:
    """Return the order numbers in `text` as the shop writes them, in order, each once."""
    upper = _upper(text)
    found = ("NZ" + re.sub(r"\D", "", match[0]) for match in _NUMBER.finditer(upper))
    return list(dict.fromkeys(found))


def wrong_number(text: str) -> str:
    """Return what looks like an order number but has too few or too many digits, else ""."""
    if order_numbers(text):
        return ""
    match = _NUMBER_LIKE.search(_upper(text))
    return match[0] if match else ""


def find(text: str, orders: Sequence[Order]) -> Found:
    """Return which of `orders`, newest first, the message means.

    A number wins over goods, goods are narrowed by a status, and "the last one" takes the newest
    of what is left. Goods that no order holds, or "unpaid" when all are paid, give no orders.
    """
    numbers, folded = order_numbers(text), fold(text)
    tracked = [o for o in orders if o["tracking_no"] and fold(o["tracking_no"]) in folded]
    if numbers or tracked:
        return Found(tracked or [o for o in orders if o["order_id"] in numbers], is_named=True)
    left = list(orders)
    is_named = False
    end = tail(text)
    ending = [o for o in left if o["order_id"].endswith(end)] if end else []
    if ending or is_plain_tail(text):  # never another order than the one named
        left, is_named = ending, True
    if goods := meant(folded) or _by_name(folded, orders):
        left, is_named = [o for o in left if goods & held(_names(o))], True
    for status, pattern in _STATUS:
        if not pattern.search(folded):
            continue
        hits = [order for order in left if order["status"] == status]
        if hits or status == "待付款":  # other states may be complaints: "怎么还没发货"
            left, is_named = hits, True
    if _LATEST.search(folded) and not wants_list(text):
        left, is_named = left[:1], True
    return Found(left, is_named)


def pick(text: str, options: Sequence[str]) -> str:
    """Return the order number of the option that a bare mention means, else "".

    Options read as "NZ… goods status", newest first. A message that says more than which order is
    no answer to "which one?", e.g. "扫地机怎么清洁".
    """
    if numbers := order_numbers(text):
        rest = without_goods(_NUMBER.sub("", _upper(text)).lower())
        return numbers[0] if len(numbers) == 1 and _is_bare(rest) else ""
    rest = folded = fold(text)
    hits = list(options)
    if end := tail(text) or (folded.strip() if _DIGITS.fullmatch(folded.strip()) else ""):
        hits = [o for o in hits if any(n.endswith(end) for n in order_numbers(o))]
        rest = without_tail(rest.replace(end, "") if rest.strip() == end else rest)
    if goods := meant(folded):
        hits = [option for option in hits if goods & held(fold(option))]
        rest = without_goods(rest)
    for _, pattern in _STATUS:
        if pattern.search(folded):
            hits, rest = [o for o in hits if pattern.search(fold(o))], pattern.sub("", rest)
    if _LATEST.search(rest):
        hits, rest = hits[:1], _LATEST.sub("", rest)
    if rest == folded or len(hits) != 1 or not _is_bare(rest):
        return ""
    return next(iter(order_numbers(hits[0])), "")


def names_goods(text: str) -> bool:
    """Say whether it names goods or an order's number and says no more: 不对，是吸尘器."""
    folded = fold(text)
    rest = without_goods(without_tail(_NUMBER.sub("", folded.upper()).lower()))
    return rest != folded and _is_bare(_NO.sub("", rest))


def asks_whereabouts(text: str) -> bool:
    """Say whether it asks whether goods it names have left or where they are, and no more.

    空气炸锅发货了吗, 我的S10到哪了
    """
    folded = fold(text)
    rest = without_goods(folded)
    said = _WHEREABOUTS.sub("", rest)
    return said != rest != folded and _is_bare(_BOUGHT.sub("", said))


def points_to_one(text: str) -> bool:
    """Say whether the message points to an order itself: by number or goods, or as another."""
    folded = fold(text)
    return bool(order_numbers(text) or tail(text) or meant(folded) or _OTHER_ORDER.search(folded))


def wants_list(text: str) -> bool:
    """Say whether the message asks about several orders at once, as in "我最近都买了什么"."""
    return bool(_LIST.search(fold(text)))


def wants_all(text: str) -> bool:
    """Say whether the message wants several orders changed at once, as in "都要退"."""
    return _ALL.search(fold(text)) is not None


def is_other(text: str) -> bool:
    """Say whether the message points away from the order talked of, to another or to all."""
    return _OTHER.search(fold(text)) is not None


def _names(order: Order) -> str:
    return fold(" ".join(f"{item['sku']} {item['name']}" for item in order["items"]))


def _by_name(folded: str, orders: Sequence[Order]) -> frozenset[str]:
    """Return the models of goods whose name without the model stands in the message."""
    items = [item for order in orders for item in order["items"]]
    heads = {fold(i["sku"]).split()[0]: fold(i["name"].split(i["sku"])[0]).strip() for i in items}
    return frozenset(model for model, head in heads.items() if len(head) > 1 and head in folded)


def _upper(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _is_bare(rest: str) -> bool:
    return _FILLER.fullmatch(rest) is not None
