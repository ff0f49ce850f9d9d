"""What goes into a turn and what it leaves: the message, its last event, its line in the log."""

from typing import Literal, TypedDict, cast

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig

from graph.context import Context
from graph.state import Owner, Reply, State
from nodes.replies import urgent
from nodes.speech import reply_id
from tools.desk.records import InboxMessage, LoggedTurn, Turn, WaitingMessage
from tools.errors import KefuError
from tools.text.normalise import language, normalise
from tools.text.pii import mask
from tools.traces import run_id


class Refused(KefuError):
    """A message is neither kept nor answered."""


class NotYours(Refused):
    """The thread belongs to another customer."""


class IdTaken(Refused):
    """Another message was sent under the id: its answer would pass for one to this message."""


class Done(TypedDict):
    """The last event of a turn."""

    kind: Literal["done"]
    text: str  # the whole reply; "" while a person owns the thread
    reply: Reply
    owner: Owner
    ticket_id: str


def again(waiting: WaitingMessage) -> tuple[InboxMessage, Context]:
    """Return a waiting message as it came, and its context."""
    context = Context(
        tenant=waiting["tenant"],
        channel=waiting["channel"],
        user_id=waiting["user_id"],
        locale="en" if waiting["locale"] == "en" else "zh",
        region=waiting["region"],
    )
    message = {
        name: value for name, value in waiting.items() if name in InboxMessage.__annotations__
    }
    return cast(InboxMessage, message), context


def storable(text: str) -> str:
    """Return `text` without what databases refuse: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def run_named(message: InboxMessage) -> RunnableConfig:
    """Return what a trace of the turn is found by."""
    names = ("turn_id", "thread_id", "tenant", "channel", "locale", "region")
    return {
        "run_id": run_id(message["turn_id"]),
        "run_name": "turn",
        "metadata": {name: message[name] for name in names},  # type: ignore[literal-required]
    }


def done(state: State) -> Done:
    """Return the end of the turn that the state has just gone through."""
    last = state["messages"][-1]
    return _done(state, last.text if isinstance(last, AIMessage) else "", state["reply"])


def ended(message: InboxMessage, state: State, turn: LoggedTurn | None) -> Done | None:
    """Return how a message that is not new was answered, as the thread or the log knows it.

    Raises:
        IdTaken: if the log knows another text under its id.
    """
    if turn and turn["question"] != _question(message):
        raise IdTaken(f"turn {turn['turn_id']!r}: expected the text that was sent first")
    return _answered(state, message["turn_id"]) or (_from_log(turn, state) if turn else None)


def _answered(state: State, turn_id: str) -> Done | None:
    """Return how a turn ended if the saved thread knows it, also when others followed it."""
    for message in state.get("messages", []):
        if message.id == reply_id(turn_id) and "kefu" in message.additional_kwargs:
            return _done(state, message.text, message.additional_kwargs["kefu"])
    reply = state.get("reply")
    return _done(state, "", reply) if reply and reply["turn_id"] == turn_id else None


def _from_log(turn: LoggedTurn, state: State) -> Done:
    """Return how a turn ended that the saved thread no longer tells: masked, without its quotes.

    It tells what was said to a person only until more is said, and of long conversations the end.
    """
    known = {name: turn[name] for name in Reply.__annotations__ if name in turn}  # type: ignore[literal-required]
    reply = cast(Reply, {**known, "citations": [], "options": []})
    return _done(state, turn["answer"], reply)


def _question(message: InboxMessage) -> str:
    return mask(normalise(message["text"]))


def logged(message: InboxMessage, end: Done) -> Turn:
    """Return the log's line, masked."""
    reply = end["reply"]
    return {
        "turn_id": message["turn_id"],
        "tenant": message["tenant"],
        "thread_id": message["thread_id"],
        "user_id": message["user_id"],
        "channel": message["channel"],
        "question": _question(message),
        "answer": mask(end["text"]),
        "action": reply["action"],
        "intent": reply["intent"],
        "confidence": reply["confidence"],
        "reason": reply["reason"],
        "owner": end["owner"],
        "level": reply["level"],
        "citations": [citation["id"] for citation in reply["citations"]],
        "llm_calls": reply["llm_calls"],
        "cached": reply["cached"],
        "took_ms": reply["took_ms"],
        "first_token_ms": reply["first_token_ms"],
    }


def apology(message: InboxMessage, hotline: str, *, is_kept: bool) -> Done:
    """Return level 4: nothing works but the log, or not even that."""
    locale = language(message["text"]) if message["text"] else message["locale"]
    return {
        "kind": "done",
        "text": urgent(locale, "down" if is_kept else "lost", hotline),
        "reply": {
            "thread_id": message["thread_id"],
            "turn_id": message["turn_id"],
            "action": "fallback",
            "confidence": 0.0,
            "reason": "down",
            "intent": "",
            "level": 4,
            "citations": [],
            "options": [],
            "llm_calls": 0,
            "cached": False,
            "took_ms": 0.0,
            "first_token_ms": 0.0,
        },
        "owner": "bot",
        "ticket_id": "",
    }


def _done(state: State, text: str, reply: Reply) -> Done:
    return {
        "kind": "done",
        "text": text,
        "reply": reply,
        "owner": state.get("owner", "bot"),
        "ticket_id": state.get("ticket_id", ""),
    }
