"""Tables of the desk. Columns that quote a customer hold masked text unless the comment says raw.

Every table carries `tenant`, `thread_id` and `user_id`, so that a customer can be forgotten with
one rule and no join.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment that keeps its time zone on SQLite too; naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected a datetime with a time zone, got {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; SQLite hands it back without a zone."""
        return value and value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value


def _key(name: str) -> Column[str]:
    return Column(name, String(128), primary_key=True)


def _text(name: str, *, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _at(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def _number(name: str, kind: type[Integer | Float[Any]]) -> Column[Any]:
    return Column(name, kind, nullable=False)


METADATA = MetaData()

INBOX = Table(
    "inbox",
    METADATA,
    _key("tenant"),
    _key("turn_id"),
    _text("thread_id"),
    _text("user_id"),
    _text("channel"),
    _text("text"),  # raw, the graph needs it; emptied once the turn is done
    _text("locale"),
    _text("region"),
    _at("received_at"),
    _text("status"),  # waiting | done | failed
    _number("attempts", Integer),  # 1 when received, +1 each time a crash made it run again
    _at("tried_at"),  # start of the last attempt
    _at("done_at", nullable=True),
)
Index("inbox_user", INBOX.c.tenant, INBOX.c.user_id, INBOX.c.thread_id)
_IS_WAITING = INBOX.c.status == "waiting"
Index(
    "inbox_waiting",
    INBOX.c.tried_at,
    sqlite_where=_IS_WAITING,
    postgresql_where=_IS_WAITING,
)

TURNS = Table(
    "turns",
    METADATA,
    _key("tenant"),
    _key("turn_id"),
    _text("thread_id"),
    _text("user_id"),
    _text("channel"),
    _at("at"),
    _text("question"),
    _text("answer"),
    _text("action"),
    _text("intent"),
    _number("confidence", Float),
    _text("reason"),
    _text("owner"),  # after the turn
    _number("level", Integer),
    Column("citations", JSON, nullable=False),  # ids
    _number("llm_calls", Integer),
    Column("cached", Boolean, nullable=False),
    _number("took_ms", Float),
    _number("first_token_ms", Float),
)
Index("turns_thread", TURNS.c.tenant, TURNS.c.thread_id, TURNS.c.at)
Index("turns_user", TURNS.c.tenant, TURNS.c.user_id)

THREADS = Table(
    "threads",
    METADATA,
    _key("tenant"),
    _key("thread_id"),
    _text("user_id"),
    _text("channel"),
    _text("title"),
    _text("owner"),  # a copy for lists; the saved conversation decides
    _at("created_at"),
    _at("updated_at"),
)
Index("threads_user", THREADS.c.tenant, THREADS.c.user_id, THREADS.c.updated_at)

APP_THREADS = Table(
    "app_threads",
    METADATA,
    _key("tenant"),
    _key("thread_id"),
    _text("user_id"),
    _text("app"),
    Column("metadata", JSON, nullable=False),  # raw, as the app sent it
    _at("created_at"),
)
Index(
    "app_threads_user",
    *(APP_THREADS.c.tenant, APP_THREADS.c.app, APP_THREADS.c.user_id, APP_THREADS.c.created_at),
)

TICKETS = Table(
    "tickets",
    METADATA,
    _key("tenant"),
    _key("ticket_id"),
    _text("thread_id"),
    _text("user_id"),
    _text("reason"),
    _text("summary"),
    _text("status"),  # open | taken | closed
    _text("agent", default=""),
    _at("opened_at"),
    _at("taken_at", nullable=True),
    _at("closed_at", nullable=True),
)
IS_UNCLOSED = TICKETS.c.status != "closed"
Index(
    "tickets_one_unclosed_per_thread",
    TICKETS.c.tenant,
    TICKETS.c.thread_id,
    unique=True,
    sqlite_where=IS_UNCLOSED,
    postgresql_where=IS_UNCLOSED,
)
Index("tickets_status", TICKETS.c.tenant, TICKETS.c.status, TICKETS.c.opened_at)
Index("tickets_user", TICKETS.c.tenant, TICKETS.c.user_id)

DESK_MESSAGES = Table(
    "desk_messages",
    METADATA,
    Column("id", Integer, primary_key=True),
    _text("tenant"),
    _text("ticket_id"),
    _text("thread_id"),
    _text("user_id"),
    _text("role"),  # customer | agent | bot
    _text("agent", default=""),  # the name of who said it at the desk
    _text("turn_id", default=""),  # of the turn that brought it, once; "" of agents' words
    _text("text"),  # raw where the person at the desk must see it, e.g. a number to call back
    _at("at"),
)
Index("desk_messages_ticket", DESK_MESSAGES.c.tenant, DESK_MESSAGES.c.ticket_id, DESK_MESSAGES.c.id)
Index("desk_messages_user", DESK_MESSAGES.c.tenant, DESK_MESSAGES.c.user_id)

FEEDBACK = Table(
    "feedback",
    METADATA,
    _key("tenant"),
    _key("turn_id"),
    _text("thread_id"),
    _text("user_id"),
    _number("score", Integer),  # +1 | -1
    _text("reason"),
    _text("comment"),
    _at("at"),
)
Index("feedback_user", FEEDBACK.c.tenant, FEEDBACK.c.user_id)

GAPS = Table(
    "gaps",
    METADATA,
    Column("id", Integer, primary_key=True),
    _text("tenant"),
    _text("thread_id"),
    _text("user_id"),
    _text("question"),
    _text("reason"),
    _at("at"),
)
Index("gaps_user", GAPS.c.tenant, GAPS.c.user_id)
