"""The weights that bge-m3 gives to words, folded into vectors that every engine can compare."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tools.embed_base import Vector2D, unit

WIDTH = 1024  # dot products are off by about 1 / sqrt(WIDTH)
PLACES = 4  # that a word adds to: with one, two heavy words that meet there tell much that is wrong


class Weighing(Protocol):
    """What knows how much each word of a text counts."""

    @property
    def name(self) -> str:
        """Tells models apart."""
        ...

    async def sparse(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return for each text the weight of each of its tokens."""
        ...


class WordsEmbedder:
    """Gives texts vectors whose dot product is the cosine of their words' weights, nearly.

    Beside the model's own vectors (PairEmbedder) it is the third leg of the search: words as the
    model weighs them.
    """

    dims = WIDTH
    reader = None

    def __init__(self, model: Weighing) -> None:
        self.name = f"{model.name}-words{WIDTH}"
        self._model = model

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return vectors of length 1, or 0 where no word counts; errors as the model's."""
        return folded(await self._model.sparse(texts))

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return vectors as `questions`."""
        return await self.questions(texts)

    async def close(self) -> None:
        """Do nothing: the model is closed by who made it."""


def folded(rows: Sequence[Mapping[str, float]]) -> Vector2D:
    """Return the weights of each text's words in WIDTH numbers, each row of length 1 or 0.

    Each word adds to places of its own with signs of its own, so that different words that share
    a place cancel out on average (Kane and Nelson 2014, arXiv:1012.1577).
    """
    vectors = np.zeros((len(rows), WIDTH), np.float32)
    for vector, row in zip(vectors, rows, strict=True):
        for word, weight in row.items():
            places, signs = _drawn(word)
            vector[places] += weight * signs
    return unit(vectors) if len(rows) else vectors


@lru_cache(maxsize=50_000)  # words, some 20 MB
def _drawn(word: str) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return places and signs of a word, as if drawn at random."""
    drawn = blake2b(word.encode("utf-8", "replace"), digest_size=2 * PLACES).digest()
    numbers = np.frombuffer(drawn, "<u2").astype(np.intp)
    # A quarter of the vector for each place, so that no two of a word meet.
    places = numbers % (WIDTH // PLACES) + np.arange(PLACES) * (WIDTH // PLACES)
    return places, np.where(numbers >> 15, 1, -1).astype(np.float32)
