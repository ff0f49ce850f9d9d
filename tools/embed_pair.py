"""Two embedders side by side: what one misses, the other often finds."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from tools.embed_base import Embedder, Vector2D
from tools.errors import ConfigError
from tools.reading import Reading, TokenReader


class PairEmbedder:
    """Both vectors of a text in one, so that a dot product is the weighted mean of two cosines.

    Search engines see one embedder of `first.dims + second.dims` dimensions.
    """

    def __init__(self, first: Embedder, second: Embedder, *, share: float) -> None:
        """Join two embedders; `share` is the weight of the first one's cosine.

        Raises:
            ConfigError: if `share` leaves one of them nothing to say.
        """
        if not 0 < share < 1:
            raise ConfigError(f"share of {first.name}: expected more than 0, less than 1: {share}")
        self.name = f"{first.name}*{share:g}+{second.name}*{1 - share:g}"
        self.reader = _FirstReads(first.reader, second, self._joined) if first.reader else None
        self._first = first
        self._second = second
        self._scales = math.sqrt(share), math.sqrt(1 - share)

    @property
    def dims(self) -> int:
        """Length of a vector; 0 as long as one of the two does not know its own."""
        first, second = self._first.dims, self._second.dims
        return first + second if first and second else 0

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions; one embedder's error is the error of both."""
        return await self._join(self._first.questions(texts), self._second.questions(texts))

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer; errors as `questions`."""
        return await self._join(self._first.passages(texts), self._second.passages(texts))

    async def close(self) -> None:
        """Close both."""
        await self._first.close()
        await self._second.close()

    async def _join(self, first: Awaitable[Vector2D], second: Awaitable[Vector2D]) -> Vector2D:
        return self._joined(*await asyncio.gather(first, second))

    def _joined(self, first: Vector2D, second: Vector2D) -> Vector2D:
        if not len(first):
            return np.zeros((0, self.dims), np.float32)
        rows = zip((first, second), self._scales, strict=True)
        return np.hstack([row * scale for row, scale in rows])


class ReadEmbedder:
    """An embedder with its own vectors, of whose texts another says what stands in them."""

    def __init__(self, embedder: Embedder, other: Embedder) -> None:
        """Give `embedder` the reader of `other`, if that has one."""
        self.name = embedder.name
        self.questions = embedder.questions
        self.passages = embedder.passages
        self.reader = _FirstReads(other.reader, embedder, _second) if other.reader else None
        self._embedder = embedder
        self._other = other

    @property
    def dims(self) -> int:
        """Length of a vector."""
        return self._embedder.dims

    async def close(self) -> None:
        """Close both."""
        await self._embedder.close()
        await self._other.close()


def _second(_: Vector2D, second: Vector2D) -> Vector2D:
    return second


class _FirstReads:
    """Readings by the first of a pair, with vectors in which the second has a part."""

    weight = 3.0  # more than beside vectors of the same model alone: it says something new

    def __init__(
        self, first: TokenReader, second: Embedder, join: Callable[[Vector2D, Vector2D], Vector2D]
    ) -> None:
        self.name = first.name
        self.question, self.answers = first.question, first.answers
        self._first, self._second, self._join = first, second, join

    async def passages(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        """Return joined unit vectors, and readings of the same texts."""
        (vectors, readings), others = await asyncio.gather(
            self._first.passages(texts), self._second.passages(texts)
        )
        return self._join(vectors, others), readings
