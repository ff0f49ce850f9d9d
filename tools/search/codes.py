"""Search terms as numbers, so that the word leg is arithmetic on arrays."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tools.text.normalise import fold
from tools.text.segment import Segmenter, terms

Codes = NDArray[np.uint32]
Counts = NDArray[np.uint8]

_FIRST, _LAST = 0x3400, 0x9FFF
_HAN = _LAST - _FIRST + 1
_PAIRS = _HAN * _HAN  # codes below are pairs of Chinese characters, exact
_OTHERS = _PAIRS + _HAN  # then single ones, exact; from here on hashes of words
_ASCII = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")


def code(term: str) -> int:
    """Return the number of a term: exact for Chinese, a 32-bit hash for words."""
    if not _FIRST <= ord(term[0]) <= _LAST:
        return _OTHERS + crc32(term.encode()) % (2**32 - _OTHERS)
    first = ord(term[0]) - _FIRST
    return _PAIRS + first if len(term) == 1 else first * _HAN + ord(term[1]) - _FIRST


def codes_of(tokens: Sequence[str]) -> Codes:
    """Return the numbers of `tokens`, in their order."""
    return np.array([code(token) for token in tokens], np.uint32)


def coded(text: str, segmenter: Segmenter) -> tuple[Codes, Counts]:
    """Return the codes of `terms(text, segmenter)`, ascending, and how often each occurs.

    Counts stop at 255.
    """
    folded = fold(text)
    points = np.frombuffer(folded.encode("utf-32-le"), np.uint32)
    is_han = (points >= _FIRST) & (points <= _LAST)
    han = np.where(is_han, points - _FIRST, 0).astype(np.uint32)
    is_pair = is_han[:-1] & is_han[1:]
    found = [(han[:-1] * np.uint32(_HAN) + han[1:])[is_pair]]
    if segmenter == "bigrams":
        found.append(han[is_han] + np.uint32(_PAIRS))
    else:
        alone = is_han.copy()
        alone[1:] &= ~is_pair
        alone[:-1] &= ~is_pair
        found.append(han[alone] + np.uint32(_PAIRS))
    if words := " ".join(_ASCII.findall(folded)):
        found.append(codes_of(terms(words, segmenter)))
    unique, counts = np.unique(np.concatenate(found), return_counts=True)
    return unique, np.minimum(counts, 255).astype(np.uint8)
