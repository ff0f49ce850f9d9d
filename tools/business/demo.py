"""The sample company's shop in one SQLite file, filled from JSONL records on first open."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self, cast

import aiosqlite

from tools.business.demo_file import connect, log_ahead, make_file, select
from tools.business.records import SCHEMA, SCHEMA_VERSION, load
from tools.business.rules import cancelled, readdressed, refunded
from tools.business.shop import (
    Account,
    Invoice,
    MemberLevel,
    NotAllowed,
    Order,
    RefundTicket,
    Trace,
)
from tools.errors import ConfigError, ShopUnavailable
from tools.sqlite_advice import advice

_ORDER = "SELECT record FROM orders WHERE user_id = ? AND order_id = ?"
_ACCOUNT = "SELECT record FROM users WHERE user_id = ?"

Change = Callable[[Order, MemberLevel, datetime], Order]


class DemoShop:
    """`Shop` on an embedded database; use `open`, then `close`.

    Reads and writes have a connection each, so that no read sees half a write.
    """

    def __init__(
        self,
        reader: aiosqlite.Connection,
        writer: aiosqlite.Connection,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._write_lock = asyncio.Lock()

    @classmethod
    async def open(
        cls, db_path: Path, records_folder: Path, *, clock: Callable[[], datetime]
    ) -> Self:
        """Open the shop, building its file from the records if it is new.

        `clock` returns aware datetimes. Later changes of the records are not picked up: delete
        the file to start afresh.

        Raises:
            ConfigError: if a records file is missing or damaged; names file and line.
            ShopUnavailable: if the database can't be opened.
        """
        async with AsyncExitStack() as stack:
            try:
                await asyncio.to_thread(make_file, db_path)
                writer = await stack.enter_async_context(connect(db_path))
                await log_ahead(writer)
                await writer.execute_fetchall("PRAGMA foreign_keys = ON")
                reader = await stack.enter_async_context(connect(db_path))
            except (sqlite3.Error, OSError) as exc:
                told = f"{db_path}: can't open the shop ({exc}); {advice(exc)}"
                raise ShopUnavailable(told) from exc
            shop = cls(reader, writer, clock=clock)
            await shop._build(db_path, records_folder)
            stack.pop_all()  # from here on, `close` is the caller's
        return shop

    async def close(self) -> None:
        """Close the database; a second call does nothing."""
        await self._reader.close()
        await self._writer.close()

    async def orders(self, user_id: str, *, limit: int = 5) -> list[Order]:
        """Return the customer's orders, newest first."""
        found = await self._read(
            "SELECT record FROM orders WHERE user_id = ? ORDER BY created_at DESC LIMIT ?",
            (user_id, limit),
        )
        return cast(list[Order], found)

    async def order(self, user_id: str, order_id: str) -> Order | None:
        """Return the order, or None if this customer has no such order."""
        found = await self._read(_ORDER, (user_id, order_id))
        return cast(Order, found[0]) if found else None

    async def logistics(self, user_id: str, order_id: str) -> list[Trace]:
        """Return the parcel's stops, oldest first; empty before shipping."""
        found = await self._read(
            "SELECT parcels.record FROM parcels JOIN orders USING (order_id)"
            " WHERE user_id = ? AND order_id = ?",
            (user_id, order_id),
        )
        return cast(list[Trace], found[0]["traces"]) if found else []

    async def invoice(self, user_id: str, order_id: str) -> Invoice | None:
        """Return the order's invoice, or None if there is none yet."""
        found = await self._read(
            "SELECT invoices.record FROM invoices JOIN orders USING (order_id)"
            " WHERE user_id = ? AND order_id = ?",
            (user_id, order_id),
        )
        return cast(Invoice, found[0]) if found else None

    async def account(self, user_id: str) -> Account | None:
        """Return level, points and subscription, or None for an unknown customer."""
        found = await self._read(_ACCOUNT, (user_id,))
        if not found:
            return None
        return cast(Account, {name: found[0][name] for name in Account.__annotations__})

    async def request_refund(
        self, user_id: str, order_id: str, reason: str, *, key: str
    ) -> RefundTicket:
        """Open a refund over the whole order and set it to 退款中."""
        changed = await self._write(
            user_id,
            key,
            ("request_refund", order_id, reason),
            lambda order, level, now: refunded(order, level, reason, now),
        )
        return cast(RefundTicket, changed["refund"])

    async def cancel_order(self, user_id: str, order_id: str, *, key: str) -> Order:
        """Cancel an order that has not shipped; if it was paid, its `refund` is opened."""
        return await self._write(
            user_id,
            key,
            ("cancel_order", order_id),
            lambda order, _level, now: cancelled(order, now),
        )

    async def change_address(self, user_id: str, order_id: str, address: str, *, key: str) -> Order:
        """Send an order that has not shipped to another address, once."""
        return await self._write(
            user_id,
            key,
            ("change_address", order_id, address),
            lambda order, _level, _now: readdressed(order, address),
        )

    async def _read(self, sql: str, args: Sequence[str | int]) -> list[dict[str, Any]]:
        try:
            return await select(self._reader, sql, args)
        except sqlite3.Error as exc:
            raise ShopUnavailable(f"can't read the shop: {exc}") from exc

    async def _write(
        self, user_id: str, key: str, request: tuple[str, ...], change: Change
    ) -> Order:
        """Return the order as `change` made it, now or at the first call with this key.

        `request` is (action, order id, details).
        """
        order_id = request[1]
        asked = json.dumps(request, ensure_ascii=False)
        async with self._transaction() as db:
            done = await select(
                db,
                "SELECT json_object('request', request, 'result', json(result)) FROM writes"
                " WHERE user_id = ? AND key = ?",
                (user_id, key),
            )
            if done:
                if done[0]["request"] != asked:
                    raise NotAllowed("key_reused", f"{key} is not of this {request[0]}")
                return cast(Order, done[0]["result"])
            found = await select(db, _ORDER, (user_id, order_id))
            if not found:
                raise NotAllowed("no_such_order", order_id)
            [account] = await select(db, _ACCOUNT, (user_id,))
            now = self._clock()
            changed = change(cast(Order, found[0]), account["level"], now)
            record = json.dumps(changed, ensure_ascii=False)
            await db.execute("UPDATE orders SET record = ? WHERE order_id = ?", (record, order_id))
            await db.execute(
                "INSERT INTO writes VALUES (?, ?, ?, ?, ?)",
                (user_id, key, asked, record, now.isoformat()),
            )
            return changed

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Commit what the block writes, or nothing of it."""
        async with self._write_lock:
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.commit()
            except sqlite3.Error as exc:
                raise ShopUnavailable(f"can't write to the shop: {exc}") from exc
            finally:
                await self._writer.rollback()  # nothing after a commit; also on cancellation

    async def _build(self, db_path: Path, folder: Path) -> None:
        """Create and fill the tables of a new file, all or nothing."""
        async with self._transaction() as db:
            [(version,)] = await db.execute_fetchall("PRAGMA user_version")
            if version == SCHEMA_VERSION:
                return
            if version != 0:
                raise ConfigError(
                    f"{db_path}: expected shop schema {SCHEMA_VERSION}, got {version};"
                    " delete the file to build it again"
                )
            tables = await asyncio.to_thread(load, folder)
            for statement in SCHEMA:
                await db.execute(statement)
            try:
                for insert, rows in tables:
                    await db.executemany(insert, rows)
            except sqlite3.IntegrityError as exc:
                raise ConfigError(f"{folder}: the records contradict each other: {exc}") from exc
            await db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
