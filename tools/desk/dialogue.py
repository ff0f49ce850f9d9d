"""The path of a message: received, run, logged. And the conversations it belongs to."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, select, union, update
from sqlalchemy.dialects import sqlite

from tools.desk.connection import Database, Store, columns, of_tenant
from tools.desk.prepared import Prepared
from tools.desk.records import (
    Clock,
    InboxMessage,
    LoggedTurn,
    Owner,
    Thread,
    Turn,
    WaitingMessage,
)
from tools.desk.schema import INBOX, THREADS, TURNS

TITLE_CHARS = 40

_FIRST = {"status": "waiting", "attempts": 1}
_RECEIVED = {*InboxMessage.__annotations__, *_FIRST, "received_at", "tried_at"}

_END = (
    update(INBOX)
    .where(INBOX.c.tenant == bindparam("of_tenant"), INBOX.c.turn_id == bindparam("of_turn"))
    .values(status=bindparam("end"), done_at=bindparam("now"))
)
_END_AND_EMPTY = Prepared(_END.values(text=""))
_FAIL = Prepared(_END.where(INBOX.c.status == "waiting"))
_CLAIM = Prepared(
    update(INBOX)
    .where(
        INBOX.c.tenant == bindparam("of_tenant"),
        INBOX.c.turn_id == bindparam("of_turn"),
        INBOX.c.status == "waiting",
        INBOX.c.attempts == bindparam("tried"),
    )
    .values(attempts=INBOX.c.attempts + 1, tried_at=bindparam("now"))
)


class Dialogue(Store):
    """Inbox, log and list of conversations."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._receive = Prepared(_receive(database))
        self._log = Prepared(database.insert(TURNS).on_conflict_do_nothing())
        self._touch = Prepared(_touch(database))

    async def receive(self, message: InboxMessage) -> bool:
        """Keep a message, before anything else is done with it.

        Returns:
            True when the turn is to be run: the message is new, or had failed before. False when
            the channel sent one again that is waiting or done, and when the thread belongs to
            another customer: such a message is not kept.
        """
        now = self._clock()
        row = {**message, **_FIRST, "received_at": now, "tried_at": now}
        return await self._database.write((self._receive, row)) == [1]

    async def finish(self, turn: Turn) -> None:
        """Log a turn, empty its inbox row and move its thread up: all three or none.

        `question` and `answer` must be masked by the caller. Logging a turn again changes nothing.
        """
        now = self._clock()
        end = {"of_tenant": turn["tenant"], "of_turn": turn["turn_id"], "end": "done", "now": now}
        line = _line(
            now,
            tenant=turn["tenant"],
            thread_id=turn["thread_id"],
            user_id=turn["user_id"],
            channel=turn["channel"],
            title=turn["question"],
            owner=turn["owner"],
        )
        await self._database.write(
            (self._log, {**turn, "at": now}), (_END_AND_EMPTY, end), (self._touch, line)
        )

    async def fail(self, turn_id: str, *, tenant: str) -> None:
        """Take a message off the waiting list; its text is kept until retention removes it."""
        now = self._clock()
        values = {"of_tenant": tenant, "of_turn": turn_id, "end": "failed", "now": now}
        await self._database.write((_FAIL, values))

    async def waiting(self, *, idle_s: float = 0.0) -> list[WaitingMessage]:
        """Return messages of all tenants that a crash left unanswered, oldest first.

        `idle_s` skips messages started less than that long ago: with several workers on one
        database it must exceed the longest turn, or one takes what another is working on.
        """
        query = select(*columns(INBOX, WaitingMessage)).where(INBOX.c.status == "waiting")
        if idle_s:
            latest = self._clock() - timedelta(seconds=idle_s)
            query = query.where(INBOX.c.tried_at <= latest)
        return await self._database.fetch(WaitingMessage, query.order_by(INBOX.c.received_at))

    async def claim(self, message: WaitingMessage) -> bool:
        """Count one more attempt; False when another worker was faster or the turn has ended."""
        values = {
            "of_tenant": message["tenant"],
            "of_turn": message["turn_id"],
            "tried": message["attempts"],
            "now": self._clock(),
        }
        return await self._database.write((_CLAIM, values)) == [1]

    async def turn(self, turn_id: str, *, tenant: str) -> LoggedTurn | None:
        """Return the log's line of one turn, or None."""
        query = of_tenant(TURNS, LoggedTurn, tenant, turn_id=turn_id)
        return await self._one(LoggedTurn, query)

    async def turns(self, thread_id: str, *, tenant: str) -> list[LoggedTurn]:
        """Return the log of one conversation, oldest first."""
        query = of_tenant(TURNS, LoggedTurn, tenant, thread_id=thread_id)
        return await self._database.fetch(LoggedTurn, query.order_by(TURNS.c.at))

    async def threads(self, user_id: str, *, tenant: str, limit: int = 20) -> list[Thread]:
        """Return a customer's conversations, latest first; none for who is not signed in."""
        if not user_id:
            return []
        query = of_tenant(THREADS, Thread, tenant, user_id=user_id)
        query = query.order_by(THREADS.c.updated_at.desc()).limit(limit)
        return await self._database.fetch(Thread, query)

    async def threads_of(self, user_id: str, *, tenant: str) -> list[str]:
        """Return the ids of a customer's conversations, also of those no turn was logged of.

        None for who is not signed in.
        """
        if not user_id:
            return []
        found = [
            select(table.c.thread_id).where(table.c.tenant == tenant, table.c.user_id == user_id)
            for table in (THREADS, INBOX)
        ]
        async with self._database.reading() as connection:
            return list(await connection.scalars(union(*found)))

    async def thread(self, thread_id: str, *, tenant: str) -> Thread | None:
        """Return one conversation's line in the list, or None."""
        query = of_tenant(THREADS, Thread, tenant, thread_id=thread_id)
        return await self._one(Thread, query)

    async def touch_thread(self, thread_id: str, *, tenant: str, owner: Owner) -> None:
        """Move a thread to the top of the list, creating it if need be."""
        line = _line(
            self._clock(),
            tenant=tenant,
            thread_id=thread_id,
            user_id="",
            channel="",
            title="",
            owner=owner,
        )
        await self._database.write((self._touch, line))


