"""Notice a sum that does not come out, whether or not a passage has its result somewhere."""

import re

from nodes.rules.checking.sums import equations
from nodes.rules.wording.figures import unmarked

_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_OF = re.compile(  # 10%，以售价 2,299 元计算约 230 元
    r"[按以](?:[^，,。；;\d]|[a-zA-Z]\d+){0,16}?(?<![\d.])(?P<of>\d+(?:\.\d+)?)\s?元[^，,。；;\d]{0,4}?算"
    r"[^。；;\d]{0,10}?(?P<comes>\d+(?:\.\d+)?)\s?元"
)
_MOST_SHARES = 16  # of a sentence that is read: each sum looks through all of them
_ROUNDED = 1.0  # yuan by which what is worked out may differ


def misreckoned(sentence: str) -> list[str]:
    """Return the sums of `sentence` that are wrong: equations, and one share of one amount."""
    text = unmarked(sentence)
    found = [text[start:end] for start, end, _, is_true in equations(text) if not is_true]
    told = [(share.start(), share[1]) for share in _SHARE.finditer(text)]
    for match in _OF.finditer(text) if len(told) <= _MOST_SHARES else ():
        shares = [share for at, share in told if at < match.start()] or [one for _, one in told]
        is_one = len(set(shares)) == 1
        if is_one and abs(float(match["of"]) * float(shares[0]) / 100 - float(match["comes"])) > (
            _ROUNDED
        ):
            found.append(match.group())
    return found
