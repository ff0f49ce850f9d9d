"""What goes into the desk and comes out of it. A row's record names columns of its table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

Clock = Callable[[], datetime]  # must return datetimes with a time zone
Owner = Literal["bot", "queue", "human"]
TicketStatus = Literal["open", "taken", "closed"]
Role = Literal["customer", "agent", "bot"]


class InboxMessage(TypedDict):
    """A customer's message as it arrived; `text` is raw because the graph runs on it."""

    turn_id: str
    tenant: str
    thread_id: str
    user_id: str  # "" = not signed in
    channel: str
    text: str
    locale: str
    region: str


class WaitingMessage(InboxMessage):
    """A message whose turn did not finish."""

    received_at: datetime
    attempts: int  # times it was started; give up (`fail`) when a message keeps killing the process


class Turn(TypedDict):
    """A finished turn for the log; `question` and `answer` come masked."""

    turn_id: str
    tenant: str
    thread_id: str
    user_id: str
    channel: str
    question: str
    answer: str
    action: str
    intent: str
    confidence: float
    reason: str
    owner: Owner  # after the turn
    level: int
    citations: list[str]  # ids of knowledge entries
    llm_calls: int
    cached: bool
    took_ms: float
    first_token_ms: float


class LoggedTurn(Turn):
    """A turn read back from the log."""

    at: datetime


class Thread(TypedDict):
    """One conversation in the list of earlier ones."""

    thread_id: str
    tenant: str
    user_id: str
    channel: str
    title: str  # start of the first question, masked
    owner: Owner
    created_at: datetime
    updated_at: datetime


class Ticket(TypedDict):
    """A conversation that waits for, or is with, a person."""

    ticket_id: str
    tenant: str
    thread_id: str
    user_id: str
    reason: str
    summary: str
    status: TicketStatus
    agent: str  # "" until taken
    opened_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None


class DeskMessage(TypedDict):
    """One message of a ticket; `id` rises with time."""

    id: int
    ticket_id: str
    role: Role
    agent: str  # whose words they are; "" of others than agents, and of all said before 2026-12
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskHealth:
    """That the desk can be written, and what waits in it."""

    backend: str  # "sqlite 3.40.1"
    waiting_messages: int
    unclosed_tickets: int


class AppThread(TypedDict):
    """One conversation that an app began through the API."""

    thread_id: str
    tenant: str
    user_id: str  # "" until it is a customer's
    app: str  # whose key began it
    metadata: dict[str, Any]  # the app's own
    owner: Owner
    created_at: datetime
    updated_at: datetime
