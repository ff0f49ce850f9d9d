"""What follows from a customer's figure and one of the passages': 还差 9 元, 最晚 10 号.

Told 买了 90 元, 还差 9 元 need not repeat the 90; told 3 号签收, 10 号 is three and seven days.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.figures import unmarked
from nodes.rules.wording.quantities import MONEY, Figure, is_equal, quantities

_WHO = ("level", "edition", "region", "payment")  # categories whose names have figures of their own
_ANY_YEAR = 2026  # that has 365 days
_MONTHS = (28, 29, 30, 31)


def reckoned(
    results: Sequence[Figure], own: Sequence[Figure], text: str, sources: Sequence[str], asked: str
) -> dict[tuple[int, int], str]:
    """Return the places of `results` that follow, with the passage's figure in their places.

    `own` are the customer's figures. What he is short of is checked as the limit, 新疆还差 9 元 as
    新疆 99 元, and a day as the span, with the one name that he gave himself: 银卡 7 天.
    """
    told = [one for source in sources for one in limits(source)] if results and own else []
    who = set[str]() if _who(text) else _who(asked)
    lead = who.pop() if len(who) == 1 else ""
    return {
        (result.start, result.end): f"{lead}{limit}"
        for result in results
        for mine in own
        for one, limit in told
        if _follows(result, mine, one)
    }


@lru_cache(maxsize=1024)
def limits(source: str) -> tuple[tuple[Figure, str], ...]:
    """Return the single figures of a passage, each as it is written."""
    text = unmarked(source)
    return tuple((one, text[one.start : one.end]) for one in quantities(text))


def _who(text: str) -> set[str]:
    """Return the names in a text that have figures of their own."""
    return {name for _, kind, name in named(folded(text)) if kind in _WHO}


def _follows(result: Figure, mine: Figure, limit: Figure) -> bool:
    if result.unit == "date":
        return (
            mine.unit == "date"
            and limit.unit == "天"
            and result.key in _days_after(mine.key, int(float(limit.key)))
        )
    return (
        limit.kind == result.kind
        and (mine.kind == result.kind or (not mine.unit and result.unit in MONEY))  # 花了 5500
        and is_equal(result, limit.size - mine.size)
    )


def _days_after(key: str, days: int) -> Iterator[str]:
    """Yield the ways to write the day so many days after another: --10, -11-10."""
    year, month, day = (int(part or 0) for part in key.split("-"))
    if not month:
        yield from (f"--{day + days - of:02d}" for of in (0, *_MONTHS) if 0 < day + days - of <= 31)
        return
    try:
        later = date(year or _ANY_YEAR, month, day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return
    yield from (f"{written}{later:%m-%d}" for written in ("-", f"{later.year}-"))
    yield f"--{later:%d}"
