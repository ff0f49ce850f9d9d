"""Check that named conditions come from the passages, and stay with their own figures.

A region, member level, way of paying, channel, kind of order or product that a sentence names
must be in its passages; a figure said of one of them must be the passages' figure for it; "all",
"only" and their like must be there as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from nodes.rules.sense.alike import besides, singled_out
from nodes.rules.sense.anothers import borrowed
from nodes.rules.sense.bound import astray
from nodes.rules.sense.conceded import conceded
from nodes.rules.sense.crossed import crossed
from nodes.rules.sense.english import turned_english
from nodes.rules.sense.fees import waived
from nodes.rules.sense.foreign import foreign
from nodes.rules.sense.polarity import MARK, SENTENCE, contradictions
from nodes.rules.sense.sequence import reordered
from nodes.rules.sense.turned import turned
from nodes.rules.wording.asides import apart
from nodes.rules.wording.condition_names import folded, goes_on, named, names_first
from nodes.rules.wording.figures import figures

_FREE = re.compile("免费|全免|(?<![不没])免(?=$|[，,。；;、]|[^，。]{0,6}费)|不限|无限|即时|免押金")
_CLAUSE = re.compile(r"[^，,。；;！!？?\n]+[，,]?")
_NO_NAME = re.compile(r"e\d{1,3}|m[23]")  # an error, m³: written like models
_DENIES = re.compile(
    "不(?:能|可以?|会|支持|享受?|参加|适用|再)|没有|无法|[搜连找收装用]不[到上了]"
    r"|\b(?:not|cannot|never)\b|n['’]t\b"
)
_PERIODS = frozenset(("年", "月"))  # in which something is counted
_COUNTS = re.compile(r"[\d零〇一二两三四五六七八九十百千万半]")


class _Said(NamedTuple):
    """A figure, and whose it is."""

    category: str
    name: str
    value: str  # a figure's key, or 免费
    unit: str
    is_carried: bool  # the name stands in an earlier clause
    is_denied: bool = False


class _Told(NamedTuple):
    """What passages say of each name, and of whom they say each figure."""

    own: dict[tuple[str, str], set[tuple[str, str]]]  # category, name: value, unit
    names: dict[tuple[str, str, str], set[str]]  # category, value, unit: names
    denied: dict[tuple[str, str, str], set[str]]  # the same, of whom it is denied
    titled: dict[tuple[str, str], set[tuple[str, str]]]  # as own, of who a passage is all about


def differences(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return what `sentence` says under another condition than its sources, [] for nothing."""
    if not sources:
        return []
    said = folded(sentence)
    sentence = MARK.sub("", sentence)
    return [
        *foreign(said, sources),
        *_swapped(said, sources),
        *contradictions(sentence, sources),
        *turned(sentence, sources),
        *turned_english(sentence, sources),
        *astray(sentence, sources),
        *crossed(sentence, sources),
        *waived(sentence, sources),
        *borrowed(sentence, sources),
        *singled_out(sentence, sources),
        *besides(sentence, sources),
        *conceded(sentence, sources),
        *reordered(sentence, sources),
    ]


