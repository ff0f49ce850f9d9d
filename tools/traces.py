"""Traces for LangSmith: every turn as a run, without personal data.

Off unless LANGSMITH_TRACING is true; address, key and project are LangSmith's own variables.
"""

import logging
import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from queue import Full, Queue
from threading import Thread
from typing import Any, Literal, Self

from langsmith import Client, configure
from langsmith.utils import get_tracer_project, tracing_is_enabled

from tools.text.pii import mask

logger = logging.getLogger(__name__)

FLUSH_S = 2  # at the end, for what is still to be sent; a server that is away is not waited for
VOTES = 1000  # that wait to be sent
NUMBERS = 16  # a longer list of numbers is a vector, which nobody reads
USER_SCORE = "user_score"  # key of likes and dislikes: 1 or -1


class Traces:
    """Where traces go; everything that LangGraph and LangChain trace in this process goes there."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._votes: Queue[tuple[uuid.UUID, int, str, str] | None] = Queue(VOTES)
        Thread(target=self._send_votes, name="votes", daemon=True).start()

    @classmethod
    def open(cls) -> Self | None:
        """Begin to trace if the environment says so; None otherwise."""
        if not tracing_is_enabled():
            return None
        # Else the process does not end while a request goes on: minutes if the server hangs.
        os.environ.setdefault("LANGSMITH_USE_DAEMON", "true")  # noqa: TID251 its only switch
        client = Client(anonymizer=masked)
        configure(client=client)
        return cls(client)

    def vote(self, turn_id: str, score: Literal[1, -1], reason: str, comment: str) -> None:
        """Send a like or dislike of a turn, in the background and if it can be sent."""
        try:
            self._votes.put_nowait((run_id(turn_id), score, reason, mask(comment)))
        except Full:  # the desk has it
            logger.warning("vote not sent to LangSmith: too many wait")

    def close(self) -> None:
        """Send what is left, for FLUSH_S at most; blocks."""
        self._client.cleanup(timeout=FLUSH_S)
        configure(client=None)
        with suppress(Full):
            self._votes.put_nowait(None)

    def _send_votes(self) -> None:
        while vote := self._votes.get():
            self._send_vote(*vote)

    def _send_vote(self, run: uuid.UUID, score: int, reason: str, comment: str) -> None:
        try:
            self._client.create_feedback(
                run,
                USER_SCORE,
                score=score,
                value=reason or None,
                comment=comment or None,
                trace_id=run,
                session_id=self._project,
            )
        except Exception:  # the thread's edge; the desk has it
            logger.warning("vote not sent to LangSmith", exc_info=True)

    @cached_property
    def _project(self) -> uuid.UUID:
        project = self._client.read_project(project_name=get_tracer_project())
        return uuid.UUID(str(project.id))


def run_id(turn_id: str) -> uuid.UUID:
    """Return the id of a turn's run: the turn's own where it is a UUID."""
    try:
        return uuid.UUID(turn_id)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"kefu:turn:{turn_id}")


def masked(value: Any) -> Any:  # noqa: ANN401 JSON of any form, as LangSmith hands it over
    """Return JSON with its texts masked and its vectors left out."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        is_vector = len(value) > NUMBERS and all(isinstance(item, float) for item in value)
        return f"<{len(value)} numbers>" if is_vector else [masked(item) for item in value]
    return value
