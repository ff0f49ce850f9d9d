"""Open the index file, and say in our own errors why that failed."""

import sqlite3
from pathlib import Path

from tools.errors import ConfigError, KefuError, StoreUnavailable

PAGE_BYTES = 8192  # five vectors of 384 numbers; SQLite's 4096 waste a quarter on them
WAL_PAGES = 4000  # 32 MB, written into the file at once

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_RIGHTS = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
)


def connect(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """Return a connection in WAL mode for use by one thread at a time; makes the folder.

    Raises:
        ConfigError: if the file or its folder can't be opened.
        StoreUnavailable: if another program keeps the file locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(
            path, timeout=busy_timeout_s, check_same_thread=False, isolation_level=None
        )
    except sqlite3.Error as exc:
        raise unusable(path, exc) from exc
    except OSError as exc:
        raise ConfigError(f"{path}: can't be opened ({exc}); check folder and rights") from exc
    try:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new file
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        db.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error as exc:
        db.close()
        raise unusable(path, exc) from exc
    return db


def trouble(path: Path, what: str, exc: sqlite3.Error) -> str:
    """Return what can't be done with an open file, why, and what to do where waiting won't help."""
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    damaged = "; move it away and ingest again" if code in _DAMAGED else ""
    return f"{path}: can't be {what} ({exc}){damaged}"


def unusable(path: Path, exc: sqlite3.Error) -> KefuError:
    """Return the error to raise when the file can't be used as an index."""
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return StoreUnavailable(f"{path}: in use by another program ({exc}); try again later")
    if code in _NO_RIGHTS:
        return ConfigError(f"{path}: can't be opened ({exc}); check folder, rights and space")
    return ConfigError(f"{path}: is no index ({exc}); move it away and ingest again")
