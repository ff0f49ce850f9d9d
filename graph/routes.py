"""Where a turn goes next: pure functions of State, so that a past one can be replayed."""

from typing import Literal

from graph.state import State


def by_owner(state: State) -> Literal["relay", "intent"]:
    """A person owns the thread: the bot stays silent."""
    return "intent" if state.get("owner", "bot") == "bot" else "relay"


def by_need(state: State) -> Literal["retrieve", "decide"]:
    """What the knowledge may answer is looked up, also when it may be about the customer's own.

    So is an unproven attempt: it may be what an entry was written for.
    """
    is_proven = "injection" in state["signals"] and "unproven" not in state["signals"]
    is_blocked = is_proven or bool({"empty", "too_long"} & set(state["signals"]))
    is_answer_to_bot = bool(state["pending"])
    may_be_known = state["route"] in ("knowledge", "vague", "offer", "account")
    return "retrieve" if may_be_known and not is_blocked and not is_answer_to_bot else "decide"


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
