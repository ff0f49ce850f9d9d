"""A chat model that says what it is told to."""

import json
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from langchain_core.messages import BaseMessage
from pydantic import ValidationError

from tools.errors import BadReply, ModelUnavailable
from tools.llm import T

Outcome = str | Exception | Sequence[str | Exception]


class ScriptedChat:
    """A `ChatModel` that pops one outcome per call.

    A text is the whole reply, a list is its pieces, an exception is raised; as the last item of
    a list it is raised after the pieces. `choose` and `structured` check the text like the real
    one.

    Attributes:
        prompts: the messages of every call, in order.
        is_up: set False to play an open breaker; calls then raise and use up no outcome.
    """

    name = "scripted"

    def __init__(self, outcomes: Sequence[Outcome] = ()) -> None:
        self._outcomes = deque(outcomes)
        self.prompts: list[list[BaseMessage]] = []
        self.is_up = True

    def is_available(self) -> bool:
        """Return the switch."""
        return self.is_up

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the pieces of the next outcome; `max_tokens` is not looked at."""
        if not self.is_up:
            raise ModelUnavailable("scripted chat: switched off")
        self.prompts.append(list(messages))
        if not self._outcomes:
            raise AssertionError(f"no outcome scripted for call {len(self.prompts)}: {messages}")
        outcome = self._outcomes.popleft()
        pieces = [outcome] if isinstance(outcome, str | Exception) else outcome
        has_words = False
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            if piece:
                has_words = has_words or not piece.isspace()
                yield piece
        if not has_words:
            raise ModelUnavailable("scripted chat: expected a finished answer, got no words")

    async def choose(self, messages: Sequence[BaseMessage], options: Sequence[str]) -> str:
        """Return the next outcome, which must be one of the options."""
        text = await self._text(messages)
        if text not in options:
            raise BadReply(f"scripted chat: expected one of {list(options)}, got {text!r}")
        return text

    async def structured(self, messages: Sequence[BaseMessage], schema: type[T]) -> T:
        """Return the next outcome, which must be JSON of the schema."""
        text = await self._text(messages)
        try:
            return schema.model_validate(json.loads(text, strict=False))
        except (json.JSONDecodeError, ValidationError) as exc:
            raise BadReply(f"scripted chat: expected {schema.__name__}, got {text!r}") from exc

    async def probe(self) -> list[str]:
        """Return its own name."""
        return [self.name]

    async def close(self) -> None:
        """Do nothing."""

    def assert_done(self) -> None:
        """Fail if an outcome was never asked for."""
        assert not self._outcomes, f"{len(self._outcomes)} outcomes left: {list(self._outcomes)}"

    async def _text(self, messages: Sequence[BaseMessage]) -> str:
        return "".join([piece async for piece in self.stream(messages)])
