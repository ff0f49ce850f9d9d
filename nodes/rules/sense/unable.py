"""Notice what a sentence lets somebody do with a figure of which its passages only deny it.

可以用 5 GHz, where the passage says 只支持 2.4 GHz，搜不到 5 GHz: the verbs differ, so that the
checks of yes and no by words do not see it. What is denied of one name (S10) another may have.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nodes.rules.sense.polarity import ASKS
from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.figures import figures, unmarked
from tools.text.normalise import HAN

_CLAUSE = re.compile(r"[^，,。；;：:！!？?\n（）()]+[？?]?")
_SENTENCE = re.compile(r"[^。！!？?\n]+[？?]?")
_NEAR_CHARS = 30  # from a yes or no to its figure
_NEAR = rf"[{HAN}\s]{{0,4}}$"
_DENIED = re.compile(
    rf"(?:不(?:支持|能|可以?|会|提供|兼容|适用)|没有|无法|[{HAN}]不[到上了])"
    + _NEAR
    + r"|(?:\b(?:not|no|never|cannot|without)|n['’]t)\b[^,.;]{0,20}$"
)
_MAY = re.compile("[可能会]|支持|兼容|can|support|work", re.IGNORECASE)  # without it, nothing is
_ALLOWED = re.compile(
    rf"(?:(?<!不)(?<!才)(?:可以?|能够?|支持|兼容|会有?)){_NEAR}"
    r"|\b(?:can|supports?|works? (?:with|on))\b[^,.;]{0,20}$"
)


def unable(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` that allow a figure which all its sources' clauses deny."""
    if not _MAY.search(sentence):
        return []
    found = [
        (clause, names, (value, unit))
        for clause, names in _clauses(sentence)
        for at, value, unit in figures(clause)
        if _ALLOWED.search(before := clause[max(0, at - _NEAR_CHARS) : at])
        and not _DENIED.search(before)
    ]
    if not found:
        return []
    told = [known for source in sources for known in _known(source)]
    affirmed = {figure for figure, _, is_denied in told if not is_denied}
    denied = [(figure, names) for figure, names, is_denied in told if is_denied]
    return [
        clause.strip()
        for clause, names, figure in found
        if figure not in affirmed
        and any(
            figure == other and not (names and others and names.isdisjoint(others))
            for other, others in denied
        )
    ]


def _clauses(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each clause and the names that it, or the nearest one before it, is about."""
    for sentence in _SENTENCE.findall(unmarked(text)):
        names = frozenset[str]()
        for clause in _CLAUSE.findall(sentence):
            names = frozenset(name for *_, name in named(folded(clause))) or names
            yield clause, names


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[tuple[tuple[str, str], frozenset[str], bool], ...]:
    """Return the figures of a passage, of what each is said, and whether it is denied there."""
    return tuple(
        ((value, unit), names, bool(_DENIED.search(clause[max(0, at - _NEAR_CHARS) : at])))
        for clause, names in _clauses(source)
        if not ASKS.search(clause)
        for at, value, unit in figures(clause)
    )
