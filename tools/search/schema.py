"""The tables of the embedded index, and the one place where a customer's filters become SQL."""

import sqlite3

from tools.search.types import Filters
from tools.text.segment import Segmenter

FORMAT = "2"  # of the tables; another value means another program wrote them
WORDS = """
CREATE TABLE IF NOT EXISTS words (
    num INTEGER PRIMARY KEY,
    terms BLOB NOT NULL,               -- uint32, ascending; see codes.py
    counts BLOB NOT NULL               -- uint8, how often each occurs
)
"""

SCHEMA = f"""
{WORDS};
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    num INTEGER PRIMARY KEY,           -- also the entry's number in the matrix and in `words`
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,                -- the whole entry as JSON
    hash TEXT NOT NULL,                -- see digest in rows.py
    seq INTEGER NOT NULL,              -- index version that wrote the row
    audience TEXT NOT NULL,
    region TEXT NOT NULL,
    channel TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    effective_to TEXT NOT NULL,
    lang TEXT NOT NULL,
    UNIQUE (tenant, id)
);
CREATE INDEX IF NOT EXISTS entries_seq ON entries (seq);
CREATE TABLE IF NOT EXISTS vectors (
    num INTEGER NOT NULL, kind INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS vectors_num ON vectors (num);
CREATE TABLE IF NOT EXISTS readings (
    num INTEGER PRIMARY KEY,
    reading BLOB NOT NULL              -- token by token; see tools/reading.py
);
CREATE TABLE IF NOT EXISTS names (
    num INTEGER PRIMARY KEY,           -- entries that give none have no row
    names TEXT NOT NULL                -- JSON, [long, short] each; see names.py
);
CREATE TABLE IF NOT EXISTS removed (num INTEGER NOT NULL, seq INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS removed_seq ON removed (seq);
CREATE INDEX IF NOT EXISTS removed_num ON removed (num);
"""


def where(filters: Filters) -> tuple[str, list[str]]:
    """Return the SQL condition on `entries` for what a customer may see, and its parameters."""
    clauses = ["tenant = ?", "region IN ('', ?)", "channel IN ('', ?)"]
    params = [filters.tenant, filters.region, filters.channel]
    if filters.audience == "public":
        clauses.append("audience = 'public'")
    if filters.today:
        clauses.append("effective_from <= ? AND (effective_to = '' OR effective_to >= ?)")
        params += [filters.today, filters.today]
    if filters.lang:
        clauses.append("lang = ?")
        params.append(filters.lang)
    return " AND ".join(clauses), params


def recorded(db: sqlite3.Connection, key: str) -> str:
    """Return a fact about the index from `meta`, "" when there is none."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else ""


def segmenter(db: sqlite3.Connection) -> Segmenter:
    """Return how the texts of the index are cut."""
    return "words" if recorded(db, "segmenter") == "words" else "bigrams"
