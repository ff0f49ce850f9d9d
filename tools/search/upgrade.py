"""Bring the index file of an older Kefu up to date, once, when it is opened."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

from tools.search.codes import coded
from tools.search.names import NAMES
from tools.search.rows import given
from tools.search.schema import FORMAT, WORDS, recorded, segmenter
from tools.search.texts import searched_text

AT_ONCE = 1024  # entries worked on

Transaction = Callable[[], AbstractContextManager[None]]


def upgrade(db: sqlite3.Connection, transaction: Transaction) -> None:
    """Make what the file lacks from the entries in it."""
    _make_words(db, transaction)
    _find_names(db, transaction)


def _make_words(db: sqlite3.Connection, transaction: Transaction) -> None:
    """Make the words anew in a file that SQLite searched itself."""
    if recorded(db, "format") != "1":
        return
    with transaction():
        if recorded(db, "format") != "1":
            return  # another process was faster
        db.execute("DROP TABLE word_counts")
        db.execute("DROP TABLE words")
        db.execute(WORDS)
        stored = db.execute("SELECT num, body FROM entries").fetchall()
        for start in range(0, len(stored), AT_ONCE):
            nums, bodies = zip(*stored[start : start + AT_ONCE], strict=True)
            words = coded([searched_text(json.loads(body)) for body in bodies], segmenter(db))
            db.executemany(
                "INSERT INTO words VALUES (?, ?, ?)",
                [(n, t.tobytes(), c.tobytes()) for n, (t, c) in zip(nums, words, strict=True)],
            )
        db.execute("UPDATE meta SET value = ? WHERE key = 'format'", [FORMAT])


def _find_names(db: sqlite3.Connection, transaction: Transaction) -> None:
    """Look for names in the entries of a file where none or others were looked for."""
    if recorded(db, "names") == NAMES:
        return
    with transaction():
        if recorded(db, "names") == NAMES:
            return  # another process was faster
        db.execute("DELETE FROM names")
        for num, body in db.execute("SELECT num, body FROM entries").fetchall():
            if found := given(json.loads(body)):
                db.execute("INSERT INTO names VALUES (?, ?)", [num, found])
        db.execute("INSERT OR REPLACE INTO meta VALUES ('names', ?)", [NAMES])
