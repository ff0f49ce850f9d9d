"""Read a message as the answer to what the bot asked: a choice, a slot, a yes or a no."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from graph.state import Pending, Route
from nodes.rules.errands import WRITES, corrects, new_address
from nodes.rules.order_tails import denies_order
from nodes.rules.orders import names_goods, order_numbers, pick, points_to_one, wants_all
from nodes.rules.unheard import is_unheard
from nodes.rules.withdrawn import is_withdrawn
from tools.text.normalise import fold

SHORT_CHARS = 30  # a longer message says more than yes or no
CHOSEN = "chosen"  # intent of a pick among the questions offered
BEYOND = "no_such_option"  # intent of a pick by a number that was not offered
_POLITE = r"(?:谢谢|谢了|多谢|麻烦了?|辛苦了?|thanks|thank you|please|pls|thx)"
_STOP = r"[，,、。.!！~～\s]*"
_PARTICLE = "(?:(?<![退款消单改])呢|(?<![是对])[哦喔噢]|[哈啦哟呐])"  # 退款呢 and 是哦 are no yes
_CONFIRMED = "(?:那就?)?我?请?确[认定任][的吧]?|queren|confirm(?:ed)?"
_YES_WORDS = (
    "好[的滴哒得嘞啦呀啊吧呢]?|行[的吧啊呀]?|可以?[的啊呀]?|中|成|是[的啊呀]?|对[的啊呀]?|[嗯恩][呢啊]?|"
    "要[的得]?|需要|得嘞|妥了?|阔以|对头|系[嘅呀啊]?|好嘅|冇问题|确人|没错|没问题|同意|ok[的k]?|okay|就这样办吧?|办吧|帮我办吧?|提交吧?|那就?[好行办][吧的]?|"
    "yes|yeah|yep|yup|yess|ye|y|sure|correct|right|absolutely|go ahead|do it|"
    f"(?:please )?do|that'?s right|[👌👍✅]|{_CONFIRMED}"
)
_NO_WORDS = (
    "不[了]?|不用[了]?|不要[了]?|不需要[了]?|不必[了]?|不行|不可以?|不好|不对|不是[的]?|不同意|不确[认定]|不办[了]?|"
    "(?:那就|还是)?算了[吧]?|先不[了]?|先不用[了]?|先别|暂时不[用要]?[了]?|别[了]?|取消|放弃|免了|没必要|"
    "(?:我)?(?:要)?再?(?:想想|考虑一?下?)吧?|等等|等一?下|再说吧?|buyong|"
    "no|nope|nah|n|no need|not now|not yet|never ?mind|"
    "cancel|stop|wait|do ?n'?t|don’t"
)
# What doing it is called, by tool; `offer` is passing the customer to a person.
_DO = {
    "offer": "请?帮?我?转(?:接|过去)?(?:人工)?(?:客服)?[吧]?|那就转[吧]?|接[吧]?|要人工|"
    "connect me|transfer me",
    "consent": "记住?[吧]?|可以记住?[吧]?|请?记住我?[吧]?|remember me|keep it",
    "forget": "删[吧掉了]?|删除[吧]?|忘了?[吧]?|确[认定](?:要)?(?:删除|忘记)|"
    "delete it|erase it|forget me",
    "refund_request": "申?请?退款?[了掉]?[吧]?|确[认定]退款?|那就退[吧]?|refund it",
    "cancel_order": r"(?:确[认定]|是的?|对的?|没错)[，,\s]*(?:要)?取消[吧了掉]?|"
    "取消(?:这个|该)?订单|那就取消[吧]?|"
    "cancel (?:the|my|this) order",
    "change_address": "改[吧]?|确[认定](?:修)?改|修改|那就改[吧]?|change it",
}
_UNDO = {
    "offer": "不用?转(?:人工)?[了]?|别转[了]?|你(?:继续|接着)?(?:说|回答)[吧]?",
    "consent": "不用?记住?[了]?|别记[住了]?|不要记住?[我]?|do ?n'?t(?: remember me)?",
    "forget": "不删[除了]?|别删[了]?|留着[吧]?|do ?n'?t delete|keep it",
    "refund_request": "不退[了款]?[了]?|别退[了]?|(?:i'?ll )?keep it",
    "cancel_order": "不取消[了]?|别取消[了]?|不用取消[了]?|留着[吧]?|do ?n'?t cancel|keep it",
    "change_address": "不改[了]?|别改[了]?|不用改[了]?",
}
_LEAVES: dict[str, tuple[str, Route, str]] = {  # intent and route of a yes, intent of a no
    "offer": ("accepts_person", "handoff", "declines_person"),
    "consent": ("consents", "chat", "refuses"),
    "forget": ("forgets", "chat", "keeps"),
}
_WELL = "(?:好的?吧?|嗯|哦|那|要不|ok|well|actually|hm+|oh|sorry)"  # before a no: "好的，不用了"
_AMBIGUOUS = re.compile(  # "do cancel", or "no, stop"?
    rf"(?:{_WELL}{_STOP})?(?:取消[吧了]?[。.!！]*|cancel(?: it)?[.!]*)"
)
_ORDINALS = {
    **{"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4},
}
_PICK = re.compile(
    r"^(?:我?就?[选要查看]|是)?(?:the |no\.? ?|number |option )?第?\s*"
    r"([1-9一二两三四五]|first|second|third|fourth)\s*[.、号]?(?:个|条|项|种|单|笔|one|option|order)?"
    r"(?:订单)?[。.!！的吧呢啊]*$"
)
_LAST = re.compile(
    r"^(?:the last(?: one)?|(?:我?[选要]|是)?(?:最后|最下面|最底下)(?:的?一?)?[个条项种单])"
    r"[。.!！吧]*$"
)


class Meaning(NamedTuple):
    """What a message means in the light of what was pending."""

    intent: str = ""  # "" = to be classified
    route: Route = "knowledge"
    question: str | None = None  # the question taken up instead of the message
    keep: Pending = Pending()  # still pending for the nodes of this turn


def resolve(text: str, pending: Pending | None) -> Meaning:
    """Return the meaning of `text`; a message that answers nothing pending drops it."""
    if not pending:
        return Meaning()
    folded = fold(text).strip()
    match pending["kind"]:
        case "choice":
            return _picked(folded, pending)
        case "offer" | "consent" | "forget" as kind:
            return _agreed(folded, kind, pending)
        case "confirm":
            return _confirmation(text, folded, pending)
        case "slot":
            return _filled(text, folded, pending)
    return Meaning()


def spelled_out(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Return the messages, each that picked one of the options before it as what it picked."""
    meant: list[AnyMessage] = []
    options: list[str] = []
    for message in messages:
        if isinstance(message, AIMessage):
            options = message.additional_kwargs.get("kefu", {}).get("options", [])
        elif isinstance(message, HumanMessage):
            chosen = _chosen(fold(message.text).strip(), options)
            message = HumanMessage(chosen, id=message.id) if chosen else message
        meant.append(message)
    return meant


