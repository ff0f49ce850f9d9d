"""Read a conversation: who said what, newest last."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from nodes.rules.injection import detect
from nodes.rules.rewrite import Turn


def last_message(messages: Sequence[AnyMessage]) -> HumanMessage:
    """Return the customer's last message.

    Raises:
        ValueError: if there is none.
    """
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            return message
    raise ValueError("expected a customer's message, got none")


def history(messages: Sequence[AnyMessage], limit: int = 8) -> list[Turn]:
    """Return up to `limit` messages before the customer's last one, oldest first."""
    last = last_message(messages)
    before = [m for m in messages if m is not last and isinstance(m, HumanMessage | AIMessage)]
    return [
        Turn("user" if isinstance(m, HumanMessage) else "assistant", m.text)
        for m in before[-limit:]
    ]


def repeats(messages: Sequence[AnyMessage], text: str) -> bool:
    """Say whether the last reply was `text` already, perhaps with something after it."""
    last = next((m.text for m in reversed(messages) if isinstance(m, AIMessage)), "")
    return bool(text) and last.startswith(text)


def obedient(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns without customers' attempts to give the assistant orders."""
    return [turn for turn in turns if turn.role == "assistant" or detect(turn.content) is None]
