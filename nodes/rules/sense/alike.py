"""Notice a sentence that has only one of several do what its passages say all of them do.

And what it supports besides the only thing that they say is supported: 支持农历, 只支持公历.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.sense.polarity import ASKS, NEGATOR, SENTENCE, pairs
from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.plainly import plainly

_CLAUSE = re.compile(r"(?:[^，,：:（）()]|:(?=\d))+")
_ALL = re.compile("都|均|同样|一样|\\bboth\\b")
_ONLY = re.compile(r"只有|仅有?|唯有|\bonly\b")
_VERBS = "支持|接受|受理|提供|认|收|发|配送|参加|识别"
_SOLE = re.compile(rf"[只仅][能限可]?(?P<verb>{_VERBS})")
_SUPPORTS = re.compile(rf"[^，,。；;]{{0,4}}(?<![只仅])(?P<verb>{_VERBS})(?P<what>[^，,。；;]+)")
_NEAR_CHARS = 8  # from "only" to the name
_ENOUGH = 2  # pairs that the two sentences must share to be about the same


class _Clause(NamedTuple):
    text: str
    names: tuple[tuple[int, str, str], ...]  # place, category, name
    about: frozenset[str]  # pairs of its sentence up to its end

    def of(self, kind: str) -> frozenset[str]:
        return frozenset(name for _, category, name in self.names if category == kind)


def singled_out(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` that keep to one name what a source says of several."""
    if not _ONLY.search(folded(sentence)):
        return []
    told = [clause for source in sources for clause in _told(source)]
    return [
        clause.text
        for clause in _clauses(sentence)
        if (kind := _only(clause))
        and any(
            clause.of(kind) < other.of(kind) and len(clause.about & other.about) >= _ENOUGH
            for other in told
        )
    ]


def besides(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return what `sentence` supports, no source has, and a source supports only another one of."""
    if not _SUPPORTS.search(text := plainly(sentence)):
        return []
    verbs = frozenset[str]().union(*map(_sole, sources))
    if not verbs:
        return []
    told = "\n".join(map(plainly, sources))
    return [
        match.group().strip()
        for match in _SUPPORTS.finditer(text)
        if match["verb"] in verbs
        and not NEGATOR.search(match.group())
        and (said := pairs(match["what"]))
        and not any(pair in told for pair in said)
    ]


@lru_cache(maxsize=1024)
def _sole(source: str) -> frozenset[str]:
    """Return the verbs that a source says of one thing only."""
    return frozenset(match["verb"] for match in _SOLE.finditer(plainly(source)))


def _only(clause: _Clause) -> str:
    """Return the category of the name that is said to be the only one, "" for none."""
    only = _ONLY.search(clause.text)
    near = range(only.end(), only.end() + _NEAR_CHARS) if only else ()
    return next((category for at, category, _ in clause.names if at in near), "")


@lru_cache(maxsize=1024)
def _told(source: str) -> tuple[_Clause, ...]:
    """Return the clauses that say the same of several names."""
    return tuple(
        clause
        for clause in _clauses(source)
        if len(clause.names) > 1 and _ALL.search(clause.text) and not NEGATOR.search(clause.text)
    )


def _clauses(text: str) -> Iterator[_Clause]:
    for sentence in SENTENCE.findall(folded(text)):
        if not ASKS.search(sentence):
            about = frozenset[str]()
            for clause in _CLAUSE.findall(sentence):
                about |= pairs(clause)
                yield _Clause(clause, tuple(named(clause)), about)
