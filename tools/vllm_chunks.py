"""Streamed chat completions as plain dicts, and how they end."""

from collections.abc import Mapping
from typing import Any

import openai

from tools.errors import CutShort, ModelUnavailable

UNFINISHED = (None, "abort", "error")  # None: the connection ended before the answer did
WHOLE = ("stop", "tool_calls", "function_call")  # any other end left the text as it stood


class PlainCompletions:
    """What `ChatOpenAI` streams from, without a model of pydantic for every chunk.

    The client builds some five of them a chunk and LangChain turns them into a dict again, which
    takes a third of a streamed answer's CPU.
    """

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def create(
        self,
        *,
        extra_body: Mapping[str, Any],
        **body: Any,  # noqa: ANN401 any JSON value
    ) -> openai.AsyncStream[object]:
        """Ask for a streamed completion; the fields of `extra_body` join the others."""
        return await self._client.post(
            "/chat/completions",
            body={**body, **extra_body},
            cast_to=object,
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )


def check_end(who: str, finish: str | None, *, has_words: bool) -> None:
    """Do nothing if a text with this finish_reason ended where its model wanted it to.

    Raises:
        ModelUnavailable: if it did not end at all, or says nothing.
        CutShort: if it ended at its most tokens, at a filter, or for another reason of the server.
    """
    if finish in UNFINISHED or not has_words:
        raise ModelUnavailable(
            f"{who}: expected a finished answer, got "
            f"{'words' if has_words else 'no words'} and finish_reason {finish!r}"
        )
    if finish not in WHOLE:
        raise CutShort(f"{who}: its text was cut, finish_reason {finish!r}")
