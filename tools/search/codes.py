"""Search terms as numbers, so that the word leg is arithmetic on arrays."""

import re
from collections.abc import Sequence
from itertools import pairwise
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


def coded(texts: Sequence[str], segmenter: Segmenter) -> list[tuple[Codes, Counts]]:
    """Return for each text the codes of its `terms`, ascending, and how often each occurs.

    Counts stop at 255.
    """
    folded = [fold(text) for text in texts]
    points = np.frombuffer("\n".join([*folded, ""]).encode("utf-32-le"), np.uint32)
    texts_at = np.repeat(np.arange(len(texts), dtype=np.uint64), [len(t) + 1 for t in folded])
    is_han = (points >= _FIRST) & (points <= _LAST)
    han = np.where(is_han, points - _FIRST, 0).astype(np.uint32)
    is_pair = np.append(is_han[:-1] & is_han[1:], False)  # with the next one
    alone = is_han
    if segmenter == "words":
        alone = is_han & ~is_pair
        alone[1:] &= ~is_pair[:-1]
    pairs = (han * np.uint32(_HAN))[is_pair] + np.append(han[1:], 0)[is_pair]
    words = [(n, codes_of(own)) for n, text in enumerate(folded) if (own := _words(text))]
    found = np.concatenate([pairs, han[alone] + np.uint32(_PAIRS), *(own for _, own in words)])
    owners = [texts_at[is_pair], texts_at[alone]]
    owners += [np.full(len(own), n, np.uint64) for n, own in words]
    # One number each: text, then code.
    packed: NDArray[np.uint64] = np.concatenate(owners) << np.uint64(32) | found.astype(np.uint64)
    unique, counts = np.unique(packed, return_counts=True)
    bounds = np.arange(len(texts) + 1, dtype=np.uint64) << np.uint64(32)
    ends = np.searchsorted(unique, bounds).tolist()
    codes, often = unique.astype(np.uint32), np.minimum(counts, 255).astype(np.uint8)
    return [(codes[start:end], often[start:end]) for start, end in pairwise(ends)]


def _words(folded: str) -> list[str]:
    found = _ASCII.findall(folded)
    return terms(" ".join(found)) if found else []


def holds(terms: Codes, asked: Codes) -> NDArray[np.bool_]:
    """Say of each of `asked` whether it is among `terms`, which ascend; np.isin takes ten times."""
    if not len(terms):
        return np.zeros(len(asked), bool)
    found: NDArray[np.bool_] = (
        terms[np.minimum(np.searchsorted(terms, asked), len(terms) - 1)] == asked
    )
    return found
