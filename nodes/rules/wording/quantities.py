"""The figures of a text that can be compared and reckoned with."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from nodes.rules.wording.figures import spans
from nodes.rules.wording.units import measured

POINTS = ("time", "date")
MONEY = ("元", "美元")
LIMITED = re.compile(  # 最多 15 台 is a limit of the seller's
    r"(?:[最至][多少高低长短大小早晚迟快慢]|不到|[超不没]过|超出|[不没未]?满|[低少小高多大]于|上限|限|[不没未][足够]|在|每"
    r"|\b(?:in|within|up to|at (?:most|least)|under|over|than|every|above|below|after))"
    r"(?:能|可以?|是|为|[打买退付存]到?|约)*\s?$",
    re.IGNORECASE,
)
_LIMITS = re.compile(r"\s?(?:以?内|之内|以[上下]|起|前)")


class Figure(NamedTuple):
    """A quantity, a time or a day, and where it stands."""

    start: int
    end: int
    key: str
    unit: str
    size: float  # in the smallest unit
    kind: str  # the smallest unit


def quantities(text: str) -> Iterator[Figure]:
    """Yield the single quantities, times and days of plain `text`, no ranges."""
    found = list(spans(text))
    starts = Counter(start for start, *_ in found)
    for start, end, key, unit in sorted(found):
        if starts[start] == 1:
            yield Figure(start, end, key, unit, *_size(key, unit))


def _size(key: str, unit: str) -> tuple[float, str]:
    """Return what is compared of a figure: minutes of the day, days of the year, an amount."""
    if unit == "time":
        hour, _, minute = key.partition(":")
        return int(hour) * 60 + int(minute), unit
    if unit == "date":
        year, month, day = (int(part or 0) for part in key.split("-"))
        return (year * 12 + month) * 31 + day, unit
    return measured(float(key), unit)


def before_it(one: Figure, text: str) -> str:
    """Return what stands just before a figure of `text`."""
    return text[max(0, one.start - 24) : one.start]


def is_limit(one: Figure, text: str) -> bool:
    """Say whether a figure of `text` is where something begins or ends: 满 99 元, 7 天内."""
    return bool(LIMITED.search(before_it(one, text)) or _LIMITS.match(text, one.end))


def is_equal(result: Figure, size: float) -> bool:
    """Say whether a figure is `size`, which may have been rounded to a whole one."""
    is_whole = "." not in result.key and result.unit in MONEY
    return abs(result.size - size) <= (0.5 if is_whole and size % 1 else 1e-6)
