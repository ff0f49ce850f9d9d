"""Notice a value that a sentence says of something else than its passages do.

A value is a figure, who does or pays a thing, when it happens, or one of two opposites. Where the
passages hold a value's clause and clauses with other values of its kind, the sentence must be
nearer to the former: 借记卡 1 个工作日 is not what 支付宝 1 个工作日，借记卡 3-5 个工作日 says.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, zip_longest
from typing import NamedTuple

from nodes.rules.sense.english import stems
from nodes.rules.sense.opposites import EVENTS, KINDS, SIDES
from nodes.rules.sense.polarity import ASKS, NEGATOR, pairs
from nodes.rules.sense.sides import apart_sides
from nodes.rules.wording.asides import apart
from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.figures import figures
from nodes.rules.wording.numerals import arabic
from nodes.rules.wording.units import UNITS
from tools.text.normalise import HAN

_CLAUSE = re.compile(r"(?:[^，,。；;：:！!？?\n.]|:(?=\d)|\.(?!\s|$))+[？?]?")
_SENTENCE = re.compile(r"[^。!！?？\n]+[?？]?")
_FIGURES = frozenset((*UNITS, "date", "time"))
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BY = re.compile(
    rf"(?<![理自缘事来])由(?P<who>(?![您你我他她它此于其])[{HAN}]{{2}})(?=[{HAN}]{{0,8}}[送运取装约])"
)
_ERROR = re.compile(r"(?<![a-z0-9])e\d{1,3}(?![a-z0-9])")
_QUANTITY = re.compile(r"\d+(?:\.\d+)?\s?(?:" + "|".join(UNITS.values()) + ")|[约左右每共-]", re.I)
_LEADS = re.compile("(?:时候?|[之以]?后|的话?)$")
_LETTER = re.compile(r"[^\W\d_]")
_CHAR = re.compile(rf"(?![的了也还仍都就再可以能会要请您你我们])[{HAN}]")
_ON = re.compile(
    "[均都须需]?由|[均都全]部?(?:免|归|算|按)"
)  # its subject stands in the clause before
_MOST_FIGURES = 4  # of a clause whose figures are held in pairs against the sources'
_BEGINS_ANEW = re.compile(r"(?:and|but|while|whereas|so|or|then)\b")
_FARTHER = 2.0  # by how much another value's clause is nearer: about two words
_VALUES = [
    (kind, value, re.compile(pattern))
    for kind, values in KINDS.items()
    for value, pattern in values.items()
]
_SIDES = [
    (kind, value, re.compile(pattern))
    for kind, values in SIDES.items()
    for value, pattern in values.items()
]
_OPPOSED = KINDS.keys() | SIDES.keys() | {"by"}
_MARKS = {kind: frozenset(f"{kind} {value}" for value in values) for kind, values in KINDS.items()}


class _Clause(NamedTuple):
    text: str
    values: frozenset[tuple[str, str]]  # kind or unit, value
    kinds: frozenset[str]
    about: frozenset[str]  # pairs of characters, Latin words, and marks of opposites
    chars: frozenset[str]
    names: frozenset[tuple[str, str]]  # category, name
    whose: frozenset[tuple[str, str]] = frozenset()  # its names, or those just before it
    before: frozenset[str] = frozenset()  # what clauses without a value, just before, are about

    def of(self, kind: str) -> set[tuple[str, str]]:
        return {value for value in self.values if value[0] == kind}


def astray(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` with a value that its sources say of something else."""
    known = [clause for source in sources for clause in _known(source)]
    return [
        clause.text
        for clause in _led_on(list(_clauses(sentence)))
        if any(_is_astray(kind, value, clause, known) for kind, value in clause.values)
        or _is_mispaired(clause, known)
    ]


