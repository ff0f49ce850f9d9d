"""What a generated reply comes down to: an answer, that there is none, or a question back."""

import re
from typing import Literal

from nodes.rules.wording.sentences import split

_NOTHING = re.compile(
    r"(?:资料|说明|文档|信息)(?:里|中|内)?[^。]{0,12}(?:没有|未)[^。]{0,6}(?:提到|提及|说明|写|给出|涉及|包含)"
    r"|没有(?:提到|提及|相关|找到)|无法(?:回答|确定|提供|告知)|不(?:清楚|知道)|抱歉"
    r"|\b(?:do(?:es)?|did|could|can|is|are|was|were)(?:\s?n[o']t|n't| not)\s+(?:\w+\s+){0,3}"
    r"(?:mention|contain|specif|provid|includ|state|cover|have|find|discuss|indicat|address|know"
    r"|say|answer)\w*"
    r"|\b(?:no|not enough|insufficient)\s+(?:\w+\s+){0,2}"
    r"(?:information|mention|details?|answer|data)\b"
    r"|\b(?:sorry|apologi[sz]e|unable to|unfortunately|not (?:mentioned|specified|provided))\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[?？][\s\"'”’)）\]】]*$")
_WHICH = re.compile(
    r"哪|是指|指的|具体是|\b(?:which|whose|refer\w*|mean|clarify|specify|more specific)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[\d{1,3}\]")


def told(reply: str) -> Literal["answered", "refused", "asked_back"]:
    """Return "asked_back" where it ends by asking which one is meant, however it leads up to that.

    Else "answered" where any sentence states something about the matter.
    """
    sentences, rest = split(reply)
    said = [plain for line in [*sentences, rest] if (plain := _MARK.sub("", line).strip())]
    if said and _ASKS.search(said[-1]) and _WHICH.search(said[-1]):
        return "asked_back"
    stated = [line for line in said if not _ASKS.search(line) and not _NOTHING.search(line)]
    return "answered" if stated else "refused"
