"""Notice two clauses that have exchanged what two neighbouring clauses of a passage say.

普通件由北辰取，大件由迅达搬 has each half of 普通件由迅达取，大件由北辰搬: one half of each clause stands
in the other's. Every word may be in the passage; only who goes with what is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from nodes.rules.condition_names import folded
from nodes.rules.grounding import figures
from nodes.rules.numerals import arabic
from nodes.rules.polarity import MARK, pairs

_CLAUSE = re.compile(r"[^，,。；;：:！!？?\n、]+")
_SIDES = re.compile(r"而(?!且)|不过|但是?|\b(?:than|while|but|whereas|or|and)\b")
_WORD = re.compile(r"[a-z][a-z0-9]{2,}")
_NEAR = 2  # clauses between the two that are exchanged, at most
_MOST = 12  # clauses of a sentence that are compared with one another

_Terms = frozenset[str]


def crossed(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return what the clauses of `sentence` have exchanged, as the words of two of them."""
    said = list(_clauses(MARK.sub("", sentence)))[:_MOST]
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
    for (at, left), (after, right) in combinations(mixed, 2):
        if after - at > _NEAR:
            continue
        halves = (one & left - right, one & right - left)
        others = (other & right - left, other & left - right)
        if all(halves) and all(others) and not any(_holds(k, halves, others) for k in known):
            yield halves


def _holds(clause: _Terms, *all_halves: tuple[_Terms, _Terms]) -> bool:
    """Say whether a clause has both halves of one of the two: then nothing is exchanged."""
    return any(clause & first and clause & second for first, second in all_halves)


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Terms, ...]:
    return tuple(_clauses(source))


def _clauses(text: str) -> Iterator[_Terms]:
    for clause in _CLAUSE.findall(arabic(folded(text))):
        for side in filter(str.strip, _SIDES.split(clause)):
            counted = {value + unit for _, value, unit in figures(side)}
            yield frozenset(pairs(side) | counted | set(_WORD.findall(side)))
