"""The sample shop's SQLite file: opened by several processes, read as records."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiosqlite

BUSY_TIMEOUT_S = 5.0
WAL_TRIES, WAL_WAIT_S = 20, 0.1


async def log_ahead(writer: aiosqlite.Connection) -> None:
    """Switch to WAL; SQLite does not wait here for another process that does the same."""
    for left in reversed(range(WAL_TRIES)):
        try:
            await writer.execute_fetchall("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if not left:
                raise
            await asyncio.sleep(WAL_WAIT_S)


def make_file(db_path: Path) -> None:
    """Open the file without aiosqlite, whose failed start may outlive the event loop."""
    db_path.parent.mkdir(parents=True, exist_ok=True)
    sqlite3.connect(db_path).close()


def connect(db_path: Path) -> aiosqlite.Connection:
    """Return a connection without a transaction of its own, not yet open."""
    return aiosqlite.connect(db_path, timeout=BUSY_TIMEOUT_S, isolation_level=None)


async def select(
    db: aiosqlite.Connection, sql: str, args: Sequence[str | int]
) -> list[dict[str, Any]]:
    """Return the records that a statement finds."""
    return [json.loads(record) for (record,) in await db.execute_fetchall(sql, args)]
