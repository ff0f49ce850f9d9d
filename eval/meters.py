"""Counts the CPU of embedding and model calls apart from what is Kefu's own."""

import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import Any, cast

from langchain_core.messages import BaseMessage

from tools.embed_base import Embedder, Vector2D
from tools.llm import ChatModel, T

ANEW = "……"  # makes another question of as many words


class Meter:
    """Adds up seconds inside awaited calls; right only for one turn at a time."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start anew."""
        self.cpu_s = self.wall_s = 0.0  # of the whole process; of the clock

    async def run(self, call: Awaitable[Any]) -> Any:  # noqa: ANN401 whatever the call returns
        """Await `call` and count its CPU and its time."""
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        try:
            return await call
        finally:
            self.cpu_s += time.process_time() - cpu_s
            self.wall_s += time.perf_counter() - wall_s


class NotedEmbedder:
    """An embedder that notes what it is asked, so that its CPU can be measured apart."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.name, self.dims, self.reader = inner.name, inner.dims, inner.reader
        self.passages, self.close = inner.passages, inner.close
        self._asked: dict[str, None] = {}

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        self._asked |= dict.fromkeys(texts)
        return await self._inner.questions(texts)

    async def alone(self) -> Meter:
        """Embed what was asked since the last time anew, and return what that took.

        In a turn it runs beside Kefu's own work, from which a process's CPU can't be told apart.
        """
        texts = [f"{text}{ANEW}" for text in self._asked if text]
        self._asked.clear()
        meter = Meter()
        await meter.run(self._inner.questions(texts))
        return meter


class MeteredModel:
    """A chat model whose client's CPU is counted apart."""

    def __init__(self, inner: ChatModel, meter: Meter) -> None:
        self._inner, self._meter = inner, meter
        self.name, self.is_available = inner.name, inner.is_available
        self.probe, self.close = inner.probe, inner.close

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the answer's text piece by piece."""
        pieces = self._inner.stream(messages, max_tokens=max_tokens)
        while (piece := await self._meter.run(anext(pieces, None))) is not None:
            yield piece

    async def choose(self, messages: Sequence[BaseMessage], options: Sequence[str]) -> str:
        """Return the one of `options` the model picks."""
        chosen: str = await self._meter.run(self._inner.choose(messages, options))
        return chosen

    async def structured(self, messages: Sequence[BaseMessage], schema: type[T]) -> T:
        """Return the model's answer in the form of `schema`."""
        return cast(T, await self._meter.run(self._inner.structured(messages, schema)))
