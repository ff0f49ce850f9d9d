"""A folder of conversations is kept by one server at a time."""

import sqlite3
from pathlib import Path

from tools.errors import ConfigError
from tools.sqlite_advice import advice

FILE = "serving.db"  # holds nothing; its lock goes with the process, however that ends
WAIT_S = 10.0  # for a server that is just ending


def held(var: Path) -> sqlite3.Connection:
    """Return what holds `var` for this server until it is closed; waits up to WAIT_S.

    Two servers would each save a conversation over what the other has saved: messages vanish from
    it, and the bot goes on beside a person. Each would also answer what the other is working on.

    Raises:
        ConfigError: if another server holds it, or nothing can be held there.
    """
    try:
        connection = sqlite3.connect(var / FILE, timeout=WAIT_S, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            connection.close()
            raise
    except sqlite3.Error as exc:
        if "locked" in str(exc):
            raise ConfigError(
                f"KEFU_VAR {var}: another server keeps its conversations there; end it, or take "
                "another folder (KEFU_DESK_URL may be the same PostgreSQL)"
            ) from exc
        raise ConfigError(f"{var / FILE}: can't be used ({exc}); {advice(exc)}") from exc
    return connection
