"""Read a conversation: who said what, newest last."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from nodes.rules.errands.errands import READS
from nodes.rules.errands.orders import order_numbers
from nodes.rules.hearing.rewrite_words import DENIAL, FILLER
from nodes.rules.hearing.topics import Turn
from nodes.rules.injection import detect
from tools.text.normalise import fold, normalise

SMALL_TALK = (
    *("greeting", "thanks", "goodbye", "chitchat", "identity", "offer", "declines_person"),
    *("nothing_waits", "done_already", "done_for_good", "taken_back"),
)
BESIDE = ("explains", "no_such_option")  # intents of messages that a question never leans on
READ = 24  # messages that a customer still has before them
OWN = 4  # messages of the customer that a model's answer is checked against


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


def last_reply(messages: Sequence[AnyMessage]) -> AIMessage:
    """Return what the bot said last; nothing, before it has said anything."""
    return next((m for m in reversed(messages) if isinstance(m, AIMessage)), AIMessage(""))


def noted(message: AnyMessage) -> dict[str, Any]:
    """Return what is noted of a reply, its action, reason and so on; {} for other messages."""
    return message.additional_kwargs.get("kefu", {}) if isinstance(message, AIMessage) else {}


def own_words(messages: Sequence[AnyMessage]) -> str:
    """Return the customer's last messages as they were sent, one a line."""
    said = [message.text for message in messages if isinstance(message, HumanMessage)]
    return "\n".join(text.replace("\n", " ") for text in said[-OWN:])


def denied(messages: Sequence[AnyMessage]) -> list[str]:
    """Return what the last message says was not meant: ids that the reply cited, or its options.

    Replies before it count too, back to the last question that was no denial itself.
    """
    shown: list[str] = []
    for said in reversed(messages):
        if isinstance(said, AIMessage):
            reply = noted(said)
            is_choice = reply.get("action") == "clarify"
            cited = [citation["id"] for citation in reply.get("citations", [])]
            shown += reply.get("options", []) if is_choice else cited
        elif isinstance(said, HumanMessage) and not DENIAL.match(normalise(said.text)):
            break
    return shown


def narrows(meant: str, messages: Sequence[AnyMessage]) -> bool:
    """Say whether what is `meant` instead, 不是，我说RO那个, stands in the very reply it denies."""
    name = fold(FILLER.sub("", meant)).strip(" ，,。.")
    return len(name) > 1 and name in fold(last_reply(messages).text)


def just_read(messages: Sequence[AnyMessage]) -> str:
    """Return what the bot said last, READ messages back; "" where the same was asked among them."""
    turns = history(messages, READ)
    now = fold(last_message(messages).text)
    if any(turn.role == "user" and fold(turn.content) == now for turn in turns):
        return ""
    return "\n".join(turn.content for turn in turns if turn.role == "assistant")


def topical(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Return the messages without small talk and complaints, and what was replied to them.

    Nor those that only said why something is wanted, or picked what was not offered.
    """
    kept: list[AnyMessage] = []
    for message in messages:
        reply = noted(message)
        is_talk = reply.get("action") == "fallback" and reply.get("reason") in SMALL_TALK
        if is_talk or reply.get("intent") in BESIDE:
            while kept and not isinstance(kept.pop(), HumanMessage):
                pass
        else:
            kept.append(message)
    return kept


def told_at_shop(messages: Sequence[AnyMessage]) -> str:
    """Return the tool by which the last reply told of the customer's own orders; "" if none did."""
    reply = _last_reply(messages)
    return str(reply["reason"]) if reply.get("action") == "act" else ""


def asked_of_shop(messages: Sequence[AnyMessage]) -> str:
    """Return the tool that could have told what the knowledge has just answered; "" for none."""
    reply = _last_reply(messages)
    intent = str(reply.get("intent", ""))
    return intent if reply.get("action") == "answer" and intent in READS else ""


def told_order(messages: Sequence[AnyMessage]) -> str:
    """Return the number of the one order that the last reply told of; "" for none or several."""
    last = last_reply(topical(messages))
    numbers = order_numbers(last.text) if noted(last).get("action") == "act" else []
    return numbers[0] if len(numbers) == 1 else ""


def last_cited(messages: Sequence[AnyMessage]) -> set[str]:
    """Return the ids that the last reply cited."""
    return {citation["id"] for citation in _last_reply(messages).get("citations", [])}


def _last_reply(messages: Sequence[AnyMessage]) -> dict[str, Any]:
    return noted(last_reply(topical(messages)))


def last_reason(messages: Sequence[AnyMessage]) -> str:
    """Return the reason of the last reply, small talk and all; "" for none."""
    return str(noted(last_reply(messages)).get("reason", ""))


def repeats(messages: Sequence[AnyMessage], text: str) -> bool:
    """Say whether the last reply was `text` already, perhaps with something after it."""
    return bool(text) and last_reply(messages).text.startswith(text)


def obedient(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns without customers' attempts to give the assistant orders."""
    return [turn for turn in turns if turn.role == "assistant" or detect(turn.content) is None]