def _agreed(folded: str, kind: str, pending: Pending) -> Meaning:
    """Return the customer's yes or no to what the bot asked leave for."""
    yes, route, no = _LEAVES[kind]
    if _is_no(folded, kind):
        return Meaning(no, "chat")
    if _is_yes(folded, kind):
        return Meaning(yes, route, keep=pending if kind == "consent" else Pending())
    return _picked(folded, pending)


def _picked(folded: str, pending: Pending) -> Meaning:
    """Return the question that was picked among those offered."""
    options = pending.get("options", [])
    if chosen := _chosen(folded, options):
        return Meaning(CHOSEN, "knowledge", chosen)
    return Meaning(BEYOND, "vague", keep=pending) if _is_beyond(folded, options) else Meaning()


def _confirmation(text: str, folded: str, pending: Pending) -> Meaning:
    """Return yes, no or "unclear": a cancellation's "取消" may mean either.

    Another address, another order's number or other goods start the errand anew, and it asks for
    another yes.
    """
    tool = pending["tool"]
    if tool == "cancel_order" and _AMBIGUOUS.fullmatch(folded):
        return Meaning("unclear", "account", keep=pending)
    if is_unheard(folded):
        return Meaning("unclear", "account", keep=pending)
    if _is_no(folded, tool) or is_withdrawn(text, tool):
        return Meaning("declines", "account", keep=pending)
    if _is_yes(folded, tool):
        is_beside = pending.get("put_off") or pending.get("whys")
        is_plain = not is_beside or _says(folded, f"{_DO[tool]}|{_CONFIRMED}")
        return Meaning("confirms" if is_plain else "unclear", "account", keep=pending)
    if pending.get("put_off") and (picked := _picked(folded, pending)).intent:
        return picked
    args: dict[str, Any] = {
        name: pending["args"][name] for name in ("said", "address") if name in pending["args"]
    }
    address = new_address(text) if tool == "change_address" else ""
    is_another = _PICK.match(folded) or names_goods(folded) or denies_order(text)
    if tool == "change_address" and not (address or is_another) and corrects(text):
        args.pop("address", None)  # it can be changed only once, so the whole is asked for
    elif not (address or is_another):
        return Meaning()
    args |= {"address": address} if address else {}
    if not (
        denies_order(text) or points_to_one(text.replace(address, ""))
    ):  # 1 picks the only one there is
        args["order_id"] = pending["args"]["order_id"]
    return Meaning("fills_slot", "account", keep=Pending(kind="slot", tool=tool, args=args))


