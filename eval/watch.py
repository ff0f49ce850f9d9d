"""A chat model under measurement: what it was asked, how it answered, and whether it is gone."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import numpy as np
from langchain_core.messages import BaseMessage

from tools.errors import BadReply, ConfigError, CutShort, ModelUnavailable
from tools.llm import ChatModel, T
from tools.search.base import Progress

GONE_AFTER = 3  # calls in a row without an answer

Row = TypeVar("Row")
Result = TypeVar("Result")
End = Literal["whole", "stopped", "failed"]


class Generation(NamedTuple):
    """One streamed text."""

    text: str
    end: End  # stopped: a sentence was not grounded


class Watch:
    """A `ChatModel` that passes every call on and keeps what came of it.

    Attributes:
        calls: made so far.
        unanswered: calls without an answer: no connection, too slow, cut short, empty, refused.
        odd: calls whose answer had not the asked form, or whose request was too long.
        last_error: of the last call that failed, "" before any did.
        generations: the texts streamed, in order.
        first_ms: from the call to the first piece of each text.
    """

    def __init__(self, model: ChatModel) -> None:
        self.name = model.name
        self.calls = self.unanswered = self.odd = 0
        self.last_error = ""
        self.generations: list[Generation] = []
        self.first_ms: list[float] = []
        self._model = model
        self._in_a_row = 0

    @property
    def is_gone(self) -> bool:
        """Whether it stopped answering: GONE_AFTER calls in a row, or its breaker is open."""
        return self._in_a_row >= GONE_AFTER or not self._model.is_available()

    def is_available(self) -> bool:
        """Return what the model says."""
        return self._model.is_available()

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield what the model yields."""
        text = ""
        end: End = "stopped"
        began_s = perf_counter()
        try:
            with self._call():
                pieces = self._model.stream(messages, max_tokens=max_tokens)
                async with aclosing(pieces):
                    async for piece in pieces:
                        if not text:
                            self.first_ms.append(1000 * (perf_counter() - began_s))
                        text += piece
                        yield piece
            end = "whole"
        except CutShort:
            end = "whole"
            raise
        except (ModelUnavailable, ConfigError, BadReply):
            end = "failed"
            raise
        finally:
            self._in_a_row = self._in_a_row if end == "failed" else 0
            self.generations.append(Generation(text, end))

    async def choose(self, messages: Sequence[BaseMessage], options: Sequence[str]) -> str:
        """Return what the model returns."""
        with self._call():
            return await self._model.choose(messages, options)

    async def structured(self, messages: Sequence[BaseMessage], schema: type[T]) -> T:
        """Return what the model returns."""
        with self._call():
            return await self._model.structured(messages, schema)

    async def probe(self) -> list[str]:
        """Return what the model returns."""
        return await self._model.probe()

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()

    def counts(self) -> dict[str, Any]:
        """Return the calls and what came of them, with the time to the first piece in ms."""
        p50, p95 = np.percentile(self.first_ms, [50, 95]) if self.first_ms else (None, None)
        return {
            "calls": self.calls,
            "unanswered": self.unanswered,
            "odd": self.odd,
            "first_piece_p50_ms": None if p50 is None else round(float(p50), 1),
            "first_piece_p95_ms": None if p95 is None else round(float(p95), 1),
            "last_error": self.last_error,
        }

    @contextmanager
    def _call(self) -> Iterator[None]:
        self.calls += 1
        try:
            yield
        except (ModelUnavailable, ConfigError) as exc:
            self.unanswered += 1
            self._in_a_row += 1
            self.last_error = str(exc)
            raise
        except CutShort:
            self._in_a_row = 0
            raise
        except BadReply as exc:
            self.odd += 1
            self._in_a_row = 0
            self.last_error = str(exc)
            raise
        else:
            self._in_a_row = 0


@dataclass
class Measured(Generic[Row, Result]):
    """What was measured with a model before it was gone, or all of it."""

    done: list[tuple[Row, Result]] = field(default_factory=list)
    lost: int = 0  # rows in which the model did not answer: they say nothing about it
    of: int = 0
    stopped: str = ""  # why the rest was not measured

    def note(self) -> dict[str, Any]:
        """Return how much of it was measured."""
        return {"n": len(self.done), "of": self.of, "lost": self.lost, "stopped": self.stopped}


async def measured(
    rows: Sequence[Row],
    ask: Callable[[Row], Awaitable[Result]],
    watch: Watch,
    progress: Progress | None = None,
) -> Measured[Row, Result]:
    """Ask every row while the model answers; rows in which it did not are left out."""
    result: Measured[Row, Result] = Measured(of=len(rows))
    for number, row in enumerate(rows, start=1):
        before = watch.unanswered
        try:
            found = await ask(row)
        except (ModelUnavailable, ConfigError):
            result.lost += 1
        else:
            if watch.unanswered == before:
                result.done.append((row, found))
            else:
                result.lost += 1
        if progress is not None:
            progress(number, len(rows))
        if watch.is_gone:
            result.stopped = f"the model stopped answering: {watch.last_error}"
            break
    return result


def grounded(turns: Sequence[Sequence[Generation]]) -> dict[str, Any]:
    """Return how the answers generated in each turn stood the checks.

    first   share of generated answers whose every sentence passed at once
    second  passed when told what was wrong
    quoted  did not, so that the passage was quoted instead
    """
    ends = [[made.end for made in turn] for turn in turns if turn]
    if not ends:
        return {"generated": 0, "first": None, "second": None, "quoted": None}
    first = sum(turn[0] == "whole" for turn in ends)
    second = sum("whole" in turn[1:] for turn in ends)
    shares = {"first": first, "second": second, "quoted": len(ends) - first - second}
    return {"generated": len(ends)} | {k: round(v / len(ends), 4) for k, v in shares.items()}
