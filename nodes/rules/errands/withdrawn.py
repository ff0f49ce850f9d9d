"""Hear that a write which waits for an order or a yes is no longer wanted, in more than a no."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from nodes.rules.hearing.rewrite_words import ASKS
from tools.text.normalise import fold

MOST_CHARS = 40  # a longer message says more
_DOING: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "refund_request": ("退", "refund|return|send (?:it|them|this) back"),
        "cancel_order": ("取消", "cancel"),
        "change_address": ("改|换", "change"),
    }
)
_CLAUSE_END = re.compile(r"[\s，,、。.!！;；~～]+")
_LEAD = (
    "(?:我们?|因为|但是?|可是?|还是|又|先|暂时|现在|突然|忽然|就|都|全部?|决定|打算|准备|"
    "好的?|嗯|算了[嘛吧]?|等等|等一?下|[哎诶唉呃]呀?|地址|订单|[想要这那单个])*"
)
_NOT = (
    "(?:不|别|甭|唔|没(?:有)?(?:说过?|让|叫|要求)|(?:并|也)?(?:没有?|不是)(?:想|要|打算))"
    "(?:你们?|我|想|打算|准备|用|需要|必|要|再|[给帮]我|去|急着|先)*"
)
_REST = "(?:货|款|钱|单|订单|地址|这|那|个|的|它|掉|了|住|先|吧|啊|呀|啦|哦|哈|呢|嘛)*"
_KEEPS = (
    rf"{_LEAD}(?:留(?:着|下来?)[用它吧了]*"
    "|(?:(?:让|等|容)我)?(?:先|再)(?:用|看|想|试|等|考虑|放)"
    "(?:用|着|看|想|试|等|考虑|天|一段时间|一?下)*[看再说吧了]*"
    "|(?:(?:让|等|容)我)(?:考虑|想)(?:想|考虑|一?下|一?[天晚]上?)*[再说吧了]*"
    "|(?:你|您)?(?:就)?(?:当|算)(?:我)?(?:什么都)?没(?:说过?|讲过?|问过?|这回事|发生过?)[吧了]*"
    "|(?:就)?(?:作罢|拉倒|作废|(?:[帮给]我)?撤[回销了](?:[这那]个|刚才的?)?(?:申请)?|收回|免了|别[弄办搞整]了|不[弄办搞整摆][了咯]|罢了)[吧嘛啊]*"
    "|(?:手滑|[点按]错|误(?:点|触|操作))了?"
    "|(?:改(?:变)?(?:了)?|变)(?:主意|想法|卦)了?)"
)
_KEEPS_EN = re.compile(
    r"\b(?:(?:i(?:'?ll|'?d (?:like|rather|prefer)(?: to)?| will| want to)|let me|decided to|rather)"
    r" keep (?:it|them|this|that|the \w+)\b|(?:i )?(?:have |'ve )?changed my mind\b"
    r"|(?:just |let'?s |ok(?:ay)?,? )*"
    r"(?<!n't )(?<!not )(?:leave|forget|scratch|skip|drop) (?:it|that|this)"
    r"(?: then| as (?:it )?is)?(?=\s*(?:$|[.,!])))"
)
_NOT_EN = (
    r"(?:^|[,.;] ?|\b(?:i|we|i'?m|i am|please|but|so|and|actually) )"  # not "it won't return"
    r"(?:do ?n'?t|do not|wo ?n'?t|will not|no longer|not|did ?n'?t|did not|never)"
    r"(?: (?:want|wish|need|going|like|say|ask|to|a|any|it|you|me|my|the|this|that|for))*"
    r" (?:{doing})(?:ed|ing|led|ling)?\b"
)


def speaks_of(text: str, tool: str) -> bool:
    """Say whether a message names what `tool` does, or a change of mind."""
    doing, english = _DOING[tool]
    folded = fold(text)
    return re.search(rf"{doing}|反悔|\b(?:{english})|\bmy mind\b", folded) is not None


def is_withdrawn(text: str, tool: str) -> bool:
    """Say whether a message takes back what `tool` was to do: 我又不想退了, 还是留着用吧.

    One that still speaks of doing it, 不退货，只退款, or asks something, takes nothing back.
    """
    folded = fold(text).replace("几天", "天")  # 再用几天 asks nothing
    if tool not in _DOING or len(folded) > MOST_CHARS or ASKS.search(folded) or "?" in folded:
        return False
    doing, english = _DOING[tool]
    taken_back = re.compile(rf"{_LEAD}{_NOT}(?:{doing}){_REST}|{_KEEPS}")
    clauses = [clause for clause in _CLAUSE_END.split(folded) if clause]
    left = [clause for clause in clauses if not taken_back.fullmatch(clause)]
    if len(left) < len(clauses):
        return not any(re.search(doing, clause) for clause in left)
    rest = re.sub(_NOT_EN.format(doing=english), "", folded)
    is_kept = rest != folded or _KEEPS_EN.search(folded) is not None
    return is_kept and re.search(rf"\b(?:{english})", rest) is None
