"""What a follow-up wants: as heard with what it leans on, and by itself."""

import re
from collections.abc import Sequence

from nodes.rules.errands.errands import READS, WRITES
from nodes.rules.hearing.asked import supposes
from nodes.rules.hearing.faults import tells_fault
from nodes.rules.hearing.leaning import weight_of
from nodes.rules.hearing.rewrite_words import ASKS
from nodes.rules.hearing.smells import is_danger
from tools.classify import Classification
from tools.text.normalise import language
from tools.text.signals import without_anger

SURELY_ASIDE = 0.8  # chance from which a follow-up heard by itself is small talk or a complaint
SURELY_ERRAND = 0.9  # the same, from which it is an errand of its own
SURELY_CASE = 0.5  # chance below which a person is offered, not called
SURELY_CHAT = 0.7  # the same, below which a question is none of small talk
LIKELIEST = 0.5  # below it another intent may be as likely
SURELY_LONE, SURELY_FIGURE = 0.6, 0.95  # and a lone English word, and English with a figure
PARCELS = ("logistics", "order_status")  # tools after which goods may no longer be wanted
_UNWANTED = re.compile("(?:不想?|不打算)要了|不要了吧?$|don'?t want it any ?more", re.IGNORECASE)

_HASTE = re.compile(
    r"^(?:你们?|能不能|可不可以|麻烦|请|就)*"
    r"(?:快点儿?|赶紧的?|抓紧|搞快点?|速度快?点?|hurry(?: up)?)"
    r"(?:行不行|行吗|好不好|好吗|可以吗|啊|吧|呀|嘛|的)*[\s。.!！?？~]*$",
    re.IGNORECASE,
)
_BLAMED = re.compile(  # whom or what anger is about, when it says nothing of its cause
    r"服务|客服|态度|质量|产品|东西|玩意|公司|平台|商家|店家?|品牌|系统|实在|简直|[人家真够死]"
    r"|\b(?:services?|support|quality|products?|things?|company|really|very|absolutely|so)\b"
)
_SOMEBODY = re.compile(  # a wish for a person has a word for one; English is not told by words
    "[人员专]|客服|经理|主管|领导|老板|负责|同事|师傅|工程师|售后|[a-z]", re.IGNORECASE
)
_STILL = "(?:还是|依然|依旧|仍然?|照样|照旧|跟?(?:之前|原来|刚才|以前)(?:还是)?)"
_DONE = "(?:试|做|弄|看|查|检查|照做|照办|重启|重装|清理?|擦|洗|换|删|录|插|调)(?:过|了|完|好了)"
_END = r"(?=$|[\s，,。！!~])"
_UNHELPED = re.compile(
    rf"^(?:可是?|但是?|不过|我)?(?:都|已经|也|全)?(?:按|照)?[^，,。？?！!]{{0,6}}{_DONE}[^？?]{{0,12}}?"
    rf"(?:{_STILL}|没用|没变化|不行|不管用|一?个?样)"
    rf"|^{_STILL}(?!算了)(?:老样子|这样|那样|一?个?样|不行|没用|没好|没反应|[^，,。]{{1,8}}[啊了呀着]){_END}"
    r"|^(?:根本|完全|还是|也|都|啥)?(?:没(?:啥|什么)?(?:用|效果?|变化|改善|好转)"
    rf"|不(?:管用|起作用|顶用)|白(?:折腾|弄|忙|费劲))(?:啊|了|呀|的)?{_END}"
    r"|\b(?:did(?:n't| not) (?:help|work)|still (?:doesn't|does not|not|no|won't)"
    r"|same (?:problem|as before)|no (?:change|luck|difference))\b",
    re.IGNORECASE,
)
_IN_VAIN = re.compile(
    r"^我?(?:都|已经|也)?[^，,。？?！!]{0,4}[，,\s]*(?:还是|依然|也|都|根本|完全)?"
    r"(?:没用|没有用|不行|不管用|不起作用|没效果|没变化|没改善)(?:啊|了|呀|的)?[\s。.!！~]*$"
    r"|(?:(?:it|that|this) )?did(?:n't| not) (?:help|work)[\s.!]*$",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    rf"^(?:可是?|但是?)?{_STILL}(?:很|那么|这么)?([^\sA-Za-z0-9，,。.？?！!~]{{1,4}})[。.！!~]*$"
)


