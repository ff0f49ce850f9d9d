"""SQLAlchemy's engines for a desk's URL: SQLite in a file or in memory, or PostgreSQL."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tools.errors import ConfigError

LOCK_WAIT_S = 2.0  # SQLite: how long another process may hold the file
KINDS = ("sqlite", "postgresql")

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",  # in WAL mode a killed process loses nothing, a power cut may
    "PRAGMA secure_delete=ON",  # what a customer wants forgotten must not stay in free pages
)
# IMMEDIATE: a transaction that starts reading can't wait for the lock it needs later
_SQLITE_ARGS = {"timeout": LOCK_WAIT_S, "isolation_level": "IMMEDIATE"}


def direct(url: URL) -> Engine | None:
    """Return SQLite's engine for threads; None where only an asynchronous driver is at hand."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url):
        return None
    made = create_engine(
        url.set(drivername="sqlite"),
        hide_parameters=True,
        connect_args={**_SQLITE_ARGS, "check_same_thread": False},
    )
    event.listen(made, "connect", _set_pragmas)
    return made


def engine(url: str) -> AsyncEngine:
    """Return the engine for a URL; connects to nothing yet.

    Raises:
        ConfigError: if the URL is not one of an async SQLite or PostgreSQL driver.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in KINDS:
            raise ArgumentError(f"no support for {parsed.get_backend_name()}")
        is_sqlite = parsed.get_backend_name() == "sqlite"
        # Errors would quote the customers' text if parameters were not hidden.
        options: dict[str, Any] = {"hide_parameters": True}
        options["execution_options"] = {"preserve_rowcount": True}  # psycopg: -1 after an INSERT
        if is_sqlite:
            options["connect_args"] = _SQLITE_ARGS
        else:
            options["pool_pre_ping"] = True
        made = create_async_engine(parsed, **options)
    except (ArgumentError, InvalidRequestError, ImportError) as exc:
        raise ConfigError(
            "desk: expected a URL like sqlite+aiosqlite:////srv/kefu/desk.db or "
            f"postgresql+asyncpg://user@host/kefu (pip install 'asyncpg>=0.30,<1'): {exc}"
        ) from exc
    if is_sqlite:
        event.listen(made.sync_engine, "connect", _set_pragmas)
    return made


def _set_pragmas(connection: Any, _: object) -> None:  # noqa: ANN401
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def is_in_memory(url: URL) -> bool:
    """Say whether a SQLite database ends with its connection."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def place(url: URL) -> str:
    """Return where the database is, without a password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return url.render_as_string(hide_password=True)
