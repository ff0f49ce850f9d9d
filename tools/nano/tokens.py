"""Cuts text into the model's tokens: unigram pieces, the likeliest cut (Kudo 2018, 1804.10959)."""

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tools.nano.weights import Weights

_MARK = "\u2581"  # stands for a space, SentencePiece's way
_SPACES = re.compile(" {2,}")
_UNKNOWN_COST = 10.0  # below the least likely piece
_NEVER = -1e30
_KEPT_GROUPS = 1 << 16  # a customer must not fill the memory with odd pairs of characters


class _Group(NamedTuple):
    """The pieces that begin alike: their ids and scores, and the length of the longest."""

    pieces: dict[str, tuple[int, float]]
    longest: int


class Tokenizer:
    """A quarter of a million pieces with their scores, of which only those are read that may fit.

    They are ordered by their first two characters; a piece of one character stands alone.
    """

    def __init__(self, weights: Weights) -> None:
        """Order the vocabulary."""
        self._text, self._starts = weights.pieces
        self._scores = weights.scores
        self._unknown = weights.unknown
        self._unknown_score = float(weights.scores.min()) - _UNKNOWN_COST
        self._folds = weights.folds
        codes = np.frombuffer(f"{self._text}\0".encode("utf-32-le"), "<u4").astype(np.int64)
        first, lengths = self._starts[:-1], np.diff(self._starts)
        keys = codes[first] << 32 | np.where(lengths > 1, codes[first + 1], 0)
        keys[self._unknown] = -1  # is never looked up
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._group = lru_cache(_KEPT_GROUPS)(self._read)

    def __call__(self, text: str) -> list[int]:
        """Return the ids of the text's pieces, without the marks of start and end."""
        text = _SPACES.sub(" ", text.translate(self._folds))
        text = (text if text.startswith(" ") else f" {text}").replace(" ", _MARK)
        length = len(text)
        best = [0.0] + [_NEVER] * length  # log probability of the best cut up to here
        piece = [self._unknown] * (length + 1)  # its last piece
        start = [0] * (length + 1)  # where that begins
        for i in range(length):
            here = best[i]
            if here + self._unknown_score > best[i + 1]:
                best[i + 1] = here + self._unknown_score
                piece[i + 1], start[i + 1] = self._unknown, i
            for width in (1, 2):
                pieces, longest = self._group(text[i : i + width])
                for end in range(i + width, min(length, i + longest) + 1):
                    found = pieces.get(text[i:end])
                    if found is not None and here + found[1] > best[end]:
                        best[end], piece[end], start[end] = here + found[1], found[0], i
        cut = []
        while length:
            cut.append(piece[length])
            length = start[length]
        return cut[::-1]

    def piece(self, number: int) -> str:
        """Return the piece of that id."""
        return self._text[self._starts[number] : self._starts[number + 1]]

    def _read(self, head: str) -> _Group:
        """Return the pieces that begin with two characters, or the one that is one character."""
        key = ord(head[0]) << 32 | (ord(head[1]) if len(head) > 1 else 0)
        start, end = np.searchsorted(self._keys, [key, key + 1])
        pieces = {}
        for number in self._order[start:end].tolist():
            pieces[self.piece(number)] = number, float(self._scores[number])
        return _Group(pieces, max(map(len, pieces), default=0))
