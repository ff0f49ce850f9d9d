"""Read a message as the answer to what the bot asked: a choice, a slot, a yes or a no."""

import re
from typing import NamedTuple

from graph.state import Pending, Route
from tools.text.normalise import fold

_YES = re.compile(
    r"^(?:好|好的|好吧|好啊|行|行吧|可以|可以的|是|是的|对|对的|嗯+|要|需要|确认|确定|没错|同意|麻烦了?|那就\S{0,4}吧"
    r"|转吧|转接吧?|请?转|yes|yeah|yep|ok|okay|sure|please|confirm|please do|yes please)[，,。.!！~\s]*(?:谢谢|thanks)?[。.!！~\s]*$"
)
_NO = re.compile(
    r"^(?:不|不用|不用了|不要|不要了|不需要|不必了?|算了|先不|暂时不用|别|取消|不是|no|nope|no thanks|cancel|not now)"
    r"[，,。.!！~\s]*(?:谢谢|thanks)?[。.!！~\s]*$"
)
_ORDINALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "first": 1, "second": 2, "third": 3}
_PICK = re.compile(
    r"^(?:选|我选|要|是)?第?\s*([1-9一二两三四五]|first|second|third)\s*(?:个|条|项|种|one|option)?[。.!！的吧]*$"
)
_LAST = re.compile(r"^(?:选|我选|是)?最后(?:一)?[个条项种][。.!！吧]*$")


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
            chosen = _chosen(folded, pending["options"])
            return Meaning("chosen", "knowledge", chosen) if chosen else Meaning()
        case "offer":
            if _YES.match(folded):
                return Meaning("accepts_person", "handoff")
            return Meaning("declines_person", "chat") if _NO.match(folded) else Meaning()
        case "confirm" if _YES.match(folded) or _NO.match(folded):
            intent = "confirms" if _YES.match(folded) else "declines"
            return Meaning(intent, "account", keep=pending)
        case "slot":
            return Meaning(keep=pending)
    return Meaning()


def _chosen(folded: str, options: list[str]) -> str | None:
    """Return the option named by wording or by position."""
    for option in options:
        if folded == fold(option).strip():
            return option
    if _LAST.match(folded):
        return options[-1]
    if hit := _PICK.match(folded):
        position = _ORDINALS.get(hit[1]) or int(hit[1])
        return options[position - 1] if position <= len(options) else None
    within = [option for option in options if len(folded) >= 2 and folded in fold(option)]
    return within[0] if len(within) == 1 else None
