"""A conversation as the desk keeps it: turns of the bot, words of people, and who came and went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from nodes.rules.hearing.topics import Turn
from nodes.rules.rewrite import stand_alone
from tools.desk.records import DeskMessage, LoggedTurn, Ticket
from tools.text.normalise import normalise
from tools.text.pii import mask


class Line(NamedTuple):
    """One thing that was said or that happened."""

    at: datetime
    who: Literal["customer", "bot", "agent", "joined", "closed"]
    text: str  # of "joined" the person's name
    turn: LoggedTurn | None = None  # of the bot's lines
    name: str = ""  # of the agent who said it, where it is known


def lines(
    turns: Sequence[LoggedTurn], said: Sequence[DeskMessage], tickets: Sequence[Ticket]
) -> list[Line]:
    """Return the conversation in order.

    What was said to the bot is masked, as the log keeps it; what was said to a person is not.
    """
    found: list[Line] = []
    for turn in turns:
        if turn["action"] == "relay" and not turn["answer"]:
            continue  # it reached the desk, which keeps it as it was written
        found.append(Line(turn["at"], "customer", turn["question"]))
        if turn["answer"]:
            found.append(Line(turn["at"], "bot", turn["answer"], turn))
    found += [Line(each["at"], each["role"], each["text"], name=each["agent"]) for each in said]
    for ticket in tickets:
        if ticket["taken_at"] is not None:
            found.append(Line(ticket["taken_at"], "joined", ticket["agent"]))
        if ticket["closed_at"] is not None:
            found.append(Line(ticket["closed_at"], "closed", ""))
    return sorted(found, key=lambda line: line.at)


def last_question(found: Sequence[Line]) -> str:
    """Return what the customer asked last as it can be searched, masked; "" for nothing.

    The wish for a person, which opened the ticket, is no question, but a follow-up may lean on it.
    """
    said = [line for line in found if line.who in ("customer", "bot", "agent")]
    handed_over = {line.at for line in said if line.turn and line.turn["action"] == "handoff"}
    for number in range(len(said) - 1, -1, -1):
        line = said[number]
        if line.who == "customer" and line.at not in handed_over:
            earlier = [
                Turn("user" if each.who == "customer" else "assistant", _searchable(each.text))
                for each in said[:number]
            ]
            return stand_alone(_searchable(line.text), earlier).text
    return ""


def _searchable(text: str) -> str:
    return mask(normalise(text))
