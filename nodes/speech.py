"""How a node speaks: the AI message that ends a turn, and the pieces that are shown on the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TypedDict

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from graph.context import Context, saved_as
from graph.state import State

REPLY_END = "-reply"  # of a reply's id: a message that ended so would take its place


class Piece(TypedDict, total=False):
    """One event on LangGraph's `custom` stream."""

    kind: Literal["text", "reset", "step"]  # more of it | forget it so far | a node is done
    text: str
    step: str  # node name
    detail: dict[str, Any]  # what the step found, for the collapsible notes


Listener = Callable[[Piece], object]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Send the pieces of turns that run inside to `listener` instead of to LangGraph's stream.

    LangGraph makes a task for each piece, which took a fifth of the graph's CPU (docs/cost.md).
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def show(runtime: Runtime[Context], text: str) -> None:
    """Show the next piece of the reply at once."""
    _tell(runtime, Piece(kind="text", text=text))


def show_again(runtime: Runtime[Context]) -> None:
    """Take back what was shown of the reply; a better one follows."""
    _tell(runtime, Piece(kind="reset"))


def note(runtime: Runtime[Context], step: str, **detail: Any) -> None:  # noqa: ANN401 any JSON value
    """Tell the channel what a step found."""
    _tell(runtime, Piece(kind="step", step=step, detail=detail))


def message(state: State, text: str) -> AIMessage:
    """Return the turn's reply; its id is the turn's, so that saying it again replaces it."""
    return AIMessage(content=text, id=reply_id(state["turn_id"]))


def reply_id(turn_id: str) -> str:
    """Return the id of a turn's reply."""
    return f"{turn_id}{REPLY_END}"


def thread_of(runtime: Runtime[Context]) -> str:
    """Return the conversation's id as the channel knows it; "" where nothing is saved."""
    saved = runtime.execution_info.thread_id if runtime.execution_info else None
    return (saved or "").removeprefix(saved_as(runtime.context.tenant, ""))


def elapsed_ms(state: State, now_s: float) -> float:
    """Return milliseconds since the turn started."""
    return round((now_s - state["started_at"]) * 1000, 1)


def _tell(runtime: Runtime[Context], piece: Piece) -> None:
    (_listener.get() or runtime.stream_writer)(piece)
