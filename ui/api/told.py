"""What apps are told, as the LangGraph API shapes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.types import StateSnapshot

from graph.state import Reply
from nodes.speech import reply_id
from tools.desk.records import AppThread
from ui.api.shapes import ASSISTANT, ASSISTANT_ID
from ui.turn import Done

OUTPUT = ("reply", "owner", "ticket_id")  # beside the messages: graph.state.Output


def dumped(value: object) -> bytes:
    """Return JSON, of messages too."""
    return orjson.dumps(value)


def turn_id_of(message_id: str, thread_id: str) -> str:
    """Return what a turn is called: apps may call their messages the same in every thread."""
    return f"{thread_id}:{message_id}"


def message(said: AnyMessage, thread_id: str) -> dict[str, Any]:
    """Return a message with the ids that the app knows."""
    told = said.model_dump(mode="json")
    told["id"] = _outward(told.get("id") or "", thread_id)
    if reply := told["additional_kwargs"].get("kefu"):
        told["additional_kwargs"] = {"kefu": _reply(reply, thread_id)}
    return told


def values(state: Mapping[str, Any], thread_id: str) -> dict[str, Any]:
    """Return what a conversation's saved state holds for an app."""
    told: dict[str, Any] = {
        "messages": [message(said, thread_id) for said in state.get("messages", [])]
    }
    told |= {key: state[key] for key in OUTPUT if state.get(key)}
    if "reply" in told:
        told["reply"] = _reply(told["reply"], thread_id)
    return told


def asked(state: Mapping[str, Any], thread_id: str, said: HumanMessage) -> dict[str, Any]:
    """Return how a conversation stands when a message has come in."""
    messages = list(state.get("messages", []))
    if all(each.id != said.id for each in messages):  # else it was sent again
        messages.append(said)
    return values({**state, "messages": messages}, thread_id)


def ended(
    state: Mapping[str, Any], thread_id: str, said: HumanMessage, end: Done
) -> dict[str, Any]:
    """Return how a conversation stands after a turn, also where later ones have followed it.

    A turn that could not be saved is shown all the same: what was said is what the customer read.
    """
    messages: list[AnyMessage] = list(state.get("messages", []))
    its_reply = reply_id(str(said.id))
    at = [index for index, each in enumerate(messages) if each.id in (said.id, its_reply)]
    if at:
        messages = messages[: at[-1] + 1]
    else:
        messages.append(said)
    if end["text"] and messages[-1].id != its_reply:
        kept = {"kefu": end["reply"]}
        messages.append(AIMessage(end["text"], id=its_reply, additional_kwargs=kept))
    return values({**end, "messages": messages}, thread_id)


def thread(
    found: AppThread, state: Mapping[str, Any], *, status: str, select: Sequence[str] | None
) -> dict[str, Any]:
    """Return a conversation; a `select` leaves only these keys."""
    told = {
        "thread_id": found["thread_id"],
        "created_at": found["created_at"],
        "updated_at": found["updated_at"],
        "metadata": {
            **found["metadata"],
            **({"user_id": found["user_id"]} if found["user_id"] else {}),
            "graph_id": ASSISTANT,
            "assistant_id": ASSISTANT_ID,
        },
        "status": status,
        "config": {},
        "values": values(state, found["thread_id"]) if state else None,
        "interrupts": {},
    }
    return {key: value for key, value in told.items() if not select or key in select}


def snapshot(found: StateSnapshot, thread_id: str) -> dict[str, Any]:
    """Return one saved state of a conversation."""
    return {
        "values": values(found.values, thread_id),
        "next": list(found.next),
        "tasks": [],
        "metadata": {"step": (found.metadata or {}).get("step"), "graph_id": ASSISTANT},
        "created_at": found.created_at,
        "checkpoint": _checkpoint(found.config, thread_id),
        "parent_checkpoint": (
            _checkpoint(found.parent_config, thread_id) if found.parent_config else None
        ),
        "checkpoint_id": checkpoint_id(found),
        "interrupts": [],
    }


def nothing(thread_id: str) -> dict[str, Any]:
    """Return the state of a conversation in which nothing was said yet."""
    return {
        "values": {},
        "next": [],
        "tasks": [],
        "metadata": {},
        "created_at": None,
        "checkpoint": {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": None},
        "parent_checkpoint": None,
        "interrupts": [],
    }


def checkpoint_id(found: StateSnapshot) -> str:
    """Return the name of a saved state."""
    return str(found.config["configurable"].get("checkpoint_id", ""))


def assistant(since: datetime) -> dict[str, Any]:
    """Return the only assistant there is."""
    return {
        "assistant_id": ASSISTANT_ID,
        "graph_id": ASSISTANT,
        "name": ASSISTANT,
        "description": "Kefu, a customer-service agent",
        "config": {},
        "context": {},
        "metadata": {"created_by": "system"},
        "version": 1,
        "created_at": since,
        "updated_at": since,
    }


def _checkpoint(config: Mapping[str, Any], thread_id: str) -> dict[str, Any]:
    named = config["configurable"].get("checkpoint_id")
    return {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": named}


def _reply(reply: Reply, thread_id: str) -> dict[str, Any]:
    return {**reply, "turn_id": _outward(reply["turn_id"], thread_id)}


def _outward(turn_id: str, thread_id: str) -> str:
    return turn_id.removeprefix(turn_id_of("", thread_id))