def _filled(text: str, folded: str, pending: Pending) -> Meaning:
    """Return the pending errand with its missing argument filled in."""
    slot, options = pending["slot"], pending.get("options", [])
    if slot == "address":
        value = new_address(text)
    else:
        value = next(iter(order_numbers(_chosen(folded, options) or "")), "") or pick(text, options)
    if value:
        args = {**pending.get("args", {}), slot: value}
        if slot == "address" and points_to_one(text.replace(value, "")):
            del args["order_id"]
        filled: Pending = {**pending, "args": args}
        return Meaning("fills_slot", "account", keep=filled)
    if is_withdrawn(text, pending["tool"]):
        return Meaning("declines", "account", keep=pending)
    if slot == "order_id" and _is_beyond(folded, options):
        return Meaning(BEYOND, "account", keep=pending)
    if slot == "order_id" and pending["tool"] in WRITES and wants_all(text):
        return Meaning("unclear", "account", keep=pending)  # one by one
    if pending["tool"] == "change_address" and (address := new_address(text)):
        known: Pending = {**pending, "args": {**pending.get("args", {}), "address": address}}
        return Meaning("fills_slot", "account", keep=known)  # "which order?" is asked again
    if _is_no(folded, pending["tool"]):
        return Meaning("declines", "account", keep=pending)
    if _is_yes(folded, pending["tool"]):  # to "which one?": it is asked again
        return Meaning("unclear", "account", keep=pending)
    return Meaning()


def confirms(folded: str) -> bool:
    """Say whether a message only confirms, 好的确认, with the very word that a write waits for."""
    return _says(folded, rf"(?:{_WELL}{_STOP})?{_CONFIRMED}")


def _is_yes(folded: str, doing: str) -> bool:
    return _says(folded, f"{_DO.get(doing, '')}|{_YES_WORDS}".lstrip("|"))


def _is_no(folded: str, doing: str) -> bool:
    words = f"{_UNDO.get(doing, '')}|{_NO_WORDS}".lstrip("|")
    return _says(folded, rf"(?:{_WELL}{_STOP})?(?:{words})")


def _says(folded: str, words: str) -> bool:
    """Say whether the message is made of `words` and thanks only."""
    pattern = (
        rf"(?:{_POLITE}{_STOP})*(?:(?:{words})(?![a-z]){_PARTICLE}?{_STOP}){{1,5}}"
        rf"(?:(?:吧|了)?{_POLITE}你?们?{_STOP})*"
    )
    return len(folded) <= SHORT_CHARS and re.fullmatch(pattern, folded) is not None


def _is_beyond(folded: str, options: list[str]) -> bool:
    """Say whether a message picks by a number that none of the options has."""
    hit = _PICK.match(folded)
    return hit is not None and 0 < len(options) < _position(hit)


def _position(hit: re.Match[str]) -> int:
    return _ORDINALS.get(hit[1]) or int(hit[1])


def _chosen(folded: str, options: list[str]) -> str | None:
    """Return the option named by wording or by position."""
    for option in options:
        if folded == fold(option).strip():
            return option
    if options and _LAST.match(folded):
        return options[-1]
    if hit := _PICK.match(folded):
        position = _position(hit)
        return options[position - 1] if position <= len(options) else None
    within = [option for option in options if len(folded) >= 2 and folded in fold(option)]
    return within[0] if len(within) == 1 else None
