"""What the customer's own quantity comes to at a rate that a passage gives.

100 分抵 1 元 makes 600 points 6 yuan; 加长管 10 元/米 makes three metres 30. What it is said of is
checked with the rate's own figures: 减压阀 30 元 is then 减压阀 10 元.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from nodes.rules.checking.told_figures import is_among, mentioned
from nodes.rules.sense.polarity import pairs
from nodes.rules.wording.figures import unmarked
from nodes.rules.wording.quantities import POINTS, Figure, is_equal, quantities

_GIVES = re.compile(
    r"\s?(?:可以?|能够?|就|就能)?(?:抵扣?|兑换?|换|值|等于|大?约|对应|要|=|折合?|送|得|返|赠|收){1,2}\s?"
    r"| (?:is|are) worth | (?:earns?|gets?|buys?|makes?) (?:you )?"
)
_PER = re.compile(r"[元块分]\s?(?:/|每)\s?(?P<of>米|次|台|件|小时|天|月|年|公斤|升|张)")
_EACH = re.compile(r"(?:每个?|[包按])(?P<of>米|次|台|件|小时|天|月|年|杯|升|张|单)付?\D{0,8}$")
_PLAN = re.compile(r"(?:(?P<month>月付|\bmonthly\b)|年付|\b(?:yearly|annual)\b)[^,，。.\d]{0,20}$")
_SPANS = ("月", "年")  # 算 12 个月 needs nobody to have told the 12
_IN_ALL = re.compile("下来|[就也]是|算|共|加起来")
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
    unit_of: str = ""  # the unit of what it is of, as written
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
    spans = [one for one in said if one.unit in _SPANS]
    given = [one for one in said if one in told or one in his or one in spans]
    known = [rate for source in sources for rate in _rates(source)] if given else []
    if given:  # 1 杯约 180 毫升，3 杯就是 540 毫升
        evident = {text[one.start : one.end] for one in told}
        known += [one for one in _rates(text) if one.told_of in evident and one.told in evident]
    steps = [step for source in sources for step in _steps(source)] if known else []
    for one in given:
        if any(one.kind == kind and one.size % size for size, kind in steps):
            continue
        for result, rate in (
            (result, rate)
            for result in said
            if result.start > one.start and result.unit not in ("", *POINTS)
            for rate in known
            if (one in his or rate.told_of or (one in spans and _is_reckoned(one, rate, text)))
            and (one.kind, result.unit) == (rate.kind, rate.unit)
            and is_equal(result, one.size / rate.of * rate.gives)
            and (not rate.about or rate.about & _words(text[: result.start]))
        ):
            rated |= {one: rate.told_of, result: rate.told}
    return rated


def _is_reckoned(one: Figure, rate: _Rate, text: str) -> bool:
    """Say whether a span of several of the rate's, or a year of its months, is reckoned up."""
    if (rate.unit_of, one.unit) == _SPANS:
        return bool(_IN_ALL.search(text))
    return rate.unit_of == one.unit and one.key != "1"


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
    return pairs(text) | frozenset(_LATIN.findall(text.lower()))


def _told(clause: str) -> Iterator[_Rate]:
    found = [one for one in quantities(clause) if one.unit not in POINTS]  # 每天 9:00 is no rate
    for one, other in pairwise(found):
        is_rate = _GIVES.fullmatch(clause, one.end, other.start)
        if is_rate and one.size and one.kind != other.kind:
            of, told = clause[one.start : one.end], clause[other.start : other.end]
            yield _Rate(one.size, one.kind, float(other.key), other.unit, of, told)
    for one in found:
        lead = clause[: one.start]
        if per := _PER.match(clause, one.end - 1) or _EACH.search(lead):
            of = f"1{per['of']}"
        elif plan := _PLAN.search(lead):
            of = "1月" if plan["month"] else "1年"
        else:
            continue
        unit = next(quantities(of), None)
        if unit and unit.unit != one.unit:
            told = clause[one.start : one.end]
            about = frozenset[str]() if not per else _words(lead.split("、")[-1])
            yield _Rate(unit.size, unit.kind, float(one.key), one.unit, "", told, unit.unit, about)