def _line(now: datetime, *, title: str, **of_thread: str) -> dict[str, Any]:
    return {**of_thread, "title": title[:TITLE_CHARS], "created_at": now, "updated_at": now}


def _receive(database: Database) -> sqlite.Insert:
    insert = database.insert(INBOX)
    again = {name: insert.excluded[name] for name in ("status", "received_at", "tried_at")}
    given = [column for column in INBOX.c if column.name in _RECEIVED]
    is_anothers = exists().where(
        THREADS.c.tenant == bindparam("tenant"),
        THREADS.c.thread_id == bindparam("thread_id"),
        THREADS.c.user_id != "",
        THREADS.c.user_id != bindparam("user_id"),
    )
    values = [bindparam(column.name, type_=column.type) for column in given]
    return insert.from_select(given, select(*values).where(~is_anothers)).on_conflict_do_update(
        index_elements=[INBOX.c.tenant, INBOX.c.turn_id],
        set_={**again, "attempts": INBOX.c.attempts + 1, "done_at": None},
        where=INBOX.c.status == "failed",
    )


def _touch(database: Database) -> sqlite.Insert:
    """Return what moves a thread up; user, channel and title fill gaps but replace nothing."""
    insert = database.insert(THREADS)
    kept = {
        name: case((THREADS.c[name] == "", insert.excluded[name]), else_=THREADS.c[name])
        for name in ("user_id", "channel", "title")
    }
    return insert.on_conflict_do_update(
        index_elements=[THREADS.c.tenant, THREADS.c.thread_id],
        set_={**kept, "owner": insert.excluded.owner, "updated_at": insert.excluded.updated_at},
    )
