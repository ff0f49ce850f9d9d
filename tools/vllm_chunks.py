"""Streamed chat completions as plain dicts."""

from collections.abc import Mapping
from typing import Any

import openai


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