def is_still_so(said: str, question: str) -> bool:
    """Say whether a message says again, with "still", what stands in `question` before it."""
    again = _AGAIN.match(said)
    return again is not None and question.count(again[1]) > 1  # the question ends with the message


def says_no_more(said: str) -> bool:
    """Say whether a message that tells that nothing has helped says nothing else."""
    return _IN_VAIN.match(said) is not None


def is_unhelped(said: str) -> bool:
    """Say whether a message tells that what was advised has not helped, and asks nothing."""
    return _UNHELPED.search(said) is not None and not ("呢" in said or ASKS.search(said))


def is_unwanted(said: str, shown: Sequence[str], told: str) -> bool:
    """Say whether the goods of which the shop's tool `told` are no longer wanted.

    A wish for a person, or danger, goes before.
    """
    is_more = "wants_person" in shown or is_danger(said)
    return told in PARCELS and _UNWANTED.search(said) is not None and not is_more


def is_aside(alone: Classification) -> bool:
    """Say whether a follow-up, heard by itself, is small talk or a complaint for sure."""
    return alone.route in ("chat", "offer") and alone.confidence >= SURELY_ASIDE


def is_outburst(said: str, shown: Sequence[str]) -> bool:
    """Say whether a message only shows anger or haste, 垃圾 or 快点, and nothing of its cause.

    漏电了！！！ and 垃圾，退钱 name one.
    """
    is_angry = "angry" in shown
    if "wants_person" in shown or not (is_angry or _HASTE.search(said)):
        return False
    rest = without_anger(said).strip(" ，,。.!！") if is_angry else said
    return weight_of(_BLAMED.sub("", _HASTE.sub("", rest))) == 0


def as_far_as_sure(found: Classification, said: str = "") -> Classification:
    """Return what is barely a case for a person as a complaint: it offers one, or is answered.

    What is barely small talk is looked up, and so are a device's fault, an if, and what is barely a
    wish for a person but names none: 我要预约.
    """
    only_supposes = found.tool in READS and supposes(said)  # the shop's records tell what is
    is_unsure = found.intent == "escalation" and found.confidence < SURELY_ERRAND
    is_fault = (found.route == "account" or is_unsure) and tells_fault(said)
    if is_fault or (found.route == "account" and only_supposes):
        return found._replace(intent="knowledge", route="knowledge", tool="")
    if found.route == "chat" and found.confidence < _surely_chat(said):
        return found._replace(intent="knowledge", route="knowledge")
    if (
        found.intent == "human"
        and found.confidence < LIKELIEST
        and said
        and not _SOMEBODY.search(said)
    ):
        return found._replace(intent="knowledge", route="knowledge")
    is_barely = found.intent == "escalation" and found.confidence < SURELY_CASE
    return found._replace(intent="dissatisfied", route="offer") if is_barely else found


def _surely_chat(said: str) -> float:
    """Return the chance from which a message is small talk: "just 5%" is hardly a farewell."""
    if ASKS.search(said):
        return SURELY_CHAT
    if language(said) != "en":
        return LIKELIEST
    if any(map(str.isdigit, said)):
        return SURELY_FIGURE
    return 0.0 if " " in said.strip() else SURELY_LONE


def of_both(
    joined: Classification,
    alone: Classification,
    *,
    is_at_shop: bool,
    is_let_be: bool = False,
) -> Classification:
    """Return what a follow-up wants.

    Thanks, anger and an errand said whole are heard in the message itself. A question about how
    things are done stays one, though it leans on an order. What makes a case for a person only by
    what it leans on, and barely, makes an offer. A change that was just let be (`is_let_be`) is
    wished for only in words of its own.
    """
    if is_aside(alone):
        return alone
    if is_let_be and joined.tool in WRITES and alone.tool != joined.tool:
        return alone
    if alone.route == "account" and alone.confidence >= SURELY_ERRAND:
        return joined if joined.intent == alone.intent else alone
    if joined.route == "account" and alone.route == "knowledge" and not is_at_shop:
        return alone
    if joined.route == "handoff" != alone.route and joined.confidence < SURELY_CASE:
        return joined._replace(intent="dissatisfied", route="offer")
    return joined
