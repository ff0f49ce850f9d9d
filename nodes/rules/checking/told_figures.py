"""The figures that a customer told of himself, apart from those he asks about."""

import re
from collections.abc import Sequence
from functools import lru_cache

from nodes.rules.wording.figures import unmarked
from nodes.rules.wording.quantities import Figure, before_it, quantities

_ASKED = re.compile(
    r"\s?(?:左右|以?内|以后)?(?:[就能会]|可以)*(?:到账?|好|退|发货?|送到?|修好|收到|拿到|完成)?"
    r"(?:[了的]?(?:[吗吧么对]|是[吗吧不]|没错)|[?？]|$)"
)
_MINE = re.compile(  # 积分怎么用，我有 600 分 asks nothing about the 600; 我能用 600 分 does
    r"(?:我们?|咱们?|家里)(?:[^，,。；;！!？?能会可该得需付交收退]{0,10}(?:有|[买购订拍存充花用装绑挂等攒签到费选][了过的]?)"
    r"|的?[^，,。；;！!？?能会可该得需]{0,6}[是有]|的?[^，,。；;！!？?能会可该得需]{0,3}(?:订单|包裹|购物车)[里共]?)(?:已经?|差不多|大概|将近|约|一共|总共)?\s?$"
    r"|(?:[买购订拍存充花用装绑挂等攒]|下单|签收|消费)了(?:已经?|差不多|大概|将近|约)?\s?$"
    r"|\b(?:i|we)(?:'ve| have| had| bought| paid| spent| ordered)\b[^,.;!?]{0,16}$",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"(?:是不?是?|是否|只?要|\b(?:is it|does it take|will it be))\s?$", re.I)


@lru_cache(maxsize=64)  # the sentences of an answer answer one question
def mentioned(asked: str) -> tuple[Figure, ...]:
    """Return every figure of what the customer said."""
    return tuple(one for text in map(unmarked, asked.split("\n")) for one in quantities(text))


@lru_cache(maxsize=64)
def told_by(asked: str) -> tuple[Figure, ...]:
    """Return the customer's figures, without those he asks about."""
    return tuple(
        one
        for text in map(unmarked, asked.split("\n"))
        for one in quantities(text)
        if not (_is_asked(one, text) or _WHETHER.search(before_it(one, text)))
    )


def _is_asked(one: Figure, text: str) -> bool:
    """Say whether the figure is what a question is about; at the end, unless he says it is his."""
    asked = _ASKED.match(text, one.end)
    is_last = bool(asked) and not text[one.end :].strip()
    return bool(asked) and not (is_last and _MINE.search(before_it(one, text)))


def is_among(one: Figure, own: Sequence[Figure]) -> bool:
    """Say whether a figure is one of the customer's, also of one whose unit he left out."""
    return bool(one.unit) and any(
        (one.size, one.kind) == (other.size, other.kind)
        or (not other.unit and one.key == other.key and len(one.key) > 1)  # 1299 的 V8
        for other in own
    )
