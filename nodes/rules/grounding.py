"""Check that every figure in a generated sentence occurs in its evidence."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.wording.figures import Fact, Kind, facts
from nodes.rules.wording.units import SAME


class Fault(NamedTuple):
    """A figure without evidence, as the sentence writes it."""

    kind: Kind
    value: str


_LIST_MARK = re.compile(
    r"(?:^|\n)\s*(?:[-*]\s*)?(?:\d{1,2}[.、)）](?!\d)|[(（]\d{1,2}[)）]|步骤\s?\d{1,2}\b)"
    r"|(?<=[。；;：])\s?\d{1,2}[.、)）](?!\d)|(?<=[.;:] )\d{1,2}[.)](?=\s?[^\W\d])"
)
_AFTERNOON = re.compile(r"下午|晚上|傍晚|[\d ]p\.?m\b", re.IGNORECASE)
_SORTS = "种"
_SAID_IN_HOURS = ("0.5", "1", "2", "12", "24", "48")  # 72 hours is more exact than 3 days
_LONG = 3  # digits of a number that hardly stands for two things
_EACH = re.compile(  # 每年 1 张 vouches for 一年 1 张, 单台 for 一台
    "每(?=[年月天周]|小时)|(?=[年月]付)|单(?=[台件笔次个张条款])"
)


def check(sentence: str, evidence: Sequence[str]) -> list[Fault]:
    """Return the figures of `sentence` that no evidence holds, in order of kind.

    Spelling does not matter (1,000 = 1000, 两年 = 2 年, 百分之五 = 5%, full-width = half-width);
    the unit does: 7 天 is not 7 个工作日. Citation and list marks are no figures.
    """
    spoken = [fact for fact in facts(_LIST_MARK.sub("\n", sentence)) if fact.value]
    if not spoken:
        return []
    known: dict[tuple[Kind, str], set[str]] = {}
    for text in evidence:
        for fact in facts_in(text):
            known.setdefault((fact.kind, fact.key), set()).add(fact.unit)
    spoken = [fact for fact in spoken if not _is_known(fact, known)]
    if _AFTERNOON.search(sentence):  # 下午 4 点前，4 点后
        spoken = [fact for fact in spoken if ("time", _later(fact)) not in known]
    return [Fault(fact.kind, fact.value) for fact in spoken]


@lru_cache(maxsize=1024)
def facts_in(evidence: str) -> tuple[Fact, ...]:
    """Return the figures of one passage; kept, since it comes up in turn after turn."""
    return tuple(facts(_EACH.sub("每1", _LIST_MARK.sub("\n", evidence))))


def _later(fact: Fact) -> str:
    """Return the time twelve hours later, as a key."""
    hour, _, minute = fact.key.partition(":")
    return f"{int(hour) + 12}:{minute}" if fact.kind == "time" else ""


def _is_known(fact: Fact, known: dict[tuple[Kind, str], set[str]]) -> bool:
    units = known.get((fact.kind, fact.key), set())
    if fact.kind == "phone":
        units = units | known.get(("number", fact.key), set())  # 15000 may be an amount
    if fact.kind != "number":
        return bool(units)
    if fact.unit == _SORTS and not any(_SORTS in of for of in known.values()):
        return True  # who counts what a passage lists says nothing of his own
    if fact.unit in units or (bool(units) and not fact.unit):
        return True
    if "" in units and len(fact.key) >= _LONG:  # 459 points, of which 400 may be used
        return True
    return any(unit in known.get(("number", key), ()) for key, unit in _same_span(fact))


def _same_span(fact: Fact) -> Iterator[tuple[str, str]]:
    """Yield other spellings of a time span: half an hour is 30 minutes, two days are 48 hours."""
    for (large, small), size in SAME.items():
        if fact.unit == large:
            yield f"{float(fact.key) * size:g}", small
        elif fact.unit == small and (large != "天" or fact.key in _SAID_IN_HOURS):
            yield f"{float(fact.key) / size:g}", large
