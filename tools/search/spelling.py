"""Other spellings of codes and model names: S20Pro, S20 Pro, s20-pro and S 20 pro are one.

Only the gaps change, never a letter or a digit.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from tools.text.normalise import fold
from tools.text.segment import terms

WHOLE = 0.8  # what letters and digits together count beside each term that they stand for, 0..1
PART = 0.4  # letters alone or a number alone, cut from a code: they occur in other names too
PIECES = 4  # runs of letters or of digits in one spelling, as in s|20|pro|max
MOST = 64  # spellings added to one question

_PIECE = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?")
_GAP = re.compile(r"[ _\-\u2010\u2013]{1,3}")  # \u2010, \u2013: hyphen, dash

Run = list[str]  # pieces written without a gap


def spellings(question: str, own: Sequence[str]) -> dict[str, float]:
    """Return how else an entry may write the codes of a question with the terms `own`.

    With what each counts beside one of those terms. E02 for E-02 stands for two, else F-02, which
    has one of them, would come before it.
    """
    found: dict[str, float] = {}
    for runs in _neighbours(fold(question)):
        for spelling, weight in chain(_joined(runs), *map(_cut, runs)):
            for term in terms(spelling, "words"):
                if term not in own and len(found) < MOST:
                    found.setdefault(term, weight)
    return found


def _neighbours(text: str) -> Iterator[list[Run]]:
    """Yield the runs of `text`, those together that only a space or a hyphen parts."""
    runs: list[Run] = []
    end = 0
    for piece in _PIECE.finditer(text):
        if runs and piece.start() == end:
            runs[-1].append(piece[0])
        elif runs and _GAP.fullmatch(text, end, piece.start()):
            runs.append([piece[0]])
        else:
            yield runs
            runs = [[piece[0]]]
        end = piece.end()
    yield runs


def _joined(runs: Sequence[Run]) -> Iterator[tuple[str, float]]:
    """Yield neighbours as one word where letters meet digits, the shorter first."""
    for size in range(2, PIECES + 1):
        for start in range(len(runs) - size + 1):
            pieces = [*chain(*runs[start : start + size])]
            if len(pieces) <= PIECES and len({piece.isalpha() for piece in pieces}) == 2:
                yield "".join(pieces), WHOLE * size


def _cut(run: Run) -> Iterator[tuple[str, float]]:
    """Yield the parts of a code that was written without gaps, the longer first."""
    if 1 < len(run) <= PIECES:
        for size in range(len(run) - 1, 0, -1):
            for start in range(len(run) - size + 1):
                yield "".join(run[start : start + size]), WHOLE if size > 1 else PART
