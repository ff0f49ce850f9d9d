"""The writing side of the index file: claims, batches, rebuilds. Synchronous."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.errors import ConfigError, IndexMismatch, StoreUnavailable
from tools.reading import is_by
from tools.search.base import REBUILD
from tools.search.connect import connect, trouble, unusable
from tools.search.rows import Row
from tools.search.schema import FORMAT, SCHEMA, recorded, segmenter
from tools.search.texts import entry_language
from tools.search.upgrade import upgrade
from tools.text.segment import Segmenter


class IndexFile:
    """One SQLite file in WAL mode: many readers, one writer, nothing lost at kill -9."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._version = 0  # of the index, while a transaction runs
        self._lock = threading.Lock()  # one transaction at a time on one connection
        self.path = path

    @classmethod
    def open(cls, path: Path, *, busy_timeout_s: float) -> "IndexFile":
        """Open or create the file.

        Raises:
            ConfigError: if it can't be opened, or another program or format wrote it.
            StoreUnavailable: if it is locked.
        """
        file = cls(connect(path, busy_timeout_s=busy_timeout_s), path)
        try:
            file._db.executescript(SCHEMA)
            upgrade(file._db, file.transaction)
            file._record("format", FORMAT)
            if (was := recorded(file._db, "format")) != FORMAT:
                raise ConfigError(
                    f"{path}: has format {was!r}, expected {FORMAT!r}; move it away, ingest again"
                )
        except sqlite3.Error as exc:
            file.close()
            raise unusable(path, exc) from exc
        except BaseException:
            file.close()
            raise
        return file

    def claim(self, key: str, value: str) -> None:
        """Record how the index is built, once; later openers must build it the same way.

        Raises:
            IndexMismatch: if it is built another way.
        """
        self._record(key, value)
        self.demand(key, value)

    def _record(self, key: str, value: str) -> None:
        if not recorded(self._db, key):  # else not a single write: a reader needs no write lock
            with self.transaction():
                self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", [key, value])

    def demand(self, key: str, value: str) -> None:
        """Make sure that the index is (still) built that way; any time.

        Raises:
            IndexMismatch: if it is not.
        """
        if (was := recorded(self._db, key)) != value:
            raise IndexMismatch(
                f"{self.path}: built with {key} {was!r}, now configured {value!r}; "
                f"set it back, or rebuild the index: {REBUILD}"
            )

    def forget_build(self) -> None:
        """Drop vectors and claims and mark every entry as stale, to be built anew."""
        with self.transaction():
            self._db.execute("DELETE FROM meta WHERE key IN ('embedder', 'dims', 'segmenter')")
            self._db.execute("DELETE FROM vectors")
            self._db.execute("DELETE FROM readings")
            self._db.execute("UPDATE entries SET hash = ''")
            self._version += 1

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing; waits for other writers for as long as the busy timeout.

        Raises:
            StoreUnavailable: if the file is locked for longer, read-only, full or damaged.
        """
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    self._version = before = int(recorded(self._db, "version") or 0)
                    yield
                    if self._version != before:
                        self._db.execute(
                            "INSERT OR REPLACE INTO meta VALUES ('version', ?)",
                            [str(self._version)],
                        )
                    self._db.execute("COMMIT")
                except BaseException:
                    self._db.rollback()
                    raise
            except sqlite3.Error as exc:
                raise StoreUnavailable(trouble(self.path, "written", exc)) from exc

    def digests(self, ids: Sequence[str], tenant: str) -> tuple[dict[str, str], Segmenter]:
        """Return the digests of those of these entries that are there, and how texts are cut.

        Raises:
            StoreUnavailable: if the file can't be read.
        """
        with self._lock:
            try:
                rows = self._db.execute(
                    "SELECT id, hash FROM entries "
                    "WHERE tenant = ? AND id IN (SELECT value FROM json_each(?))",
                    [tenant, json.dumps(ids)],
                )
                return dict(rows.fetchall()), segmenter(self._db)
            except sqlite3.Error as exc:
                raise StoreUnavailable(trouble(self.path, "read", exc)) from exc

    def unread(self, ids: Sequence[str], tenant: str, reader: str) -> set[str]:
        """Return those of these entries that are there without a reading by `reader`.

        Raises:
            StoreUnavailable: if the file can't be read.
        """
        with self._lock:
            try:
                rows = self._db.execute(
                    "SELECT id, substr(reading, 1, 4) FROM entries LEFT JOIN readings USING (num) "
                    "WHERE tenant = ? AND id IN (SELECT value FROM json_each(?))",
                    [tenant, json.dumps(ids)],
                )
                return {name for name, start in rows if not is_by(reader, start)}
            except sqlite3.Error as exc:
                raise StoreUnavailable(trouble(self.path, "read", exc)) from exc

    def write(self, rows: Sequence[Row], tenant: str) -> None:
        """Replace entries, each given once; inside a transaction."""
        self.remove([row.entry["id"] for row in rows], tenant)
        # A removed number is not used again: readers may still hold it.
        (num,) = self._db.execute(
            "SELECT 1 + max(coalesce((SELECT max(num) FROM entries), 0), "
            "coalesce((SELECT max(num) FROM removed), 0))"
        ).fetchone()
        self._db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    num + n,
                    tenant,
                    row.entry["id"],
                    row.body,
                    row.hash,
                    self._version + n + 1,
                    row.entry.get("audience", "public"),
                    row.entry.get("region", ""),
                    row.entry.get("channel", ""),
                    row.entry.get("effective_from", ""),
                    row.entry.get("effective_to", ""),
                    entry_language(row.entry),
                )
                for n, row in enumerate(rows)
            ],
        )
        self._version += len(rows)
        self._db.executemany(
            "INSERT INTO words VALUES (?, ?, ?)",
            [(num + n, row.terms, row.counts) for n, row in enumerate(rows)],
        )
        self._db.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?)",
            [
                (num + n, kind, vector.tobytes())
                for n, row in enumerate(rows)
                for kind, vector in zip(row.kinds, row.vectors, strict=True)
            ],
        )
        self._db.executemany(
            "INSERT INTO names VALUES (?, ?)",
            [(num + n, row.names) for n, row in enumerate(rows) if row.names],
        )
        self._db.executemany(
            "INSERT INTO readings VALUES (?, ?)",
            [(num + n, row.reading) for n, row in enumerate(rows) if row.reading],
        )

    def remove(self, ids: Sequence[str], tenant: str) -> int:
        """Delete those of these entries that are there and count them; inside a transaction."""
        nums = self._db.execute(
            "SELECT num FROM entries "
            "WHERE tenant = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY num",
            [tenant, json.dumps(ids)],
        ).fetchall()
        self._db.executemany("DELETE FROM entries WHERE num = ?", nums)
        self._db.executemany("DELETE FROM vectors WHERE num = ?", nums)
        self._db.executemany("DELETE FROM words WHERE num = ?", nums)
        self._db.executemany("DELETE FROM readings WHERE num = ?", nums)
        self._db.executemany("DELETE FROM names WHERE num = ?", nums)
        self._db.executemany(
            "INSERT INTO removed VALUES (?, ?)",
            [(num, self._version + n) for n, (num,) in enumerate(nums, start=1)],
        )
        self._version += len(nums)
        return len(nums)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