def _led_on(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """Yield the clauses, a condition with the words of what follows: 低于 15 ℃ 时，会结霜."""
    for clause, after in zip_longest(clauses, clauses[1:]):
        if after and clause.kinds & _FIGURES and _LEADS.search(clause.text):
            yield clause._replace(
                about=clause.about | after.about, chars=clause.chars | after.chars
            )
        else:
            yield clause


def _is_astray(kind: str, value: str, clause: _Clause, known: Sequence[_Clause]) -> bool:
    alike = [other for other in known if kind in other.kinds]
    own = [other for other in alike if (kind, value) in other.values]
    others = [other for other in alike if (kind, value) not in other.values]
    if kind not in KINDS and kind not in SIDES:  # 459 分最多用 400 分 joins two clauses
        others = [
            other
            for other in others
            if not clause.values & other.of(kind) or len(clause.of(kind)) == len(other.of(kind)) > 1
        ]  # 2-3 天 is not 1-2 天
    if kind in SIDES:  # 发货后不能改 is what 发货前可以改 says
        is_denial = bool(NEGATOR.search(clause.text))
        others = [other for other in others if bool(NEGATOR.search(other.text)) == is_denial]
    if kind == "by":  # 由合作快递北辰承运 names 北辰 as well
        others = [other for other in others if value not in other.text]
    if not others or not (own or kind in _OPPOSED):
        return False  # a figure that no source has is a fault of its own
    if (
        not own
        and value in EVENTS
        and any(
            re.search(EVENTS[value], other.text) and len(clause.about & other.about) >= 2
            for other in known
        )
    ):
        return False
    if kind in _OPPOSED and _is_another_s(clause, own, others):
        return True
    nearest = max(others, key=lambda other: _shared(clause, other, kind))
    said = clause.about - _MARKS.get(kind, frozenset())
    told = said & frozenset[str]().union(*(other.about | other.before for other in own))
    heard = said & nearest.about
    is_apart = bool(heard - told) and told <= heard
    near = max((_shared(clause, other, kind) for other in own), default=0.0)
    return is_apart and _shared(clause, nearest, kind) - near >= _FARTHER


def _is_another_s(clause: _Clause, own: Sequence[_Clause], others: Sequence[_Clause]) -> bool:
    """Say whether the value is told of other names than the clause's, and those have another one.

    普通件由北辰取 is no 普通件由迅达取，大件由北辰搬.
    """
    categories = {category for category, _ in clause.whose}
    told = [name for other in own for name in other.whose if name[0] in categories]
    return (
        bool(told)
        and clause.whose.isdisjoint(told)
        and any(clause.whose & other.whose for other in others)
    )


def _is_mispaired(clause: _Clause, known: Sequence[_Clause]) -> bool:
    """Say whether two figures of the clause stand apart in the sources, each beside another one."""
    said = _by_unit(clause)
    told = [other for other in map(_by_unit, known) if len(other) == 2] if len(said) > 1 else []
    for pair in map(dict, combinations(sorted(said.items()), 2)):
        alike = [other for other in told if other.keys() == pair.keys()]
        beside = [[one for one in alike if one[unit] == value] for unit, value in pair.items()]
        if alike and all(beside) and pair not in alike:
            return True
    return False


def _by_unit(clause: _Clause) -> dict[str, str]:
    """Return the figures of a clause by their units, {} where two have the same."""
    figures = [(kind, value) for kind, value in clause.values if kind in UNITS]
    by_unit = dict(figures)
    return by_unit if len(figures) == len(by_unit) <= _MOST_FIGURES else {}


def _shared(one: _Clause, other: _Clause, kind: str) -> float:
    shared = one.about & other.about - _MARKS.get(kind, frozenset())
    words = sum(2 if word.isascii() else 1 for word in shared)
    return words + 0.5 * len(one.chars & other.chars)


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Clause, ...]:
    told: list[_Clause] = []
    before = frozenset[str]()
    for sentence in _SENTENCE.findall(source):
        last: _Clause | None = None
        for clause in _clauses(sentence):
            if ASKS.search(clause.text):
                continue
            whole = _completed(clause, last)
            told.append(whole._replace(before=before))
            before = frozenset() if clause.values else before | clause.about
            last = whole
    return tuple(told)


def _completed(clause: _Clause, last: _Clause | None) -> _Clause:
    """Return a clause with what the one before says for both: 银卡可在 17 日前提交，金卡到 25 日.

    Both give a figure of one kind for names of one category, or the second goes on with the name
    of the first: S20 Pro 加 1 年 240 元，加 2 年 400 元.
    """
    if not last or not clause.kinds & last.kinds & _FIGURES:
        return clause
    if not clause.names and clause.kinds & _FIGURES == last.kinds & _FIGURES:
        named_by_last = frozenset[str]().union(*(pairs(name) for _, name in last.names))
        words = named_by_last | {word for word in last.about if word.isascii() and last.names}
        return clause._replace(about=clause.about | words, names=last.names)
    both = {category for category, _ in clause.names} & {category for category, _ in last.names}
    if not both:
        return clause
    of_names = frozenset[str]().union(*(pairs(name) for _, name in last.names))
    shared = last.about - of_names
    return clause._replace(about=clause.about | shared, chars=clause.chars | last.chars)


def _is_bare(clause: str) -> bool:
    """Say whether there is nothing but figures: 180 ℃ 18 分钟."""
    return not _LETTER.search(_QUANTITY.sub("", clause))


def _clauses(text: str) -> Iterator[_Clause]:
    before, chars_before = frozenset[str](), frozenset[str]()
    lead = frozenset[str]()
    whose = frozenset[tuple[str, str]]()
    plain = apart_sides(arabic(apart(folded(text))))
    for match in _CLAUSE.finditer(plain):
        clause = match.group().strip()
        lead = lead if plain[max(0, match.start() - 1)] in ",:" else frozenset()
        values = {(unit, value) for _, value, unit in figures(clause)}
        values |= {("by", who) for who in _BY.findall(clause)}
        values |= {("error", code) for code in _ERROR.findall(clause)}
        rest = _NUMBER.sub(" ", _ERROR.sub(" ", clause))
        values |= {(kind, value) for kind, value, said in _SIDES if said.search(rest)}
        marks = set[str]()
        for kind, value, said in _VALUES:
            if said.search(rest):
                values.add((kind, value))
                marks.add(f"{kind} {value}")
                rest = said.sub(" ", rest)  # 不收费 is no 收费
        latin = set(stems(rest))
        about, chars = frozenset(pairs(rest) | latin | marks), frozenset(_CHAR.findall(rest))
        if _ON.match(clause) or (values and _is_bare(clause)):
            about, chars = about | before, chars | chars_before
        if not _CHAR.search(
            _QUANTITY.sub("", clause)
        ):  # for Tibet, shipping is free from 299 yuan, otherwise 20
            about |= frozenset() if _BEGINS_ANEW.match(clause) else lead
            lead = lead if values else about
        before, chars_before = about, chars
        names = frozenset((category, name) for _, category, name in named(clause))
        whose = names or (whose if plain[max(0, match.start() - 1)] in "，,：:" else names)
        yield _Clause(
            clause,
            frozenset(values),
            frozenset(kind for kind, _ in values),
            about,
            chars,
            names,
            whose,
        )
