"""The service desk's store: everything about a conversation that must outlive the process."""

from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, CompoundSelect, Table, and_, delete, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.desk.app_threads import AppThreads
from tools.desk.connection import ERASE_WAIT_S, Database
from tools.desk.dialogue import Dialogue
from tools.desk.feedback import Feedback
from tools.desk.records import Clock, DeskHealth
from tools.desk.schema import (
    APP_THREADS,
    DESK_MESSAGES,
    FEEDBACK,
    GAPS,
    INBOX,
    IS_UNCLOSED,
    THREADS,
    TICKETS,
    TURNS,
)
from tools.desk.tickets import Tickets

# Threads come last: they tell whose the rows without a user are.
_TABLES = (INBOX, TURNS, DESK_MESSAGES, TICKETS, FEEDBACK, GAPS, APP_THREADS, THREADS)

Rows = dict[Table, ColumnElement[bool]]  # which of each table


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


class Desk(Dialogue, AppThreads, Tickets, Feedback):
    """Inbox, log, conversations, tickets, feedback and gaps in one database.

    Every method may raise StoreUnavailable. Texts are stored as they come: the caller masks
    personal data in everything but `receive` and `add_desk_message`.
    """

    @classmethod
    async def open(cls, url: str, *, clock: Clock = utc_now) -> Self:
        """Open the database, creating its tables but not its folder.

        `url` is SQLAlchemy's: `sqlite+aiosqlite:////srv/kefu/desk.db`, `postgresql+asyncpg://…`.

        Raises:
            ConfigError: if the URL is not one of an async SQLite or PostgreSQL driver.
            StoreUnavailable: if the database can't be opened or written.
        """
        return cls(await Database.open(url), clock)

    async def health(self) -> DeskHealth:
        """Return what waits; raises StoreUnavailable if nothing can be written."""
        waiting = select(func.count()).where(INBOX.c.status == "waiting")
        unclosed = select(func.count()).where(IS_UNCLOSED)
        await self._database.check_writable()
        async with self._database.reading() as connection:
            waiting_messages = await connection.scalar(waiting)
            unclosed_tickets = await connection.scalar(unclosed)
        return DeskHealth(
            backend=await self._database.version(),
            waiting_messages=waiting_messages or 0,
            unclosed_tickets=unclosed_tickets or 0,
        )

    async def forget(self, user_id: str, *, tenant: str) -> dict[str, int]:
        """Erase a customer, and what they wrote in their threads before signing in.

        Returns the rows erased by table; on SQLite their bytes are overwritten too.

        Raises:
            ValueError: if `user_id` is empty, which would mean every visitor not signed in.
        """
        return await self._erase(_of_user(user_id, tenant))

    async def forget_thread(self, thread_id: str, *, tenant: str) -> dict[str, int]:
        """Erase one conversation, e.g. of a visitor; returns the rows erased by table."""
        return await self._erase(_of_thread(thread_id, tenant))

    async def held(self, user_id: str, *, tenant: str) -> dict[str, list[dict[str, Any]]]:
        """Return by table all rows that `forget` would erase; raises as that."""
        return await self._rows(_of_user(user_id, tenant))

    async def held_of_thread(
        self, thread_id: str, *, tenant: str
    ) -> dict[str, list[dict[str, Any]]]:
        """Return by table all rows that `forget_thread` would erase."""
        return await self._rows(_of_thread(thread_id, tenant))

    async def threads_before(self, before: datetime, *, tenant: str) -> list[str]:
        """Return the ids of the conversations that `purge` would erase.

        Also of those no turn was logged of: a message that was given up may be saved in them.
        """
        listed = select(THREADS.c.thread_id)
        theirs, recent = INBOX.c.tenant == tenant, INBOX.c.received_at >= before
        unlisted = select(INBOX.c.thread_id).where(
            theirs,
            INBOX.c.thread_id.not_in(listed.where(THREADS.c.tenant == tenant)),
            INBOX.c.thread_id.not_in(select(INBOX.c.thread_id).where(theirs, recent)),
            INBOX.c.thread_id.not_in(_in_hand(tenant)),
        )
        found = union(listed.where(_is_settled(before, tenant)), unlisted)
        async with self._database.reading() as connection:
            return list(await connection.scalars(found))

    async def purge(self, before: datetime, *, tenant: str) -> dict[str, int]:
        """Erase what is older than `before`; returns the rows erased by table.

        Waiting messages, unclosed tickets and the threads and messages of these stay.
        """
        unclosed = select(TICKETS.c.ticket_id).where(TICKETS.c.tenant == tenant, IS_UNCLOSED)
        old: Rows = {
            INBOX: and_(INBOX.c.status != "waiting", INBOX.c.received_at < before),
            TURNS: TURNS.c.at < before,
            DESK_MESSAGES: and_(
                DESK_MESSAGES.c.at < before, DESK_MESSAGES.c.ticket_id.not_in(unclosed)
            ),
            TICKETS: and_(TICKETS.c.status == "closed", TICKETS.c.closed_at < before),
            FEEDBACK: FEEDBACK.c.at < before,
            GAPS: GAPS.c.at < before,
            APP_THREADS: and_(
                APP_THREADS.c.created_at < before,
                APP_THREADS.c.thread_id.not_in(
                    select(THREADS.c.thread_id).where(
                        THREADS.c.tenant == tenant, ~_is_settled(before, tenant)
                    )
                ),
                APP_THREADS.c.thread_id.not_in(_in_hand(tenant)),
            ),
            THREADS: _is_settled(before, tenant),
        }
        return await self._erase(
            {table: and_(table.c.tenant == tenant, is_old) for table, is_old in old.items()}
        )

    async def close(self) -> None:
        """Close all connections; the desk is unusable afterwards."""
        await self._database.close()

    async def _rows(self, wanted: Rows) -> dict[str, list[dict[str, Any]]]:
        async with self._database.reading() as connection:
            return {
                table.name: [
                    dict(row)
                    for row in (await connection.execute(select(table).where(which))).mappings()
                ]
                for table, which in wanted.items()
            }

    async def _erase(self, doomed: Rows) -> dict[str, int]:
        async with self._database.writing(limit_s=ERASE_WAIT_S) as connection:
            erased = {
                table.name: await _delete(connection, table, which)
                for table, which in doomed.items()
            }
        await self._database.empty_wal()
        return erased