def _swapped(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return figures that the sources say of another name of the same category."""
    found: list[str] = []
    for said in _said(sentence):
        own, names, denied, titled = _told(tuple(sources))
        values = own.get((said.category, said.name), set())
        figure = (said.category, said.value, said.unit)
        if said.is_denied:
            others = denied.get(figure, set())
            if (said.value, said.unit) in values or (others and said.name not in others):
                found.append(f"{said.name} {said.value}{said.unit}")
            continue
        if (said.value, said.unit) in values | titled.get((said.category, said.name), set()):
            continue
        is_another_s = figure in names
        has_its_own = any(unit == said.unit for _, unit in values)
        if is_another_s or (has_its_own and not said.is_carried):
            found.append(f"{said.name} {said.value}{said.unit}")
    return found


@lru_cache(maxsize=64)  # the sentences of an answer have the same few passages
def _told(sources: tuple[str, ...]) -> _Told:
    told = _Told(defaultdict(set), defaultdict(set), defaultdict(set), defaultdict(set))
    for category, name, value, unit in (own for source in sources for own in _of_title(source)):
        told.titled[category, name].add((value, unit))
    for said in (said for source in sources for said in _sayings(source)):
        names = told.denied if said.is_denied else told.names
        names[said.category, said.value, said.unit].add(said.name)
        if not said.is_denied:
            told.own[said.category, said.name].add((said.value, said.unit))
    return told


@lru_cache(maxsize=1024)
def _sayings(source: str) -> tuple[_Said, ...]:
    return tuple(_framed(list(_said(folded(source)))))


def _framed(said: Sequence[_Said]) -> Iterator[_Said]:
    """Yield what is `said` of names in order, and the period that one takes from the one before.

    银卡（一年消费满 2,000 元）、金卡（满 6,000 元）: gold's 6,000 yuan are spent in a year as well.
    """
    yield from said
    items = [list(of_one) for _, of_one in groupby(said, key=lambda one: one[:2])]
    for before, item in pairwise(items):
        units = {one.unit for one in item}
        if before[0].category == item[0].category and units & {one.unit for one in before}:
            taken = [
                one._replace(name=item[0].name)
                for one in before
                if one.unit in _PERIODS - units and not one.is_denied
            ]
            item += taken  # the third takes it from the second
            yield from taken


@lru_cache(maxsize=1024)
def _of_title(source: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return the figures of a passage in whose sentence no names but its title's stand."""
    title, _, body = folded(source).partition("\n")
    titled = {(category, name) for _, category, name in named(title)}
    found: list[tuple[str, str, str, str]] = []
    for sentence in filter(_has_value, SENTENCE.findall(body)) if titled else ():
        names = {(kind, name) for _, kind, name in named(sentence) if not _NO_NAME.fullmatch(name)}
        others = {category for category, _ in names - titled}
        clauses = [part for part in _CLAUSE.findall(sentence) if not _DENIES.search(part)]
        values = [(value, unit) for part in clauses for _, value, unit in figures(part)]
        found += [(*one, *value) for one in titled if one[0] not in others for value in values]
    return tuple(found)


def _said(text: str) -> Iterator[_Said]:
    """Yield each figure with the names it is said of: the last ones before it.

    A clause without names is about those of the clause before; questions say nothing.
    """
    for sentence in filter(_has_value, SENTENCE.findall(apart(names_first(text)))):
        names: dict[str, set[str]] = {}
        for part in _CLAUSE.finditer(sentence):
            clause = part.group()
            marks = [(at, category, name, True) for at, category, name in named(clause)]
            is_carried = not marks
            if marks and not goes_on(clause, sentence[: part.start()]):
                names = {}
            marks += [(at, value, unit, False) for at, value, unit in figures(clause)]
            marks += [(free.start(), "免费", "", False) for free in _FREE.finditer(clause)]
            has_value, denied = False, _DENIES.search(clause)
            if shared := _respective(marks):
                yield from shared
                continue
            for at, first, second, is_name in sorted(marks):
                if not is_name:
                    has_value = True
                    for category, those in names.items():
                        for name in sorted(those):
                            yield _Said(
                                category,
                                name,
                                first,
                                second,
                                is_carried,
                                bool(denied and denied.end() <= at),
                            )
                    continue
                if has_value:
                    names, has_value = {}, False
                names.setdefault(first, set()).add(second)


def _respective(marks: Sequence[tuple[int, str, str, bool]]) -> list[_Said]:
    """Return whose figure is whose where as many names as figures are listed: 分别."""
    in_order = sorted(marks)
    names = [(first, second) for _, first, second, is_name in in_order if is_name]
    values = [(first, second) for _, first, second, is_name in in_order if not is_name]
    is_apart = [is_name for *_, is_name in in_order] == [True] * len(names) + [False] * len(values)
    places = {at for at, *_, is_name in in_order if not is_name}  # a range has two in one
    kinds = {category for category, _ in names} | {unit for _, unit in values}
    if (
        not is_apart
        or len(names) < 2
        or not len(names) == len(values) == len(places)
        or len(kinds) != 2
    ):
        return []
    return [
        _Said(category, name, value, unit, is_carried=False)
        for (category, name), (value, unit) in zip(names, values, strict=True)
    ]


def _has_value(sentence: str) -> bool:
    """Say whether a sentence may give a figure, or says that something is free."""
    is_asked = sentence.endswith(("？", "?"))
    return not is_asked and bool(_COUNTS.search(sentence) or _FREE.search(sentence))
