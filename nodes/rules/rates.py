"""What the customer's own quantity comes to at a rate that a passage gives.

100 分抵 1 元 makes 600 points 6 yuan; 加长管 10 元/米 makes three metres 30.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from nodes.rules.figures import unmarked
from nodes.rules.quantities import POINTS, Figure, is_equal, quantities
from nodes.rules.told_figures import is_among, mentioned

_GIVES = re.compile(
    r"\s?(?:可以?|能够?|就|就能)?(?:抵扣?|兑换?|换|值|等于|=|折合?|送|得|返|赠|收)\s?"
    r"| (?:is|are) worth | (?:earns?|gets?|buys?|makes?) (?:you )?"
)
_PER = re.compile(r"[元块分]\s?(?:/|每)\s?(?P<of>米|次|台|件|小时|天|月|年|公斤|升|张)")
_CLAUSE = re.compile(r"[^，,。；;！!？?\n（）()]+")


def at_rate(asked: str, said: Sequence[Figure], sources: Sequence[str]) -> set[Figure]:
    """Return a figure that the customer gave and what it comes to, of those `said` in a sentence.

    `asked` is what the customer said. The result must come right, and stand behind his figure.
    """
    cut = set[Figure]()
    his = [one for one in said if is_among(one, mentioned(asked))]
    known = [rate for source in sources for rate in _rates(source)] if his else []
    for one in his:
        results = {
            result
            for result in said
            if result.start > one.start and result.unit not in ("", *POINTS)
            for of, unit, kind, gives in known
            if (one.kind, result.unit) == (kind, unit) and is_equal(result, one.size / of * gives)
        }
        cut |= {one, *results} if results else set()
    return cut


@lru_cache(maxsize=1024)
def _rates(source: str) -> tuple[tuple[float, str, str, float], ...]:
    """Return how much of which kind gives what, and in which unit."""
    return tuple(rate for clause in _CLAUSE.findall(unmarked(source)) for rate in _told(clause))


def _told(clause: str) -> Iterator[tuple[float, str, str, float]]:
    found = list(quantities(clause))
    for one, other in pairwise(found):
        is_rate = _GIVES.fullmatch(clause, one.end, other.start)
        if is_rate and one.size and one.kind != other.kind:
            yield one.size, other.unit, one.kind, float(other.key)
    for one in found:
        if per := _PER.match(clause, one.end - 1):
            unit = next(quantities(f"1{per['of']}"), None)
            if unit:
                yield unit.size, one.unit, unit.kind, float(one.key)
