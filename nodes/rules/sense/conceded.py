"""Notice what a sentence allows where its passages deny it: X 也可以 Y, and Y of one that is named.

The verbs may differ, 拆封后也可以退 and 拆封后不支持无理由, and stand in other clauses: what counts
is that no clause that allows something has as much of X as the one that denies. Of a name, V8 or
Visa, all clauses must deny it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.sense.polarity import ASKS, NEGATOR, SENTENCE, pairs
from nodes.rules.wording.condition_names import named
from nodes.rules.wording.plainly import plainly

_CLAUSE = re.compile(r"(?:[^，,：:（）()]|:(?=\d))+")
_CONCEDES = re.compile("[也照仍依同一].{0,4}[会算]")
_CONCEDED = re.compile(
    "^(?P<of>.*?)(?:也|照样|仍然?|依然|同样|一样)(?:都|一样|照样|还)?(?:可以?|能够?|会|支持|享受|算)"
    "(?P<what>.+)"
)
_MAY = re.compile("可以?|能够?|支持|享受|参加")
_ALLOWS = re.compile("可以?|能|会|支持|享受|免")
_THEN = re.compile("[就则会并也]")  # ends what is denied: 没装到位会报 E08
_OF_THOSE = re.compile(rf"(?:{NEGATOR.pattern})[^，,]{{1,6}}?的(?=.)")  # 未拆的可以退
_LATIN = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9]+(?![a-z0-9])")
_NO_NAMES = frozenset(("app", "wi", "fi", "wifi", "ok", "id", "gb", "ghz", "mpa", "url"))
_ENOUGH = 0.4  # share of X's pairs that a denial must have


class _Clause(NamedTuple):
    about: frozenset[str]  # its pairs
    so_far: frozenset[str]  # pairs of its sentence up to its end
    whole: frozenset[str]  # those of the sentence and of the passage's title
    own: frozenset[str]  # names in it, or in the last clause before it that has any
    names: frozenset[str]  # those in its sentence up to its end
    denied: str  # what stands behind its negator, "" without one
    denies: bool
    allows: bool


def conceded(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` that allow what the sources deny of the same thing."""
    if not _MAY.search(sentence) and not _CONCEDES.search(sentence):
        return []
    known = [clause for source in sources for clause in _known(source)]
    if not any(other.denies for other in known):
        return []
    return [
        clause.strip()
        for part in SENTENCE.findall(plainly(sentence))
        for clauses in [_CLAUSE.findall(part)]
        for at, clause in enumerate(clauses)
        if not ASKS.search(clause)
        and (_is_conceded(clauses[: at + 1], known) or _is_denied_of_name(clauses[: at + 1], known))
    ]


def _is_conceded(clauses: Sequence[str], known: Sequence[_Clause]) -> bool:
    """Say whether the last of the clauses allows all the same what is denied."""
    match = _CONCEDED.match(clauses[-1])
    if not match or NEGATOR.search(match["what"]):
        return False
    what, said = match["what"], pairs(match["what"])
    of = NEGATOR.split("，".join([*clauses[-2:-1], match["of"]]))[0]
    about, names = pairs(of), _names(of)
    enough = max(1, _ENOUGH * len(about))
    denials = [
        len(about & other.so_far)
        for other in known
        if other.denies
        and (said & other.whole or what[:1] in other.denied)
        and (len(about & other.so_far) >= enough or (names and names <= other.names))
    ]
    allowed = (
        len(about & other.so_far)
        for other in known
        if not other.denies and (other.allows or said & other.about)
    )
    return bool(denials) and max(denials) > max(allowed, default=0)


def _is_denied_of_name(clauses: Sequence[str], known: Sequence[_Clause]) -> bool:
    """Say whether the last of the clauses allows what is denied of the name that it is about."""
    clause = clauses[-1]
    if not _MAY.search(clause) or NEGATOR.search(clause):
        return False
    names = next((names for part in reversed(clauses) if (names := _names(part))), frozenset())
    said = pairs(clause) if names else frozenset[str]()
    for name in names:
        about = [other for other in known if name in other.own]
        denied = [_THEN.split(other.denied)[0] for other in about if other.denies]
        if any(name in what or said & pairs(what) for what in denied) and not any(
            other.allows or said & other.about for other in about if not other.denies
        ):
            return True
    return False


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Clause, ...]:
    return tuple(_clauses(plainly(source)))


def _clauses(text: str) -> Iterator[_Clause]:
    title = pairs(text.partition("\n")[0])
    for sentence in SENTENCE.findall(text):
        whole = pairs(sentence) | title
        so_far, own, names = frozenset[str](), frozenset[str](), frozenset[str]()
        for clause in _CLAUSE.findall(sentence):
            about = pairs(clause)
            so_far |= about
            own = _names(clause) or own
            names |= own
            if not ASKS.search(clause):
                no = NEGATOR.search(_OF_THOSE.sub("", clause))
                denied = no.string[no.end() :] if no else ""
                allows = _ALLOWS.search(clause) is not None
                yield _Clause(about, so_far, whole, own, names, denied, no is not None, allows)


def _names(text: str) -> frozenset[str]:
    latin = {word for word in _LATIN.findall(text) if word not in _NO_NAMES}
    return frozenset({name for _, kind, name in named(text) if kind != "reason"} | latin)
