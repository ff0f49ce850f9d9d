"""Hear an order named by the last digits of its number, 尾号7494, or denied, 不是这单."""

import re

from tools.text.normalise import fold

_COUNT = "[三四五六3-6]"
_NAMED = re.compile(
    rf"(?:订单|单)?(?:号码?)?的?(?:(?:末尾|结尾|尾号|尾数|(?:最后|末|后){_COUNT}[位个](?:数字?)?)"
    r"(?:数字|号码)?(?:是|为|[:：])?\s*(?<!\d)(\d{3,6})(?!\d)|(?<!\d)(\d{4,6})(?:结尾|(?=呢[?？]?$)|(?=的?[那这]?一?[个单笔](?!月|人|小时))))"
    r"|\b(?:ending (?:in|with)|ends (?:in|with)|last (?:3|4|three|four)(?: digits)?(?: are| is)?)"
    r" (\d{3,6})\b"
)
_OF_PHONE = re.compile(r"手机|电话|号机|银行卡|卡号|身份证|phone|card|mobile")
_DENIED = re.compile(
    r"(?:[好嗯哦哎对了但可是啊呀，,。\s]|等等|等一?下|确认|也行)*"
    r"(?:(?:但|可)?(?:不是|别|不要)[^，,。.!！?？]{0,4}[这那]一?(?:[单笔]|个订单)"
    r"|(?:弄|搞|选|点|说)错(?:单|订单)了?)(?:订单)?[了吧啊呀。.!！~\s]*"
    r"|(?:ok(?:ay)?|but|no|yes|[,\s])*not (?:this|that) (?:order|one)[\s.!]*"
)


def tail(text: str) -> str:
    """Return the digits by which a message names the end of an order's number; "" for none.

    A phone's or a card's last digits name no order.
    """
    folded = fold(text)
    hit = _NAMED.search(folded)
    if hit is None or _OF_PHONE.search(folded):
        return ""
    return next(filter(None, hit.groups()), "")


def is_plain_tail(text: str) -> bool:
    """Say whether the digits are said to be an order's end; 1599那单 may be a price."""
    hit = _NAMED.search(fold(text)) if tail(text) else None
    return hit is not None and not hit[2]


def without_tail(text: str) -> str:
    """Return a folded text without the words that name the end of an order's number."""
    return _NAMED.sub("", text)


def denies_order(text: str) -> bool:
    """Say whether a message only says that another order is meant: 好 但不是这单."""
    return _DENIED.fullmatch(fold(text).strip()) is not None
