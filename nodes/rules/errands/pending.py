"""Read a message as the answer to what the bot asked: a choice, a slot, a yes or a no."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from graph.state import Pending, Route
from nodes.rules.errands.errands import WRITES, corrects, new_address
from nodes.rules.errands.order_tails import denies_order
from nodes.rules.errands.orders import names_goods, order_numbers, pick, points_to_one, wants_all
from nodes.rules.errands.turns import noted
from nodes.rules.errands.withdrawn import is_withdrawn, speaks_of
from nodes.rules.errands.yes_words import (
    CONFIRMED,
    DO,
    NO_WORDS,
    ONLY,
    PARTICLE,
    POLITE,
    STOP,
    UNDO,
    YES_WORDS,
)
from tools.text.normalise import fold

SHORT_CHARS = 30  # a longer message says more than yes or no
CHOSEN = "chosen"  # intent of a pick among the questions offered
OF_ERRAND = ("confirm", "slot")  # kinds of what is pending while an errand goes on
BEYOND = "no_such_option"  # intent of a pick by a number that was not offered
_LEAVES: dict[str, tuple[str, Route, str]] = {  # intent and route of a yes, intent of a no
    "offer": ("accepts_person", "handoff", "declines_person"),
    "consent": ("consents", "chat", "refuses"),
    "forget": ("forgets", "chat", "keeps"),
}
_WELL = "(?:好的?吧?|嗯|哦|那|要不|ok|well|actually|hm+|oh|sorry)"  # before a no: "好的，不用了"
_AMBIGUOUS = re.compile(  # "do cancel", or "no, stop"?
    rf"(?:{_WELL}{STOP})?(?:取消[吧了]?[。.!！]*|cancel(?: it)?[.!]*)"
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

_UNHEARD = re.compile(  # 你再说一遍？
    r"(?:你|请|麻烦|能不能|可以|啊|什么|[，,\s])*"
    r"(?:(?:再|重新)(?:说|讲|发|念)一?[遍次下]|重复一?[遍下]|没[看听][懂清明白]+|看不懂|啥意思|什么意思)"
    r"[吗呢啊吧了。.!！?？\s]*"
    r"|(?:sorry|please|can you|could you|[,\s])*(?:say|repeat) (?:that|it)(?: again)?[.?!\s]*"
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
            options = noted(message).get("options", [])
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
        is_plain = not is_beside or _says(folded, f"{DO[tool]}|{CONFIRMED}")
        return Meaning("confirms" if is_plain else "unclear", "account", keep=pending)
    is_of_several = _PICK.match(folded) or (wants_all(text) and speaks_of(text, tool))
    if pending["args"].get("next") and is_of_several:
        return Meaning("unclear", "account", keep=pending)  # 第二个, 都取消: one by one
    is_beside = pending.get("put_off") and not any(map(confirms, pending.get("options", [])))
    if is_beside and (picked := _picked(folded, pending)).intent:
        return picked
    args: dict[str, Any] = {
        name: pending["args"][name] for name in ("said", "address") if name in pending["args"]
    }
    address = new_address(text) if tool == "change_address" else ""
    wish = re.sub(ONLY.get(tool, "$"), "", folded)  # 不对，只取消A9
    is_another = _PICK.match(folded) or names_goods(wish) or denies_order(text)
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
    return _says(folded, rf"(?:{_WELL}{STOP})?{CONFIRMED}")


def is_unheard(folded: str) -> bool:
    """Say whether a message says no more than that what was just said is to be said again."""
    return _UNHEARD.fullmatch(folded) is not None


def agrees(text: str, tool: str) -> bool:
    """Say whether a message is a yes to what `tool` does, be it a mere one, 好的."""
    return _is_yes(fold(text).strip(), tool)


def _is_yes(folded: str, doing: str) -> bool:
    return _says(folded, f"{DO.get(doing, '')}|{YES_WORDS}".lstrip("|"))


def _is_no(folded: str, doing: str) -> bool:
    words = f"{UNDO.get(doing, '')}|{NO_WORDS}".lstrip("|")
    return _says(folded, rf"(?:{_WELL}{STOP})?(?:{words})")


def _says(folded: str, words: str) -> bool:
    """Say whether the message is made of `words` and thanks only."""
    pattern = (
        rf"(?:{POLITE}{STOP})*(?:(?:{words})(?![a-z]){PARTICLE}?{STOP}){{1,5}}"
        rf"(?:(?:吧|了)?{POLITE}你?们?{STOP})*"
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
