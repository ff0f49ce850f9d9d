"""Notice what a sentence says of one product or place, and only the passage on another one does.

P7 报 E03 是电机过热 rests on words of V8's passage; 三亚 3 个工作日 on the general one, where that
on 海南 says 5. A name holds until another one comes, or 其他.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.sense.polarity import ASKS, pairs
from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.figures import figures
from tools.text.regions import places

_CLAUSE = re.compile(r"(?:[^，,。；;：:！!？?\n（）()]|:(?=\d))+[？?]?")
_OTHERS = re.compile("其[他它余]|别的|另外|一般(?:的|用户|地区|情况)|通常|平时|全国")
_CATEGORIES = frozenset(("product", "region", "level"))
_ERROR = re.compile(r"e\d{1,3}")  # looks like a model
_ENOUGH = 3  # pairs of characters that are the other one's: a word or two
_ALIKE = 2  # pairs that a passage's clause must share with the sentence to be about the same

_Name = tuple[str, str]  # category, name


class _Clause(NamedTuple):
    text: str
    names: frozenset[_Name]
    values: frozenset[tuple[str, str]]  # unit, figure
    about: frozenset[str]


class _Source(NamedTuple):
    names: frozenset[_Name]
    about: frozenset[str]
    clauses: tuple[_Clause, ...]


def borrowed(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` that the passages say of another than they name."""
    if len(sources) < 2:
        return []
    known = [_known(source) for source in sources]
    all_names = known[0].names.intersection(*(source.names for source in known))
    if not _names(folded(sentence)) - all_names:
        return []
    topic = pairs(folded(sentence))
    names = frozenset[_Name]()
    found = list[str]()
    for clause in _clauses(sentence):
        if clause.names or _OTHERS.search(clause.text):
            names = clause.names - all_names
        own = [source for source in known if names <= source.names]
        others = [source for source in known if not names & source.names]
        if not (names and own and others) or ASKS.search(clause.text):
            continue
        if _is_another_s(clause, names, own, others) or _has_its_own(clause, topic, own, others):
            found.append(clause.text)
    return found


def _is_another_s(
    clause: _Clause, names: frozenset[_Name], own: Sequence[_Source], others: Sequence[_Source]
) -> bool:
    """Say whether the clause's words are those of passages on others of the same kind."""
    kinds = {category for category, _ in names}
    rivals = [other for other in others if any(kind in kinds for kind, _ in other.names)]
    ours = _joined(own) | _joined([other for other in others if other not in rivals])
    theirs = clause.about & _joined(rivals) - ours
    return len(theirs) >= _ENOUGH and len(theirs) > len(clause.about & ours)


def _joined(sources: Sequence[_Source]) -> frozenset[str]:
    return frozenset[str]().union(*(source.about for source in sources))


def _has_its_own(
    clause: _Clause, topic: frozenset[str], own: Sequence[_Source], others: Sequence[_Source]
) -> bool:
    """Say whether the named passages have another figure than the clause's for the same."""
    for unit, value in clause.values:
        ours, theirs = list(_told(own, unit)), list(_told(others, unit))
        if any((unit, value) in told.values for told in ours):
            continue
        near = max((len(told.about & topic) for told in ours), default=0)
        far = [len(told.about & topic) for told in theirs if (unit, value) in told.values]
        if far and near >= _ALIKE and near >= max(far):
            return True
    return False


def _told(sources: Sequence[_Source], unit: str) -> Iterator[_Clause]:
    for source in sources:
        yield from (
            clause for clause in source.clauses if any(of == unit for of, _ in clause.values)
        )


@lru_cache(maxsize=1024)
def _known(source: str) -> _Source:
    clauses = tuple(_clauses(source))
    return _Source(
        frozenset[_Name]().union(*(clause.names for clause in clauses)),
        frozenset[str]().union(*(clause.about for clause in clauses)),
        clauses,
    )


def _clauses(text: str) -> Iterator[_Clause]:
    for match in _CLAUSE.finditer(folded(text)):
        clause = match.group().strip()
        values = frozenset((unit, value) for _, value, unit in figures(clause))
        yield _Clause(clause, _names(clause), values, pairs(clause))


def _names(clause: str) -> frozenset[_Name]:
    names = [
        (kind, name)
        for _, kind, name in named(clause)
        if kind in _CATEGORIES and not _ERROR.fullmatch(name)
    ]
    return frozenset([*names, *(("region", province) for _, province in places(clause))])
