"""Where a turn goes next: pure functions of State, so that a past one can be replayed."""

from typing import Literal

from graph.state import State


def by_owner(state: State) -> Literal["relay", "intent"]:
    """A person owns the thread: the bot stays silent."""
    return "intent" if state.get("owner", "bot") == "bot" else "relay"


def by_need(state: State) -> Literal["retrieve", "decide"]:
    """Only questions to the knowledge are looked up."""
    blocked = {"injection", "empty", "too_long"} & set(state["signals"])
    return (
        "retrieve"
        if state["route"] in ("knowledge", "vague", "offer") and not blocked
        else "decide"
    )


def by_decision(state: State) -> Literal["answer", "act", "clarify", "handoff", "fallback"]:
    """Take the action that was decided."""
    action = state["decision"]["action"]
    if action == "relay":
        raise ValueError("decide never chooses relay: the owner does")
    return action


def after_speaking(state: State) -> Literal["handoff", "fallback", "remember"]:
    """Answer and act may find that they can't, and change the decision."""
    action = state["decision"]["action"]
    return action if action in ("handoff", "fallback") else "remember"
