"""Connections to the desk's database: one writer at a time, and errors that say what to do."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self, TypeVar, cast

from sqlalchemy import Engine, Executable, Select, Table, delete, insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tools.desk import engines
from tools.desk.engines import LOCK_WAIT_S
from tools.desk.line import Line
from tools.desk.migration import add_columns
from tools.desk.prepared import Step, written
from tools.desk.records import Clock, InboxMessage
from tools.desk.schema import INBOX, METADATA
from tools.errors import StoreUnavailable
from tools.sqlite_advice import advice

STUCK_S = 0.9 * LOCK_WAIT_S  # just before a write gives up: those behind must not wait as long each
SERVER_WAIT_S = 10.0  # PostgreSQL: a whole operation, connecting included
ERASE_WAIT_S = 600.0  # PostgreSQL: a whole erasure

# Two processes that start together must not both create the tables.
_CREATING = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(71120822)"}
# SQLite lets a read-only file be opened, and even BEGIN IMMEDIATE; on a full disk it takes whatever
# touches no row. Only a row that is written shows what the file is; nobody ever sees this one.
_TRIAL = {name: "" for name in (*InboxMessage.__annotations__, "status")} | {"turn_id": "trial"}
_WRITTEN = insert(INBOX).values(
    **_TRIAL,
    received_at=datetime(1970, 1, 1, tzinfo=UTC),
    tried_at=datetime(1970, 1, 1, tzinfo=UTC),
    attempts=0,
)
_TAKEN_BACK = delete(INBOX).where(INBOX.c.tenant == "", INBOX.c.turn_id == _TRIAL["turn_id"])
_OUR_MISTAKE = (
    *(IntegrityError, ProgrammingError, DataError, NotSupportedError),
    *(sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError),
    *(sqlite3.InterfaceError, sqlite3.NotSupportedError),
)

Record = TypeVar("Record")


class Database:
    """A pool of connections. On SQLite writes queue here, not in the file's lock."""

    def __init__(self, engine: AsyncEngine, direct: Engine | None = None) -> None:
        """`direct` reaches the same database without asyncio.

        A transaction there is one trip to a thread, where aiosqlite makes a trip for every step
        of every cursor: a turn's three transactions take 2 ms of CPU instead of 6.
        """
        self._engine = engine
        self._direct = direct
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.place = engines.place(engine.url)
        self._line = Line(STUCK_S)
        # Not the threads of all: while these read files or search, no write would be taken for
        # stuck that only waits for one of them.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="desk")

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect and create what tables, and columns of earlier versions' tables, are missing.

        Raises:
            ConfigError: if the URL is not one of an async SQLite or PostgreSQL driver.
            StoreUnavailable: if the database can't be opened or written.
        """
        engine = engines.engine(url)
        database = cls(engine, engines.direct(engine.url))
        try:
            await database._check_opens()
            async with database.writing() as connection:
                await connection.exec_driver_sql(_CREATING[connection.dialect.name])
                await connection.run_sync(METADATA.create_all)
                await connection.run_sync(add_columns, database.place)
            await database.check_writable()
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection to read with; it never waits for a writer on disk."""
        is_queued = engines.is_in_memory(self._engine.url)  # there one connection serves all
        async with self._errors_told(), self._queue(is_queued), self._engine.connect() as reader:
            yield reader

    @asynccontextmanager
    async def writing(self, *, limit_s: float = SERVER_WAIT_S) -> AsyncIterator[AsyncConnection]:
        """Yield a connection whose statements are committed together, or not at all."""
        told = self._errors_told(limit_s=limit_s)
        async with told, self._queue(self.is_sqlite), self._engine.begin() as writer:
            yield writer

    async def fetch(self, record: type[Record], statement: Executable) -> list[Record]:
        """Return the rows of a query whose columns are those of the TypedDict `record`."""
        if self._direct is None:
            async with self.reading() as connection:
                return rows(record, await connection.execute(statement))
        async with self._errors_told():
            return await asyncio.to_thread(_fetched, self._direct, record, statement)

    async def write(self, *steps: Step) -> list[int]:
        """Run statements that are committed together, or not at all; return rows each one hit."""
        if self._direct is None:
            async with self.writing() as connection:
                done = [await connection.execute(do.statement, values) for do, values in steps]
                return [each.rowcount for each in done]
        async with self._errors_told(), self._queue():
            call = partial(written, self._direct, steps)
            return await asyncio.get_running_loop().run_in_executor(self._writer, call)

    def insert(self, table: Table) -> sqlite.Insert:
        """Return an INSERT that knows ON CONFLICT in this database's dialect."""
        if self.is_sqlite:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 its import is not free

        return cast("sqlite.Insert", postgresql.insert(table))  # same methods, no common base

    async def check_writable(self) -> None:
        """Raise StoreUnavailable if a row could not be written now."""
        async with self.writing() as connection:
            await connection.execute(_WRITTEN)
            await connection.execute(_TAKEN_BACK)

    async def version(self) -> str:
        """Return name and version of the database, e.g. `sqlite 3.40.1`."""
        query = "SELECT sqlite_version()" if self.is_sqlite else "SHOW server_version"
        async with self.reading() as connection:
            version = await connection.scalar(text(query))
        return f"{self._engine.dialect.name} {version}"

    async def empty_wal(self) -> None:
        """Make SQLite's log file forget what the tables have forgotten; readers may delay it."""
        if self.is_sqlite:
            async with self._errors_told(), self._queue(), self._engine.connect() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close all connections."""
        if self._direct is not None:
            self._direct.dispose()
        await self._engine.dispose()

    async def _check_opens(self) -> None:
        """Open a SQLite file without aiosqlite, whose failed start may outlive the event loop."""
        if self.is_sqlite:
            args, options = self._engine.dialect.create_connect_args(self._engine.url)
            options["check_same_thread"] = False
            async with self._errors_told():
                (await asyncio.to_thread(partial(sqlite3.connect, *args, **options))).close()

    @asynccontextmanager
    async def _queue(self, is_queued: bool = True) -> AsyncIterator[None]:
        """Hand over from one to the next at once; SQLite's own wait polls, up to 100 ms apart."""
        if not is_queued:
            yield
            return
        async with self._line.turn():
            yield

    @asynccontextmanager
    async def _errors_told(self, *, limit_s: float = SERVER_WAIT_S) -> AsyncIterator[None]:
        """Turn the trouble of a driver into a StoreUnavailable that says what to do."""
        try:
            async with asyncio.timeout(None if self.is_sqlite else limit_s):
                yield
        except _OUR_MISTAKE:
            raise
        except DBAPIError as exc:
            raise StoreUnavailable(_told(self.place, str(exc.orig))) from exc
        except (OSError, PoolTimeout, sqlite3.Error) as exc:  # e.g. refused, or our own timeout
            raise StoreUnavailable(_told(self.place, str(exc) or type(exc).__name__)) from exc


class Store:
    """What the parts of the desk share: a database and a clock."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def _one(self, record: type[Record], statement: Executable) -> Record | None:
        return next(iter(await self._database.fetch(record, statement)), None)


def rows(record: type[Record], result: Any) -> list[Record]:  # noqa: ANN401
    """Return the rows of a SQLAlchemy result as TypedDicts of the kind `record`."""
    return cast("list[Record]", [dict(row) for row in result.mappings()])


def columns(table: Table, record: type) -> list[Any]:
    """Return the table's columns that a TypedDict names, to select just these."""
    return [table.c[name] for name in record.__annotations__]


def of_tenant(table: Table, record: type, tenant: str, **equal: str) -> Select[Any]:
    """Return the query for the tenant's rows whose columns are `equal` to these values."""
    wanted = [table.c[name] == value for name, value in {"tenant": tenant, **equal}.items()]
    return select(*columns(table, record)).where(*wanted)


def _fetched(engine: Engine, record: type[Record], statement: Executable) -> list[Record]:
    with engine.connect() as connection:
        return rows(record, connection.execute(statement))


def _told(place: str, trouble: str) -> str:
    what = advice(trouble, otherwise="check that the database answers")
    return f"desk {place}: {trouble}; {what}"
