"""What the guard's model reads of a text: hashed runs of tokens and pieces of words."""

import re
import zlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.text.normalise import HAN

Buckets = NDArray[np.intp]

BUCKET_BITS = 16
_TOKEN = re.compile(rf"[a-z]+|[{HAN}]|[^\w\s]|\w")
_FIGURES = re.compile(r"\d+")
_END = re.compile(r"[。！？!?；;\n]+|\.(?=\s)")
_BEGIN, _FINISH = "\2", "\3"  # of a sentence
_PIECES = (4, 5)  # letters
_MIX = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D))  # as in xxHash
_SHIFT = np.uint32(32 - BUCKET_BITS)
_NOTHING = np.zeros(0, np.intp)


class Reading(NamedTuple):
    """The runs and pieces of a text, hashed: what is said over and over counts once."""

    parts: Buckets  # distinct in each sentence
    owner: Buckets  # as long: the sentence; empty where there is but one
    sentences: int

    @property
    def whole(self) -> Buckets:
        """The buckets of all sentences, distinct."""
        return self.parts if self.sentences == 1 else _distinct(self.parts)


@lru_cache(maxsize=8)  # a message is read for its words, and beside its embedding
def read(text: str) -> Reading | None:
    """Return what the model reads of a folded text, None where it holds nothing to read."""
    said = [_TOKEN.findall(part) for part in _END.split(_FIGURES.sub("0", text))]
    tokens, sentences = list[str](), 0
    for sentence in filter(None, said):
        tokens += [_BEGIN, *sentence, _FINISH]
        sentences += 1
    if not sentences:
        return None
    words = [_word(token) for token in tokens if len(token) > 1]
    numbers = iter(words)
    ids = np.array([ord(t) if len(t) == 1 else next(numbers).id for t in tokens], np.uint32)
    first, second, third = (ids * factor for factor in _MIX)
    runs = [first, first[:-1] + second[1:], first[:-2] + second[1:-1] + third[2:]]
    pieces = np.array([piece for word in words for piece in word.pieces], np.intp)
    if sentences == 1:
        buckets = np.concatenate([_bucket(np.concatenate(runs)), pieces])
        return Reading(_distinct(buckets), _NOTHING, 1)
    owner = np.cumsum(ids == ord(_BEGIN)) - 1
    inside = [owner[1:] == owner[:-1], owner[2:] == owner[:-2]]
    owners = [owner, owner[1:][inside[0]], owner[2:][inside[1]]]
    runs = [runs[0], runs[1][inside[0]], runs[2][inside[1]]]
    at = [place for place, token in enumerate(tokens) if len(token) > 1]
    owners.append(np.repeat(owner[at], [len(word.pieces) for word in words]))
    buckets = np.concatenate([_bucket(np.concatenate(runs)), pieces])
    owned = _distinct(np.concatenate(owners) << BUCKET_BITS | buckets)  # each once a sentence
    return Reading(owned & 2**BUCKET_BITS - 1, owned >> BUCKET_BITS, sentences)


def _bucket(runs: NDArray[np.uint32]) -> Buckets:
    runs ^= runs >> np.uint32(15)
    runs *= _MIX[1]
    return (runs >> _SHIFT).astype(np.intp)


def _distinct(values: Buckets) -> Buckets:
    """Return as `np.unique` does, in a tenth of its time (numpy 2.4)."""
    ordered = np.sort(values)
    is_new = np.empty(len(ordered), np.bool_)
    is_new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


class _Word(NamedTuple):
    id: int
    pieces: tuple[int, ...]  # buckets


@lru_cache(maxsize=8192)
def _word(word: str) -> _Word:
    framed = f"<{word}>" if len(word) >= _PIECES[0] else ""
    pieces = [
        zlib.crc32(f"#{framed[at : at + size]}".encode()) >> 32 - BUCKET_BITS
        for size in _PIECES
        for at in range(len(framed) - size + 1)
    ]
    return _Word(zlib.crc32(word.encode()) | 1 << 31, tuple(pieces))  # apart from all characters
