"""Figures of a sentence that need no passage: a customer's own, and what is worked out in sight.

您要买 15 台，超过了 10 件的上限 repeats what the customer told and holds it against the passage's
figure; 上门 40 元，检测 30 元，一共 70 元 shows how it comes to 70. What a customer only asks about
(5 天能到吗) is none of it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from nodes.rules.figures import spans, unmarked
from nodes.rules.grounding import check
from nodes.rules.sums import equations
from nodes.rules.units import measured

_COMPARED = re.compile(
    "(?P<under>(?:没有?|[未不])(?:到|达|满|够|足|超过?|超出|过(?!期))|[低少小]于|早于|还在|还[差剩]|以内|之内"
    r"|\b(?:within|below|under|less than|short of|not (?:over|above)|before)\b)"
    "|超[过出了]|[高多大晚]于|过了|已?达到|已满|满了|够"
    r"|\b(?:above|over|exceed(?:s|ed|ing)?|past|beyond|more than|later than)\b",
    re.IGNORECASE,
)
_LIVED = re.compile(r"\s?(?:还?没|还?未|\bago\b)")  # 您的包裹三天没动: it is so for the customer
_WAITED = re.compile("等了?[^，,。；;]{0,3}$")  # 您已经等了 9 天
_POINTS = ("time", "date")
_DEED = re.compile(  # 您 5 月 3 日签收的
    r"\s?(?:才|就|已经?)?(?:签收|收到?|下单|付|支付|买|购买|申请|提交|寄|拍|开通|续|放|充|预约)"
    r"[^，,。；;]{0,3}(?=[，,。；;])"
)
_HIS = re.compile(r"[您你][^，,。；;]{0,12}$|\byour[^,.;]{0,20}$", re.IGNORECASE)
_HAS = re.compile(  # 您买了 15 台; what he may, must or gets is the seller's
    r"[您你](?:[^，,。；;可能会将须需应必免付交收退得享借领送赔补]{0,10}|[^，,。；;]{0,4}(?:支付|付|收到)了)$"
)
_AGAIN = re.compile(r"[这该那]\s?$")
_NEAR_CHARS = 30  # from a customer's figure to the word that compares it
_LIMITED = re.compile(  # 最多 15 台 is a limit of the seller's
    r"(?:[最至][多少高低长短大小早晚迟快慢]|不到|[超不没]过|超出|[不没未]?满|[低少小高多大]于|上限|限|[不没未][足够]|在|每"
    r"|\b(?:in|within|up to|at (?:most|least)|under|over|than|every|above|below|after))"
    r"(?:能|可以?|是|为|[打买退付存]到?|约)*\s?$",
    re.IGNORECASE,
)
_LIMITS = re.compile(r"\s?(?:以?内|之内|以[上下]|起|前)")
_ASKED = re.compile(
    r"\s?(?:左右|以?内|以后)?(?:[就能会]|可以)*(?:到账?|好|退|发货?|送到?|修好|收到|拿到|完成)?"
    r"(?:[了的]?(?:[吗吧么对]|是[吗吧不]|没错)|[?？]|$)"
)
_WHETHER = re.compile(r"(?:是不?是?|是否|只?要|\b(?:is it|does it take|will it be))\s?$", re.I)
_RECKONS = re.compile(
    r"一共|合计|总[共计]|共计|共(?=\s?\d)|加起来|省|差|剩|凑|还要|算下来|按(?:[^，,。]|,(?=\d)){1,16}算|相当于|[=＝]"
    r"|\b(?:in total|altogether|sav(?:e|es|ing)|total|difference|left|comes? to|adds? up)\b",
    re.IGNORECASE,
)
_RECKONED_CHARS = 12  # from the word that reckons to the result
_MONEY = ("元", "美元")
_MOST = 8  # figures of a sentence that are reckoned with


class _Figure(NamedTuple):
    start: int
    end: int
    key: str
    unit: str
    size: float  # in the smallest unit
    kind: str  # the smallest unit


def without_own(sentence: str, sources: Sequence[str], asked: str = "", before: str = "") -> str:
    """Return `sentence` without the figures that no passage need hold.

    `asked` is what the customer said, `before` the answer so far: its figures may be reckoned with.
    A sentence that has none comes back as it is.
    """
    reckons = _RECKONS.search(sentence)
    own = _told(asked)
    if not reckons and not own:
        return sentence
    text = unmarked(sentence)
    said = list(_figures(text))[:_MOST]
    told = [one for one in said if _is_told(one, own)]
    known = [one for one in said if not check(text[one.start : one.end], sources)]
    cut = {(one.start, one.end) for one in told if _is_own(one, known, text)}
    if reckons:
        cut |= _worked_out(text, said, known, told, before)
        cut |= set(_written_out(text, sources, f"{asked}\n{before}"))
    for start, end in sorted(cut, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text if cut else sentence


def _worked_out(
    text: str,
    said: Sequence[_Figure],
    known: Sequence[_Figure],
    told: Sequence[_Figure],
    before: str,
) -> set[tuple[int, int]]:
    """Return the places of results, and of the customer's figures they are worked out from."""
    cut = set[_Figure]()
    others = {*known, *told, *_earlier(before)}
    for one in said:
        if one.unit in ("", *_POINTS) or not _is_result(one, text):
            continue
        operands = _operands(one, others)
        if one not in known or set(operands) & set(told):
            cut |= {one, *operands} - (set(known) - {one}) if operands else set()
    results = {(one.key, one.unit) for one in cut}
    cut |= {  # 还差 10 天，这 10 天的费用
        one for one in said if (one.key, one.unit) in results and _AGAIN.search(_before(one, text))
    }
    return {(one.start, one.end) for one in cut if one in said}


