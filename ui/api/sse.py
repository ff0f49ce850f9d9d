"""A run as the events of the LangGraph API's stream."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage

from nodes.speech import Piece, reply_id
from ui.api.runs import Failure, Run
from ui.api.shapes import StreamMode
from ui.api.told import dumped, turn_id_of

ALIVE_S = 5.0  # of silence, after which a sign of life goes out: proxies close what is silent
ALIVE = b": heartbeat\n\n"


async def streamed(run: Run, modes: Sequence[StreamMode]) -> AsyncIterator[bytes]:
    """Yield a run's events as they come, `metadata` first and `end` last."""
    telling = _Telling(run, modes)
    yield event("metadata", {"run_id": run.run_id, "attempt": 1})
    while True:
        try:
            async with asyncio.timeout(ALIVE_S):
                part = await run.told.get()
        except TimeoutError:
            yield ALIVE
            continue
        if part is None:
            break
        if isinstance(part, Failure):
            yield event("error", {"error": "RunFailed", "message": part.detail})
            continue
        told = telling.piece(cast(Piece, part)) if "kind" in part else telling.values(part)  # type: ignore[arg-type]
        for name, data in told:
            yield event(name, data)
    yield event("end", None)


async def waited(run: Run) -> AsyncIterator[bytes]:
    """Yield white space until a run has ended, then its values as JSON."""
    while not run.end.done():
        yield b"\n"
        await asyncio.wait({run.end}, timeout=ALIVE_S)
    end = run.end.result()
    if isinstance(end, Failure):
        end = {"__error__": {"error": "RunFailed", "message": end.detail}}
    yield dumped(end)


def event(name: str, data: object) -> bytes:
    """Return one event as it goes over the wire."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), dumped(data))


class _Telling:
    """What is said so far, told in the modes that the app asked for."""

    def __init__(self, run: Run, modes: Sequence[StreamMode]) -> None:
        self._modes = set(modes)
        said_id = str(run.said.id).removeprefix(turn_id_of("", run.thread_id))
        self._reply_id = reply_id(said_id)
        self._metadata = {
            "run_id": run.run_id,
            "thread_id": run.thread_id,
            "graph_id": "kefu",
            "langgraph_node": "answer",
        }
        self._text = ""
        self._taken_back = 0
        self._is_named = False

    def values(self, values: dict[str, Any]) -> Iterator[tuple[str, object]]:
        """Yield how the conversation stands: before the reply, or with it."""
        last = values["messages"][-1]
        if "messages" in self._modes and last["id"] == self._reply_id:
            yield from self._named()
            yield "messages/complete", [last]
        if "values" in self._modes:
            yield "values", values

    def piece(self, piece: Piece) -> Iterator[tuple[str, object]]:
        """Yield what the reply has grown by."""
        if "custom" in self._modes:
            yield "custom", piece
        if piece["kind"] == "reset":
            self._text = ""
            self._taken_back += 1
        if piece["kind"] != "text":
            return
        self._text += piece["text"]
        if "messages-tuple" in self._modes:
            # Clients join what has one id: what was taken back must not stand before the rest.
            again = f"~{self._taken_back}" if self._taken_back else ""
            said = AIMessage(piece["text"], id=f"{self._reply_id}{again}")
            yield "messages", [said.model_dump(mode="json"), self._metadata]
        if "messages" in self._modes:
            yield from self._named()
            said = AIMessage(self._text, id=self._reply_id)
            yield "messages/partial", [said.model_dump(mode="json")]

    def _named(self) -> Iterator[tuple[str, object]]:
        if not self._is_named:
            self._is_named = True
            yield "messages/metadata", {self._reply_id: {"metadata": self._metadata}}
