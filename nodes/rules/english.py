"""Notice an English sentence that says yes where its passages say no, or no for yes."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.condition_names import folded
from nodes.rules.polarity import MARK
from tools.text.normalise import language

_SENTENCE = re.compile(r"(?:[^.;!?\n]|\.(?=\S))+[?]?")
_CUT = re.compile(r"([,:()]|\b(?:if|unless|until|once|when|because|but|although|while|so|which)\b)")
_OPEN = ("if", "unless", "until", "once")  # what follows is not said to be so
_NO = re.compile(
    r"\b(?:not|never|cannot|without|unable|neither|nor|none|excluded|prohibited|forbidden)\b"
    r"|n['’]t\b|\bno\b"
    r"(?! (?:later|more|less|fewer|matter|sooner))"
)
_NOT_ONLY = re.compile(r"\bnot (?:only|just|necessarily)\b")
_ONLY = re.compile(r"\bonly\b")
_WORD = re.compile(r"[a-z]{3,}|(?<![a-z0-9])[a-z]{1,2}\d{1,3}(?![a-z0-9])")
_GRAMMAR_WORDS = (
    "the and for you your are with can will that this from has have our any was were its his"
    " they them their there please may must should would could not cannot does did don doesn"
    " been being also just only then than into onto within about under over all each such who"
    " how what where get got use let isn aren won didn wasn couldn able need yet yourself back way"
    " otherwise there below above over under more less once roughly around usually"
)
GRAMMAR = frozenset(_GRAMMAR_WORDS.split())
_ENDINGS = re.compile(r"(?:ies|es|s|ed|ing|ment|tion|able)$")
_DOUBLED = re.compile(r"([^aeious])\1$")  # shipping, ship
_ALIKE = 0.5  # share of a clause's words that the other must have


class _Clause(NamedTuple):
    text: str
    words: frozenset[str]
    around: frozenset[str]  # those of the whole sentence: but they cannot delete it
    denied: tuple[str, ...]  # the words behind the negator, in order
    is_denial: bool


def turned_english(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` of which the sources say the opposite."""
    if language(sentence) != "en":
        return []  # a Chinese sentence with a word or two: 改成 NO
    known = [clause for source in sources for clause in _known(source)]
    return [clause.text for clause in _clauses(MARK.sub("", sentence)) if _is_turned(clause, known)]


def _is_turned(clause: _Clause, known: Sequence[_Clause]) -> bool:
    if clause.is_denial:
        return _is_affirmed(clause, known)
    affirmed = {word for other in known for word in other.words - set(other.denied)}
    against = clause.words - affirmed
    if any(
        against & set(other.denied[:1]) and len(clause.words & other.around) >= _enough(clause)
        for other in known
    ):
        return True
    near = _nearest(clause, known)
    return bool(near) and all(other.is_denial for other in near)


def _is_affirmed(clause: _Clause, known: Sequence[_Clause]) -> bool:
    """Say whether the sources affirm what the clause denies, and never deny it."""
    if any(word in other.denied for other in known for word in clause.denied[:2]):
        return False
    near = [other for other in _nearest(clause, known) if other.words & set(clause.denied[:1])]
    return bool(near) and not any(other.is_denial or _ONLY.search(other.text) for other in near)


def _nearest(clause: _Clause, known: Sequence[_Clause]) -> list[_Clause]:
    """Return the clauses that share most words with this one, if they are enough."""
    shared = [len(clause.words & other.words) for other in known]
    enough = max(_enough(clause), 0.8 * max(shared, default=0))
    return [other for other, n in zip(known, shared, strict=True) if n >= enough]


def _enough(clause: _Clause) -> float:
    return max(2 if len(clause.words) > 2 else 1, _ALIKE * len(clause.words))


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Clause, ...]:
    return tuple(_clauses(source))


def _clauses(text: str) -> Iterator[_Clause]:
    """Yield what is said outright: no questions, and nothing under a condition."""
    for sentence in _SENTENCE.findall(folded(text)):
        around = frozenset(stems(sentence))
        if sentence.endswith("?") or not around:
            continue
        parts = ["", *_CUT.split(sentence)]
        for before, clause in zip(parts[::2], parts[1::2], strict=True):
            words = stems(clause)
            if words and before not in _OPEN:
                no = _NO.search(_NOT_ONLY.sub("", clause))
                denied = tuple(stems(clause[no.end() :])) if no else ()
                yield _Clause(clause.strip(), frozenset(words), around, denied, no is not None)


def stems(text: str) -> list[str]:
    """Return the words of folded text that mean something, without their endings, in order."""
    words = [word for word in _WORD.findall(text) if word not in GRAMMAR]
    bare = [_ENDINGS.sub("", word).rstrip("e") if len(word) > 4 else word for word in words]
    return [_DOUBLED.sub(r"\1", word) for word in bare]