def _written_out(text: str, sources: Sequence[str], told: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the sums that come out and whose operands are known."""
    known = [*sources, told]
    for start, end, operands, is_true in equations(text):
        if is_true and not any(check(operand, known) for operand in operands):
            yield start, end


def _earlier(before: str) -> list[_Figure]:
    """Return the last figures of the answer so far."""
    return list(_figures(unmarked(before)))[-_MOST:] if before else []


def _figures(text: str) -> Iterator[_Figure]:
    """Yield the single quantities, times and days of `text`, no ranges."""
    found = list(spans(text))
    starts = Counter(start for start, *_ in found)
    for start, end, key, unit in sorted(found):
        if starts[start] == 1:
            yield _Figure(start, end, key, unit, *_size(key, unit))


def _size(key: str, unit: str) -> tuple[float, str]:
    """Return what is compared of a figure: minutes of the day, days of the year, an amount."""
    if unit == "time":
        hour, _, minute = key.partition(":")
        return int(hour) * 60 + int(minute), unit
    if unit == "date":
        year, month, day = (int(part or 0) for part in key.split("-"))
        return (year * 12 + month) * 31 + day, unit
    return measured(float(key), unit)


@lru_cache(maxsize=64)  # the sentences of an answer answer one question
def _told(asked: str) -> tuple[_Figure, ...]:
    """Return the customer's figures, without those he asks about."""
    return tuple(
        one
        for text in map(unmarked, asked.split("\n"))
        for one in _figures(text)
        if not (_ASKED.match(text, one.end) or _WHETHER.search(_before(one, text)))
    )


def _is_told(one: _Figure, own: Sequence[_Figure]) -> bool:
    return bool(one.unit) and any(
        (one.size, one.kind) == (other.size, other.kind)
        or (not other.unit and one.key == other.key and len(one.key) > 1)  # 1299 的 V8
        for other in own
    )


def _is_own(one: _Figure, known: Sequence[_Figure], text: str) -> bool:
    """Say whether a figure that the customer told is told back to him, and truly compared."""
    holds = _comparison(one, known, text)
    if one.unit in _POINTS:
        return holds or (holds is None and _is_his(one, text, _DEED))
    is_waited = _HIS.search(before := _before(one, text)) and _WAITED.search(before)
    return holds or bool(is_waited) or _is_his(one, text, _LIVED) or _is_restated(one, text)


def _is_his(one: _Figure, text: str, so: re.Pattern[str]) -> bool:
    """Say whether the figure stands in the customer's clause, before what is `so` for him."""
    return bool(_HIS.search(_before(one, text)) and so.match(text, one.end))


def _is_restated(one: _Figure, text: str) -> bool:
    """Say whether the figure is told back as the customer's: 您采购 12 台, 数量（15 台）."""
    before, after = _before(one, text), text[one.end : one.end + 1]
    is_limit = _LIMITED.search(before) or _LIMITS.match(text, one.end)
    if is_limit or _COMPARED.search(text, one.end, one.end + _NEAR_CHARS):
        return False  # a comparison that was not found to hold is a claim
    is_aside = before.rstrip().endswith(("（", "(")) and after in ("）", ")")
    return bool(_HAS.search(before)) or (is_aside and not _LIMITED.search(before.rstrip(" （(")))


def _before(one: _Figure, text: str) -> str:
    return text[max(0, one.start - 24) : one.start]


def _comparison(one: _Figure, known: Sequence[_Figure], text: str) -> bool | None:
    """Say whether the figure is truly held against one of the passages'; None if it is not held.

    What is itself a limit (最多 15 台, 20 天内) is the seller's.
    """
    word = _COMPARED.search(text, one.end, one.end + _NEAR_CHARS)
    others = [other for other in known if other.kind == one.kind and other != one]
    if not word or not others:
        return None
    if _LIMITED.search(_before(one, text)) or _LIMITS.match(text, one.end):
        return False
    if word["under"]:
        return any(one.size <= other.size for other in others)
    return any(one.size >= other.size for other in others)


def _is_result(one: _Figure, text: str) -> bool:
    """Say whether the figure stands where a sum is told: 一共 70 元; 满 89 元 is a condition."""
    before, after = _before(one, text), text[one.end : one.end + _RECKONED_CHARS]
    near = f"{before[-_RECKONED_CHARS:]}\n{after}"
    return _RECKONS.search(near) is not None and not _LIMITED.search(before)


def _operands(result: _Figure, others: set[_Figure]) -> tuple[_Figure, ...]:
    """Return the figures of a sentence that `result` is worked out from, () for none."""
    for one, other in permutations(sorted(others - {result}), 2):
        if any(_is_equal(result, size) for size in _results(result, one, other)):
            return one, other
    return ()


def _results(result: _Figure, one: _Figure, other: _Figure) -> Iterator[float]:
    """Yield what two figures may come to in the result's unit."""
    if one.kind == other.kind == result.kind:
        yield one.size + other.size
        yield one.size - other.size
    elif (
        one.unit in _MONEY and one.unit == result.unit and other.unit not in (*_MONEY, *_POINTS, "")
    ):
        yield one.size * float(other.key) * (0.01 if other.unit == "%" else 1)


def _is_equal(result: _Figure, size: float) -> bool:
    """Say whether a figure is `size`, which may have been rounded to a whole one."""
    is_whole = "." not in result.key and result.unit in _MONEY
    return abs(result.size - size) <= (0.5 if is_whole and size % 1 else 1e-6)
