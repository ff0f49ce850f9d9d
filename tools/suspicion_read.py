"""What the guard's model reads of a text: hashed runs of tokens and pieces of words."""

import re
import zlib
from functools import lru_cache
from operator import add
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Buckets = NDArray[np.intp]

BUCKET_BITS = 16
_LATIN = re.compile("[a-z]{2,}")  # every other character is a token by itself
_FIGURES = re.compile(r"\d+")
_END = re.compile(r"[。！？!?；;\n]+|\.(?=\s)")
_WORD, _BEGIN, _FINISH, _GAP = "\1", "\2", "\3", "\0\0"  # a Latin word; around a sentence
_PIECES = (4, 5)  # letters
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)  # as in xxHash
_MASK = 2**32 - 1
_MIX = np.array(_FACTORS, np.uint32)[:, None]
_FOLDED, _SHIFT = np.uint32(15), np.uint32(32 - BUCKET_BITS)
_FEW = 40  # tokens
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
    plain = _FIGURES.sub("0", text)
    words = [_word(word) for word in _LATIN.findall(plain)]
    if words:
        plain = _LATIN.sub(_WORD, plain)
    said = ["".join(part.split()) for part in _END.split(plain)]
    framed = [f"{_BEGIN}{sentence}{_FINISH}{_GAP}" for sentence in said if sentence]
    if not framed:
        return None
    if len(framed) == 1 and len(framed[0]) < _FEW:
        return Reading(_of_few(framed[0], words), _NOTHING, 1)
    ids = np.frombuffer("".join(framed).encode("utf-32-le", "surrogatepass"), np.uint32)
    at, pieces = _NOTHING, _NOTHING
    if words:
        ids, at = ids.copy(), np.flatnonzero(ids == ord(_WORD))
        ids[at] = [word.id for word in words]
        pieces = np.array([piece for word in words for piece in word.pieces], np.intp)
    runs = _runs(ids)
    if len(framed) == 1:
        buckets = runs[:, : -len(_GAP)].ravel()
        buckets = np.concatenate([buckets, pieces]) if words else buckets
        return Reading(_distinct(buckets), _NOTHING, 1)
    owner = np.cumsum(ids == ord(_BEGIN)) - 1
    owned = (owner << BUCKET_BITS | runs)[:, ids != 0].ravel()
    if words:
        of_pieces = np.repeat(owner[at], [len(word.pieces) for word in words])
        owned = np.concatenate([owned, of_pieces << BUCKET_BITS | pieces])
    owned = _distinct(owned)  # each once a sentence
    return Reading(owned & 2**BUCKET_BITS - 1, owned >> BUCKET_BITS, len(framed))


def _of_few(framed: str, words: list["_Word"]) -> Buckets:
    """Return the distinct buckets of a short sentence, as `_runs` and the words' pieces have them.

    Plain numbers are faster than numpy here: a call of it costs as much as ten tokens.
    """
    ids = [*map(ord, framed[: -len(_GAP)])]
    if words:
        said = iter(words)
        ids = [next(said).id if char == ord(_WORD) else char for char in ids]
    one = [token * _FACTORS[0] for token in ids]
    two = [*map(add, one, [token * _FACTORS[1] for token in ids[1:]])]
    three = map(add, two, [token * _FACTORS[2] for token in ids[2:]])
    buckets = {
        ((run ^ (run & _MASK) >> 15) * _FACTORS[1] & _MASK) >> 32 - BUCKET_BITS
        for run in [*one, *two, *three]
    }
    for word in words:
        buckets.update(word.pieces)
    return np.fromiter(buckets, np.intp, len(buckets))


def _runs(ids: NDArray[np.uint32]) -> Buckets:
    """Return the buckets of the runs of one, two and three tokens that begin at each, (3, n).

    Those that reach into a gap are shorter runs once more.
    """
    size = len(ids)
    held = np.empty(3 * size + 3, np.uint32)
    np.multiply(_MIX, ids, held[:-3].reshape(3, size))
    # Rows one longer begin one later in each row before: the second token's below the first's.
    runs = np.add.accumulate(held.reshape(3, size + 1)[:, :size], dtype=np.uint32)
    runs ^= runs >> _FOLDED
    runs *= _MIX[1]
    runs >>= _SHIFT
    return runs.astype(np.intp)


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
