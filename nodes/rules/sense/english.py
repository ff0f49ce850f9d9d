"""Notice an English sentence that says yes where its passages say no, or no for yes."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.wording.condition_names import folded
from tools.text.normalise import language

_SENTENCE = re.compile(r"(?:[^.;!?\n]|\.(?=\S))+[?]?")
_CUT = re.compile(r"([,:()]|\b(?:if|unless|until|once|when|because|but|although|while|so|which)\b)")
_OPEN = ("if", "unless", "until", "once")  # what follows is not said to be so
_NO = re.compile(
    r"(?<!make sure )(?<!ensure )"  # make sure no orders are open
    r"(?:\b(?:not|never|cannot|without|unable|neither|nor|none|excluded|prohibited|forbidden)\b"
    r"|\b(?:unavailable|impossible|ineligible|(?:is|are|stays?|remains?) fixed)\b"
    r"|n['’]t\b|\bno\b"
    r"(?! (?:later|more|less|fewer|matter|sooner)))"
)
_FREE_OF = re.compile(r"\b([a-z]{3,})-free\b|\bfree of ([a-z]{3,})\b")  # interest-free
_TWICE = re.compile(r"(?:\bnot|n['’]t) no\b")
_PASSIVE = ("excluded", "prohibited", "forbidden")  # denies what stands before
_OR = re.compile(r"\bor\b")
_GOES_ON = re.compile(  # cannot delete them, change Wi-Fi or view recordings
    r"^\s*(?!(?:and|but|so|then|please|you|we|they|it|i|the|this|your|our)\b)[^,]*\bor\b"
)
_BELOW = re.compile(r"\b(?:below|under|less|smaller|fewer|short of)\b")
_ABOVE = re.compile(r"\b(?:or (?:more|over|above)|at least|over|above|more than|minimum)\b")
_LIMIT_SIDES = ((_BELOW, _ABOVE), (_ABOVE, _BELOW))
_NOT_ONLY = re.compile(r"\bnot (?:only|just|necessarily)\b")
_ONLY = re.compile(r"\bonly\b")
_WORD = re.compile(r"[a-z]{3,}|(?<![a-z0-9])[a-z]{1,2}\d{1,3}(?![a-z0-9])")
_GRAMMAR_WORDS = (
    "the and for you your are with can will that this from has have our any was were its his"
    " they them their there please may must should would could not cannot does did don doesn"
    " been being also just only then than into onto within about under over all each such who"
    " how what where get got use let isn aren won didn wasn couldn able need yet yourself back way"
    " otherwise there below above over under more less once roughly around usually come comes"
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
    is_listed: bool  # goes on with what the clause before denies


def turned_english(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` of which the sources say the opposite."""
    if language(sentence) != "en":
        return []  # a Chinese sentence with a word or two: 改成 NO
    known = [clause for source in sources for clause in _known(source)]
    said = [clause for clause in _clauses(sentence) if not clause.is_listed]
    return [clause.text for clause in said if _is_turned(clause, known)]


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
    """Return the clauses that share most words with this one, if they are enough.

    What is said of orders below a limit is nothing about those above.
    """
    known = [other for other in known if not _is_across(clause.text, other.text)]
    shared = [len(clause.words & other.words) for other in known]
    enough = max(_enough(clause), 0.8 * max(shared, default=0))
    return [other for other, n in zip(known, shared, strict=True) if n >= enough]


def _is_across(one: str, other: str) -> bool:
    """Say whether two clauses are about different sides of a limit."""
    return any(low.search(one) and high.search(other) for low, high in _LIMIT_SIDES)


def _enough(clause: _Clause) -> float:
    return max(2 if len(clause.words) > 2 else 1, _ALIKE * len(clause.words))


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Clause, ...]:
    return tuple(_clauses(source))


def _clauses(text: str) -> Iterator[_Clause]:
    """Yield what is said outright: no questions, and nothing under a condition."""
    plain = _TWICE.sub("with", _FREE_OF.sub(r"no \1\2", folded(text)))
    for sentence in _SENTENCE.findall(plain):
        around = frozenset(stems(sentence))
        if sentence.endswith("?") or not around:
            continue
        parts = ["", *_CUT.split(sentence)]
        goes_on = False
        for before, clause in zip(parts[::2], parts[1::2], strict=True):
            words = stems(clause)
            if not words or before in _OPEN:
                continue
            no = _NO.search(_NOT_ONLY.sub("", clause))
            goes_on = no is not None or (goes_on and before == "," and bool(_GOES_ON.match(clause)))
            for denied in _denied(clause, no) if goes_on else [()]:
                yield _Clause(
                    clause.strip(),
                    frozenset(words),
                    around,
                    denied,
                    goes_on,
                    goes_on and no is None,
                )


def _denied(clause: str, no: re.Match[str] | None) -> Iterator[tuple[str, ...]]:
    """Yield the words of each thing that a clause denies: cannot A or B."""
    if no and no.group() in _PASSIVE and not stems(clause[no.end() :]):
        yield tuple(stems(clause[: no.start()]))
    else:
        yield from (tuple(stems(part)) for part in _OR.split(clause[no.end() if no else 0 :]))


def stems(text: str) -> list[str]:
    """Return the words of folded text that mean something, without their endings, in order."""
    words = [word for word in _WORD.findall(text) if word not in GRAMMAR]
    bare = [_ENDINGS.sub("", word) if len(word) > 4 else word for word in words]
    bare = [word.rstrip("e") if len(word) > 3 else word for word in bare]
    return [_DOUBLED.sub(r"\1", word) for word in bare]