def _of_user(user_id: str, tenant: str) -> Rows:
    """Return which rows are a customer's, or of their threads before they signed in."""
    if not user_id:
        raise ValueError("expected a user id, got ''; a visitor's rows go by their thread")
    theirs = select(THREADS.c.thread_id).where(
        THREADS.c.tenant == tenant, THREADS.c.user_id == user_id
    )
    return {
        table: and_(
            table.c.tenant == tenant,
            or_(
                table.c.user_id == user_id,
                and_(table.c.user_id == "", table.c.thread_id.in_(theirs)),
            ),
        )
        for table in _TABLES
    }


def _of_thread(thread_id: str, tenant: str) -> Rows:
    return {
        table: and_(table.c.tenant == tenant, table.c.thread_id == thread_id) for table in _TABLES
    }


def _is_settled(before: datetime, tenant: str) -> ColumnElement[bool]:
    is_old = and_(THREADS.c.tenant == tenant, THREADS.c.updated_at < before)
    return and_(is_old, THREADS.c.thread_id.not_in(_in_hand(tenant)))


def _in_hand(tenant: str) -> CompoundSelect[tuple[str]]:
    """Return the conversations in which an answer is still to come, of Kefu or of a person."""
    return union(
        select(TICKETS.c.thread_id).where(TICKETS.c.tenant == tenant, IS_UNCLOSED),
        select(INBOX.c.thread_id).where(INBOX.c.tenant == tenant, INBOX.c.status == "waiting"),
    )


async def _delete(connection: AsyncConnection, table: Table, which: ColumnElement[bool]) -> int:
    return (await connection.execute(delete(table).where(which))).rowcount
