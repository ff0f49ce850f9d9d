"""Two embedders side by side: what one misses, the other often finds."""

import asyncio
import math
from collections.abc import Awaitable, Sequence

import numpy as np

from tools.embed_base import Embedder, Vector2D
from tools.errors import ConfigError


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
        rows = await asyncio.gather(first, second)
        if not len(rows[0]):
            return np.zeros((0, self.dims), np.float32)
        return np.hstack([row * scale for row, scale in zip(rows, self._scales, strict=True)])
