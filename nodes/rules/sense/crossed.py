"""Notice two clauses that have exchanged what two neighbouring clauses of a passage say.

普通件由北辰取，大件由迅达搬 is no 普通件由迅达取，大件由北辰搬: one half of each clause
stands in the other's. Every word may be in the passage; only who goes with what is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from nodes.rules.sense.english import GRAMMAR
from nodes.rules.sense.polarity import ASKS, pairs
from nodes.rules.wording.asides import apart
from nodes.rules.wording.condition_names import folded
from nodes.rules.wording.figures import figures
from nodes.rules.wording.numerals import arabic

_CLAUSE = re.compile(r"(?:[^，,。；;：:！!？?\n、]|:(?=\d))+[？?]?")
_SIDES = re.compile(r"而(?!且)|不过|但是?|\b(?:than|while|but|whereas)\b")
_BOTH = re.compile(rf"{_SIDES.pattern}|\b(?:or|and)\b")  # lists have none: misuse or water
_WORD = re.compile(r"[a-z]{3,}|[a-z]+\d[a-z0-9]*")
_COUNTED = frozenset(("after", "before", "days", "hours", "months", "years", "working"))
_DIGIT = re.compile(r"\d")
_NEAR = 2  # clauses between the two that are exchanged, at most
_MOST = 12  # clauses of a sentence that are compared with one another

_Terms = frozenset[str]


def crossed(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return what the clauses of `sentence` have exchanged, as the words of two of them."""
    said = list(_clauses(_listed(sentence)))[:_MOST]
    return [
        f"{min(one)} {min(other)}"
        for source in sources
        for first, second in combinations(said, 2)
        for one, other in _exchanged(first - second, second - first, _known(source))
    ]


def _exchanged(
    one: _Terms, other: _Terms, known: Sequence[_Terms]
) -> Iterator[tuple[_Terms, _Terms]]:
    """Yield the halves of `one` that two clauses hold, each beside a half of `other`."""
    mixed = [(at, clause) for at, clause in enumerate(known) if clause & one and clause & other]
    neighbours = [
        (left, right)
        for n, (at, left) in enumerate(mixed)
        for after, right in mixed[n + 1 : n + 1 + _NEAR]
        if after - at <= _NEAR
    ]
    for left, right in neighbours:
        halves = (one & left - right, one & right - left)
        others = (other & right - left, other & left - right)
        if (
            all(halves)
            and all(others)
            and _is_telling(*halves, *others)
            and any(map(_are_alike, halves, others))
            and not any(_holds(k, halves, others) for k in known)
        ):
            yield halves


def _is_telling(*halves: _Terms) -> bool:
    """Say whether more than a word each is exchanged, or two figures are."""
    figures = sum(any(map(_DIGIT.search, half)) for half in halves)
    return figures > 1 or any(len(half) > 1 for half in halves)


def _are_alike(one: _Terms, other: _Terms) -> bool:
    """Say whether two halves are of one kind: 年付 and 月付, 5天 and 7天; 电脑 and 下载 are not."""
    letters, others = _letters(one), _letters(other)
    return bool(letters & others) or not letters | others  # English words have no sign of it


def _letters(half: _Terms) -> set[str]:
    return {char for term in half for char in term if not (char.isascii() and char.isalnum())}


def _holds(clause: _Terms, *all_halves: tuple[_Terms, _Terms]) -> bool:
    """Say whether a clause has both halves of one of the two: then nothing is exchanged."""
    return any(clause & first and clause & second for first, second in all_halves)


def _listed(sentence: str) -> str:
    """Return `sentence` with one comma for all where not every item of a list has its figure."""
    return "，".join(
        part if all(map(_DIGIT.search, part.split("、"))) else part.replace("、", " ")
        for part in sentence.split("，")
    )


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Terms, ...]:
    return tuple(_clauses(source))


def _clauses(text: str) -> Iterator[_Terms]:
    for clause in _CLAUSE.findall(arabic(apart(folded(text)))):
        if ASKS.search(clause):
            continue
        sides = _BOTH if _DIGIT.search(clause) else _SIDES
        for side in filter(str.strip, sides.split(clause)):
            yield _terms(side)


def _terms(side: str) -> _Terms:
    counted = {value + unit for _, value, unit in figures(side)}
    return frozenset(pairs(side) | counted | set(_WORD.findall(side)) - GRAMMAR - _COUNTED)
