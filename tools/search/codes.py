"""Search terms as numbers, so that the word leg is arithmetic on arrays."""

import re
from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tools.text.normalise import fold
from tools.text.segment import Segmenter, stem

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


def coded(texts: Sequence[str], segmenter: Segmenter) -> list[tuple[Codes, Counts]]:
    """Return for each text the codes of its `terms`, ascending, and how often each occurs.

    Counts stop at 255.
    """
    folded = [fold(text) for text in texts]
    joined = "\n".join([*folded, ""])
    points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    is_han = (points >= _FIRST) & (points <= _LAST)
    is_pair = np.append(is_han[:-1] & is_han[1:], False)  # with the next one
    is_alone = is_han.copy()
    if segmenter == "words":
        is_alone &= ~is_pair
        is_alone[1:] &= ~is_pair[:-1]
    han = points - np.uint32(_FIRST)
    alone, pairs = han + np.uint32(_PAIRS), han * np.uint32(_HAN)
    pairs[:-1] += han[1:]
    for word in _ASCII.finditer(joined):
        at = word.start()
        alone[at], is_alone[at] = code(stem(word.group())), True
    # What begins at each character, side by side: so the terms lie text by text.
    is_term = np.stack([is_alone, is_pair], axis=1)
    found = np.stack([alone, pairs], axis=1)[is_term]
    upto = np.append(0, np.cumsum(is_alone.astype(np.int64) + is_pair))
    bounds = upto[np.cumsum([0, *(len(text) + 1 for text in folded)])]
    for start, end in pairwise(bounds.tolist()):
        found[start:end].sort()
    is_new = np.ones(len(found) + 1, bool)
    is_new[1:-1] = found[1:] != found[:-1]
    is_new[bounds] = True
    firsts = np.flatnonzero(is_new)
    codes, often = found[firsts[:-1]], np.minimum(np.diff(firsts), 255).astype(np.uint8)
    spans = pairwise(np.searchsorted(firsts, bounds).tolist())
    return [(codes[start:end], often[start:end]) for start, end in spans]


def holds(terms: Codes, asked: Codes) -> NDArray[np.bool_]:
    """Say of each of `asked` whether it is among `terms`, which ascend; np.isin takes ten times."""
    if not len(terms):
        return np.zeros(len(asked), bool)
    found: NDArray[np.bool_] = (
        terms[np.minimum(np.searchsorted(terms, asked), len(terms) - 1)] == asked
    )
    return found
