"""What a signed-in customer lets Kefu remember across conversations: a few plain facts."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote

import aiosqlite
from langgraph.store.base import BaseStore
from langgraph.store.sqlite.aio import AsyncSqliteStore
from typing_extensions import TypedDict  # pydantic takes typing.TypedDict only from Python 3.12

from tools.errors import ConfigError, StoreUnavailable
from tools.sqlite_advice import advice

BUSY_MS = 2000
PAUSE_S = 0.05
KEY = "profile"


class Profile(TypedDict, total=False):
    """Facts the customer told, masked; without `consent` "yes" there are none but that."""

    consent: Literal["asked", "yes", "no"]
    language: str  # "zh" | "en"
    region: str  # province, as the knowledge writes it
    level: str  # membership, in the customer's words
    product: str  # owned, as the knowledge writes it
    topic: str  # the last question that was answered


class Profiles:
    """Profiles in a LangGraph store, apart by tenant. Every method may raise StoreUnavailable."""

    def __init__(self, store: BaseStore, connection: aiosqlite.Connection | None = None) -> None:
        """`connection` is that of an SQLite store: what is erased there is overwritten too."""
        self._store, self._connection = store, connection
        self._closing = AsyncExitStack()

    @classmethod
    async def open(cls, path: Path) -> "Profiles":
        """Open or create the SQLite file `path`.

        Raises:
            ConfigError: if it can't be used.
        """
        async with AsyncExitStack() as stack:
            try:
                # Without aiosqlite first, whose failed start may outlive the event loop.
                await asyncio.to_thread(lambda: sqlite3.connect(path).close())
                # autocommit: the store begins and commits by itself
                connection = await stack.enter_async_context(
                    aiosqlite.connect(path, isolation_level=None)
                )
                await connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
                await connection.execute("PRAGMA secure_delete = ON")
                store = await stack.enter_async_context(AsyncSqliteStore(connection))
                await _set_up(store)
            except sqlite3.Error as exc:
                raise ConfigError(f"{path}: can't be used ({exc}); {advice(exc)}") from exc
            profiles = cls(store, connection)
            profiles._closing = stack.pop_all()
        return profiles

    async def read(self, user_id: str, *, tenant: str) -> Profile:
        """Return what is known of the customer, {} for nothing or a guest."""
        if not user_id:
            return {}
        with _errors_told():
            item = await self._store.aget(_place(tenant, user_id), KEY)
        return cast(Profile, dict(item.value)) if item else {}

    async def write(self, user_id: str, profile: Profile, *, tenant: str) -> None:
        """Replace what is known of a customer.

        Raises:
            ValueError: if there is no user, or facts come without consent.
        """
        if not user_id or (profile.get("consent") != "yes" and set(profile) - {"consent"}):
            raise ValueError("expected a user, and facts only with their consent")
        with _errors_told():
            await self._store.aput(_place(tenant, user_id), KEY, dict(profile), index=False)
            await self._empty_wal()

    async def forget(self, user_id: str, *, tenant: str) -> bool:
        """Erase the profile; False if there was none."""
        is_known = bool(await self.read(user_id, tenant=tenant))
        with _errors_told():
            if is_known:
                await self._store.adelete(_place(tenant, user_id), KEY)
            await self._empty_wal()
        return is_known

    async def close(self) -> None:
        """Release the file."""
        await self._closing.aclose()

    async def _empty_wal(self) -> None:
        """Leave no older copy in SQLite's log; a reader may delay that to the next write."""
        if self._connection is not None:
            async with self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                await cursor.fetchall()


async def _set_up(store: AsyncSqliteStore) -> None:
    """Make the tables; where another process makes them at this moment, they are there later."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + BUSY_MS / 1000
    while True:
        try:
            return await store.setup()
        except (sqlite3.OperationalError, sqlite3.IntegrityError):
            if loop.time() > until_s:
                raise
            await asyncio.sleep(PAUSE_S)


def _place(tenant: str, user_id: str) -> tuple[str, ...]:
    """Return the namespace; its parts may hold no dot and not be empty."""
    return tuple(f"{part}:" for part in map(_label, ("profiles", tenant, user_id)))


def _label(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError) as exc:  # reading, the store wraps the first in the second
        raise StoreUnavailable(f"profiles can't be read or written ({exc})") from exc
