"""Which hits are shown where none of them clearly leads: the best, and those just behind it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from tools.search.types import Passage
from tools.text.normalise import fold, spoken
from tools.text.regions import with_provinces

MOST = 3  # shown at once; more is a list to search again
SAME = 0.8  # share of the shorter answer's pairs of characters from which two say the same
COMPARED_CHARS = 400

_SIGNS = re.compile(r"[\W_]+")


def near(question: str, passages: Sequence[Passage], lead: float) -> list[Passage]:
    """Return the best hit and up to two others less than `lead`, in fused score, behind it.

    A question that is the best entry's own wording has only one answer. What says nearly the same
    as a better hit, or has the same title, is left out.
    """
    best = passages[:1]
    if not best or is_wording(question, best[0]):
        return list(best)
    shown: list[Passage] = []
    for passage in passages:
        is_near = passage["score"] > best[0]["score"] - lead or passage is best[0]
        if is_near and not any(_is_repeat(passage, other) for other in shown):
            shown.append(passage)
    return shown[:MOST]


def is_wording(question: str, passage: Passage) -> bool:
    """Say whether the question is one of the entry's own wordings, signs and case aside.

    It comes with written words for spoken ones and provinces before cities; so they are compared.
    """
    return _read(question) in (_read(passage["matched"]), _read(passage["question"]))


def _is_repeat(passage: Passage, other: Passage) -> bool:
    if _plain(passage["question"]) == _plain(other["question"]):
        return True
    one, two = _pairs(passage["answer"]), _pairs(other["answer"])
    return len(one & two) >= SAME * min(len(one), len(two))


@lru_cache(maxsize=1024)
def _pairs(answer: str) -> frozenset[str]:
    text = _plain(answer[:COMPARED_CHARS])
    return frozenset(text[i : i + 2] for i in range(max(len(text) - 1, 1)))


@lru_cache(maxsize=4096)  # popular entries' wordings, and a turn's question four times
def _read(text: str) -> str:
    return _plain(with_provinces(spoken(text)))


def _plain(text: str) -> str:
    return _SIGNS.sub("", fold(text))
