"""An embedder without a model: character n-grams hashed into 64 dimensions."""

from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np

from tools.embed_base import Vector2D, unit


class HashEmbedder:
    """Texts that share characters are near each other; deterministic, needs no time."""

    name = "hash-64"
    dims = 64

    def __init__(self) -> None:
        self.asked: list[str] = []  # every text embedded, in order

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        return self._embed(texts)

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        return self._embed(texts)

    async def close(self) -> None:
        pass

    def _embed(self, texts: Sequence[str]) -> Vector2D:
        self.asked += texts
        rows = np.zeros((len(texts), self.dims), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in [*text, *(a + b for a, b in pairwise(text))]:
                row[crc32(gram.encode("utf-8", "replace")) % self.dims] += 1
            row[0] += not text
        return unit(rows) if len(texts) else rows
