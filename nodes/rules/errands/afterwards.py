"""Hear what is said of a write when none waits: a yes to nothing, a no after it, a promise claimed.

Such a message must not be taken for a farewell, nor for a wish about another order.
"""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage

from graph.state import Pending
from nodes.rules.errands.errands import WRITES
from nodes.rules.errands.goods import said_of_goods
from nodes.rules.errands.orders import is_other, order_numbers
from nodes.rules.errands.pending import OF_ERRAND, Meaning, confirms, resolve
from nodes.rules.errands.turns import noted
from nodes.rules.errands.withdrawn import is_withdrawn, speaks_of
from nodes.rules.hearing.rewrite_words import ASKS
from tools.text.normalise import fold

NOTHING_WAITS = "nothing_waits"  # intents, and reasons of the preset replies to them
DONE_ALREADY = "done_already"
DONE_FOR_GOOD = "done_for_good"
TAKEN_BACK = "taken_back"
CLAIMS = "claims_promise"
ESCALATION = "escalation"  # as in data/intents.yaml
AFTERWARDS = (NOTHING_WAITS, DONE_ALREADY, DONE_FOR_GOOD, TAKEN_BACK, CLAIMS, ESCALATION)

REPEAT_CHARS = 12  # of a message that only says once more what has been done
CLAIM_CHARS = 60  # a longer message says more
_ONCE_MORE = re.compile(
    r"^(?:对|是的?|没错|嗯+|好的?|行|确[认定]|就是|我要|yes|right|correct)(?=$|[\W就是要我确退取改])"
)
_MORE = re.compile("再|还|也|又|另|下一|more|also|too|another")
_WAITED = ("needs_order", "needs_address", "needs_confirmation", "declined")
_GIVES = (
    r"(?:(?<!取消)退(?![货换])|赔|送(?![货到达修过])|免|补|返(?![修厂回])|减(?![少轻弱小])|优惠|便宜"
    r"|打?[\d一二三四五六七八九]折|红包|券)"
)
_CLAIM = re.compile(
    r"(?:你们?|您|客服|店家|商家|主播)[^，。！!；;]{0,8}?"
    rf"(?:(?:答应|承诺|保证|许诺)[^，。！!；;]{{0,12}}?{_GIVES}"
    rf"|说(?:了|过|好)*(?:的?是|要|会|能|可以|肯定|一定|给|帮|随时|全额|免费|都)[^，。！!；;]{{0,8}}?{_GIVES}"
    rf"|说(?:了|过|好)*{_GIVES}(?:我|给我|[\d一二两三四五六七八九十]|了[的啊呀]))"
    r"|(?:你们?|您|客服)[^，。！!；;]{0,6}(?:答应|承诺|许诺)(?:我|了|过|好|的)+[。.!！~\s]*$"
    r"|\byou (?:guys )?(?:said|promised|told me)\b[^.!;]{0,30}"
    r"\b(?:refund|compensat|free|discount|gift)"
)
_GOES_ON = re.compile(  # takes up what was said, and now wishes for just that
    r"[，,。!！;；\s](?:那|那么|所以)?(?:我就?|就|现在)(?:要|想|退|申请|办)|[，,。!！;；\s]那(?:我|就)"
    r"|\b(?:so|then) (?:i|please|refund|do)\b"
)
_THREAT = re.compile(
    r"(?:再不|不然|否则|要不然|小心|信不信)[^。！!?？;；]{0,16}?"
    r"(?:投诉|举报|曝光|起诉|告你|告到|12315|12345|我[要就会先马上]*报警|律师|法院|媒体|记者|工商|消协)"
    r"|[不没][^，,。！!?？]{0,8}就[^，,。！!?？]{0,4}发(?:到|个|上)?(?:抖音|小红书|微博|朋友圈|快手|网上)"
    r"|(?:消协|法院|法庭|黑猫|仲裁庭?|工商局?|12315|12345)(?:上|里|那边?)?(?:见|等着)"
    r"|(?:^|[，,。！!\s]|我们?|现在|马上|这就|只能|只好|已经|准备|要|会|就)"
    r"(?<![不没].)(?:打|找|去找?|请|联系|拨打?)(?:了|过|个)?"
    r"(?:12315|12345|消协|消费者协会|工商局?|市场监管局?|工信部|律师|媒体|记者|法院|警察)"
    r"(?:了|去|来|吧|啊|告你们?|投诉|举报|曝光|起诉|处理|评理)*[\s。.!！~]*$"
    r"|我们?(?:要|已经|就|都|先|去|马上|现在)*报(?:了)?警(?:了|吧|啊)*[\s。.!！~]*$"
    r"|\b(?:or|otherwise|unless)\b[^.!?]{0,30}\b(?:sue|lawyer|report you|press|media|complain)"
)
_UNDER_WAY = re.compile(r"没[有]?(?:收到|到)|到账|didn'?t (?:get|receive)|not received")


def meant(text: str, pending: Pending | None, messages: Sequence[AnyMessage]) -> Meaning:
    """Return what `text` means in the light of what was pending, or else of what was done before.

    `messages` are those of the conversation with this one.
    """
    meaning = resolve(text, pending)
    if meaning.intent or meaning.question is not None:
        return meaning
    if _is_threat(text):
        return Meaning(ESCALATION, "handoff")
    if _is_claim(text):
        return Meaning(CLAIMS, "chat")
    if pending and pending["kind"] in OF_ERRAND:
        return meaning
    intent = _of_no_write(text, [noted(m) for m in messages if isinstance(m, AIMessage)])
    return Meaning(intent, "chat") if intent else meaning


def _of_no_write(text: str, replies: Sequence[dict[str, Any]]) -> str:
    """Return the intent of a message that goes on about a write though none waits; "" for none."""
    folded = fold(text).strip()
    reasons = [reply.get("reason") for reply in replies]
    is_done = reasons[-1:] == ["written"]
    if not is_done and confirms(folded):
        return NOTHING_WAITS
    if is_done and _says_once_more(folded):
        return DONE_ALREADY
    if not any(is_withdrawn(text, tool) and speaks_of(text, tool) for tool in WRITES):
        return ""
    if "written" in reasons:
        return DONE_FOR_GOOD
    was_asked = any(reason in _WAITED or str(reason).startswith("refused_") for reason in reasons)
    return TAKEN_BACK if was_asked else ""


def _says_once_more(folded: str) -> bool:
    """Say whether a message only affirms what has just been done: 没错就是取消, 确认."""
    if len(folded) > REPEAT_CHARS or ASKS.search(folded) or _MORE.search(folded):
        return False
    is_another = is_other(folded) or order_numbers(folded) or said_of_goods(folded)
    is_same = confirms(folded) or any(speaks_of(folded, tool) for tool in WRITES)
    return is_same and not is_another and _ONCE_MORE.match(folded) is not None


def _is_claim(text: str) -> bool:
    """Say whether a message holds somebody to a promise of money or a gift, and asks nothing."""
    folded = fold(text)
    if len(folded) > CLAIM_CHARS or ASKS.search(folded) or _UNDER_WAY.search(folded):
        return False
    if _GOES_ON.search(folded):
        return False
    return _CLAIM.search(folded) is not None


def _is_threat(text: str) -> bool:
    """Say whether a message threatens with a complaint, the press or a court, and asks nothing."""
    folded = fold(text)
    return len(folded) <= CLAIM_CHARS and not ASKS.search(folded) and bool(_THREAT.search(folded))
