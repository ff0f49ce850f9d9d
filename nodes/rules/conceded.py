"""Notice what a sentence allows all the same, X 也可以 Y, where its passages deny it of X.

The verbs may differ, 拆封后也可以退 and 拆封后不支持无理由, and stand in other clauses: what counts
is that no clause that allows something has as much of X as the one that denies.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.condition_names import named
from nodes.rules.polarity import ASKS, MARK, NEGATOR, pairs, plainly

_SENTENCE = re.compile(r"[^。；;！!？?\n]+[？?]?")
_CLAUSE = re.compile(r"(?:[^，,：:（）()]|:(?=\d))+")
_CONCEDES = re.compile("[也照仍依同一].{0,4}[可能会支享算]")
_CONCEDED = re.compile(
    "^(?P<of>.*?)(?:也|照样|仍然?|依然|同样|一样)(?:都|一样|照样|还)?(?:可以?|能够?|会|支持|享受|算)"
    "(?P<what>.+)"
)
_ALLOWS = re.compile("可以?|能|会|支持|享受|免")
_ENOUGH = 0.4  # share of X's pairs that a denial must have


class _Clause(NamedTuple):
    about: frozenset[str]  # pairs of its own
    so_far: frozenset[str]  # those of its sentence up to its end
    whole: frozenset[str]  # those of the sentence and of the passage's title
    names: frozenset[str]
    denied: str  # what stands behind its negator
    denies: bool
    allows: bool


def conceded(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` that allow what the sources deny of the same thing."""
    if not _CONCEDES.search(sentence):
        return []
    known = [clause for source in sources for clause in _known(source)]
    return [
        clause
        for clause, of, what in _concessions(plainly(MARK.sub("", sentence)))
        if _is_denied(of, what, known)
    ]


def _concessions(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each clause that concedes something, of what, and what."""
    for sentence in _SENTENCE.findall(text):
        before = ""
        for clause in _CLAUSE.findall(sentence):
            match = _CONCEDED.match(clause)
            if match and not NEGATOR.search(match["what"]) and not ASKS.search(clause):
                of = f"{before}，{match['of']}"
                yield clause.strip(), NEGATOR.split(of)[0], match["what"]
            before = clause


def _is_denied(of: str, what: str, known: Sequence[_Clause]) -> bool:
    about, said = pairs(of), pairs(what)
    names = {name for *_, name in named(of)}
    denials = [
        len(about & other.so_far)
        for other in known
        if other.denies
        and (said & other.whole or what[:1] in other.denied)
        and (
            len(about & other.so_far) >= max(1, _ENOUGH * len(about))
            or (names and names <= other.names)
        )
    ]
    allowed = [
        len(about & other.so_far)
        for other in known
        if not other.denies and (other.allows or said & other.about)
    ]
    return bool(denials) and max(denials) > max(allowed, default=0)


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Clause, ...]:
    return tuple(_clauses(plainly(source)))


def _clauses(text: str) -> Iterator[_Clause]:
    title = frozenset(pairs(text.partition("\n")[0]))
    for sentence in _SENTENCE.findall(text):
        whole = frozenset(pairs(sentence)) | title
        so_far, names = frozenset[str](), frozenset[str]()
        for clause in _CLAUSE.findall(sentence):
            about = frozenset(pairs(clause))
            so_far |= about
            names |= {name for *_, name in named(clause)}
            if not ASKS.search(clause):
                no = NEGATOR.search(clause)
                denied = clause[no.end() :] if no else ""
                allows = _ALLOWS.search(clause) is not None
                yield _Clause(about, so_far, whole, names, denied, no is not None, allows)
