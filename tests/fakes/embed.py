"""An embedder without a model: character n-grams hashed into 64 dimensions."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np

from tools.embed_base import Vector2D, unit
from tools.reading import STEPS, Reading, TokenReader


class HashEmbedder:
    """Texts that share characters are near each other; deterministic, needs no time."""

    name = "hash-64"
    reader: TokenReader | None = None
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


class Waiting(HashEmbedder):
    """Embeds passages only when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()
        self.has_begun = asyncio.Event()

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        self.has_begun.set()
        await self.may_go_on.wait()
        return await super().passages(texts)


class ReadingEmbedder(HashEmbedder):
    """The same, and every letter is a token that only its like is near to."""

    def __init__(self, name: str = "letters") -> None:
        super().__init__()
        self.reader: LetterReader = LetterReader(self, name)


class OneVector(ReadingEmbedder):
    """All texts have one vector: only words and tokens tell them apart."""

    name = "one-64"

    def _embed(self, texts: Sequence[str]) -> Vector2D:
        return np.eye(1, self.dims, dtype=np.float32).repeat(len(texts), axis=0)


class LetterReader:
    """Reads letters and digits, all of one weight; signs count for nothing."""

    weight = 1.0

    def __init__(self, embedder: HashEmbedder, name: str) -> None:
        self.name = name
        self.read: list[str] = []  # every passage read, in order
        self._embedder = embedder

    async def question(self, text: str) -> Reading:
        return letters(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        self.read += texts
        return await self._embedder.passages(texts), [letters(text) for text in texts]

    async def answers(self, question: str, title: str, answer: str) -> float:
        """Return more the more of the question's letters the entry has; 0 for half of them."""
        held = set(question) & set(title + answer)
        return 8 * len(held) / max(len(set(question)), 1) - 4


def letters(text: str) -> Reading:
    """Return a reading of one token a character."""
    states = np.zeros((len(text), 512), np.int8)
    states[range(len(text)), [ord(letter) % 512 for letter in text]] = STEPS
    return Reading(states, np.array([255 * letter.isalnum() for letter in text], np.uint8))
