"""Turn text into hashed word grams: what a linear head reads beside the embedding."""

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.linear import Examples
from tools.text.normalise import fold

Vector = NDArray[np.float32]

BUCKETS = 2**14
VECTOR_WEIGHT = 3.0  # of the centred embedding beside the unit-length grams; by held-out log loss

_CODE = re.compile(r"(?=[a-z._-]*\d)[a-z0-9][a-z0-9._-]{5,}|[a-z0-9-]+\.[a-z][a-z.]+")
_TOKEN = re.compile(r"\x01|[a-z]+|\d+|[^\W_a-z\d]|[?]")


def grams(text: str) -> NDArray[np.intp]:
    """Return the hashed grams of a text, distinct and sorted.

    1 to 3 tokens in a row, and 3 or 4 letters of a Latin word. A token is a Chinese character or
    a whole Latin word; order numbers, ids and domains are one token whatever they say.
    """
    tokens = _TOKEN.findall(_CODE.sub("\x01", fold(text)))
    framed = ["^", *tokens, "$"]
    found = {f"#{min(len(tokens), 12) // 2}"}
    for n in (1, 2, 3):
        found.update("\x00".join(framed[i : i + n]) for i in range(len(framed) - n + 1))
    for word in {f"<{token}>" for token in tokens if len(token) > 2}:
        for n in (3, 4):
            found.update(f"\x02{word[i : i + n]}" for i in range(len(word) - n + 1))
    return np.array(sorted({zlib.crc32(gram.encode()) % BUCKETS for gram in found}), dtype=np.intp)


class Encoder:
    """How rare each gram is and where the embeddings' centre lies, in the texts fitted on."""

    def __init__(self, idf: Vector, mean: Vector) -> None:
        self.idf = idf  # (BUCKETS,); 0 for grams never seen
        self.mean = mean  # (dims,); (0,) without embedding

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Vector | None) -> "Encoder":
        """Return the encoder for these texts; `vectors` are their unit vectors."""
        seen = np.zeros(BUCKETS, np.float32)
        for text in texts:
            seen[grams(text)] += 1
        rarity = np.log((1 + len(texts)) / (1 + seen)) + 1
        mean = np.zeros(0, np.float32) if vectors is None else vectors.mean(axis=0)
        return cls(np.where(seen > 0, rarity, 0).astype(np.float32), mean)

    def encode(self, texts: Sequence[str], vectors: Vector | None) -> Examples:
        """Return the texts as unit rows of grams and, with vectors, weighted centred vectors."""
        rows = [grams(text) for text in texts]
        weights = [self.idf[row] / max(float(np.linalg.norm(self.idf[row])), 1e-9) for row in rows]
        if vectors is None:
            dense = np.zeros((len(texts), 0), np.float32)
        else:
            dense = np.asarray((vectors - self.mean) * VECTOR_WEIGHT, np.float32)
        return Examples(rows, weights, dense, BUCKETS)
