"""What the customer's own quantity comes to at a rate that a passage gives.

100 分抵 1 元 makes 600 points 6 yuan; 加长管 10 元/米 makes three metres 30. What it is said of is
checked with the rate's own figures: 减压阀 30 元 is then 减压阀 10 元.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from nodes.rules.figures import unmarked
from nodes.rules.polarity import pairs
from nodes.rules.quantities import POINTS, Figure, is_equal, quantities
from nodes.rules.told_figures import is_among, mentioned

_GIVES = re.compile(
    r"\s?(?:可以?|能够?|就|就能)?(?:抵扣?|兑换?|换|值|等于|=|折合?|送|得|返|赠|收)\s?"
    r"| (?:is|are) worth | (?:earns?|gets?|buys?|makes?) (?:you )?"
)
_PER = re.compile(r"[元块分]\s?(?:/|每)\s?(?P<of>米|次|台|件|小时|天|月|年|公斤|升|张)")
_CLAUSE = re.compile(r"[^，,。；;！!？?\n（）()]+")
_LATIN = re.compile("[a-z]{2,}")
_STEP = re.compile(r"(?P<n>\d+)\s?\w{0,2}?的?整数倍|\bmultiples of (?P<m>\d+)")


class _Rate(NamedTuple):
    of: float  # how much, in the smallest unit
    kind: str  # of what
    gives: float
    unit: str
    told_of: str  # as the passage writes it; "" in 元/米
    told: str
    about: frozenset[str] = frozenset()  # what stands before it in a list: 加长 PE 管 10 元/米


def at_rate(
    asked: str, said: Sequence[Figure], told: Sequence[Figure], sources: Sequence[str], text: str
) -> dict[Figure, str]:
    """Return each figure given and what it comes to, with the rate's in its place.

    `asked` is what the customer said, `said` the figures of a sentence's `text`, `told` those of
    them that passages have and that may be put at a rate between two quantities. The result must
    come right, stand behind that figure, and have before it what the rate is of: 减压阀 is no
    加长管. 按 100 分的整数倍 leaves 459 points without one.
    """
    rated: dict[Figure, str] = {}
    his = [one for one in said if is_among(one, mentioned(asked))]
    given = [one for one in said if one in told or one in his]
    known = [rate for source in sources for rate in _rates(source)] if given else []
    steps = [step for source in sources for step in _steps(source)] if known else []
    for one in given:
        if any(one.kind == kind and one.size % size for size, kind in steps):
            continue
        for result, rate in (
            (result, rate)
            for result in said
            if result.start > one.start and result.unit not in ("", *POINTS)
            for rate in known
            if (one in his or rate.told_of)
            and (one.kind, result.unit) == (rate.kind, rate.unit)
            and is_equal(result, one.size / rate.of * rate.gives)
            and (not rate.about or rate.about & _words(text[: result.start]))
        ):
            rated |= {one: rate.told_of, result: rate.told}
    return rated


@lru_cache(maxsize=1024)
def _rates(source: str) -> tuple[_Rate, ...]:
    """Return the rates that a passage gives."""
    return tuple(rate for clause in _CLAUSE.findall(unmarked(source)) for rate in _told(clause))


@lru_cache(maxsize=1024)
def _steps(source: str) -> tuple[tuple[float, str], ...]:
    """Return the sizes, each with its kind, of which only multiples count."""
    text = unmarked(source)
    sizes = {float(step["n"] or step["m"]) for step in _STEP.finditer(text)}
    kinds = {(one.size, one.kind) for one in quantities(text) if one.size in sizes}
    return tuple(kinds if sizes else ())


def _words(text: str) -> frozenset[str]:
    """Return the pairs of characters and the Latin words of a text."""
    return frozenset(pairs(text)) | frozenset(_LATIN.findall(text.lower()))


def _told(clause: str) -> Iterator[_Rate]:
    found = list(quantities(clause))
    for one, other in pairwise(found):
        is_rate = _GIVES.fullmatch(clause, one.end, other.start)
        if is_rate and one.size and one.kind != other.kind:
            of, told = clause[one.start : one.end], clause[other.start : other.end]
            yield _Rate(one.size, one.kind, float(other.key), other.unit, of, told)
    for one in found:
        if per := _PER.match(clause, one.end - 1):
            unit = next(quantities(f"1{per['of']}"), None)
            if unit:
                told = clause[one.start : one.end]
                about = _words(clause[: one.start].split("、")[-1])
                yield _Rate(unit.size, unit.kind, float(one.key), one.unit, "", told, about)
