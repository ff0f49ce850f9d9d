"""The index file: every SQL statement of the embedded search, synchronous."""

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tools.errors import ConfigError, IndexMismatch, StoreUnavailable
from tools.search.base import Vector
from tools.search.schema import FORMAT, SCHEMA, where
from tools.search.types import Entry, Filters
from tools.text.normalise import language
from tools.text.segment import Segmenter, terms

BUSY_TIMEOUT_S = 5.0
REBUILD = "python -m tools.ingest --rebuild"


class Written(NamedTuple):
    """Vectors of one entry as they stand in the file."""

    num: int
    vectors: Vector  # (n, dims)
    kinds: list[int]


class IndexFile:
    """One SQLite file in WAL mode: many readers, one writer, nothing lost at kill -9."""

    def __init__(self, db: sqlite3.Connection, path: Path, segmenter: Segmenter) -> None:
        self._db = db
        self.path = path
        self.segmenter = segmenter

    @classmethod
    def open(cls, path: Path, segmenter: Segmenter) -> "IndexFile":
        """Open or create the file.

        Raises:
            ConfigError: if it can't be opened, or another program or format wrote it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None
            )
        except (sqlite3.Error, OSError) as exc:
            raise ConfigError(f"{path}: can't be opened ({exc}); check folder and rights") from exc
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.executescript(SCHEMA)
            file = cls(db, path, segmenter)
            file.claim("format", FORMAT)
        except sqlite3.Error as exc:
            db.close()
            raise ConfigError(
                f"{path}: unusable index ({exc}); move it away and ingest again"
            ) from exc
        except ConfigError:
            db.close()
            raise
        return file

    def claim(self, key: str, value: str) -> None:
        """Record how the index is built, once; later openers must build it the same way.

        Raises:
            IndexMismatch: if it is built another way.
        """
        with self.transaction():
            was = self.meta(key)
            if not was:
                self._db.execute("INSERT INTO meta VALUES (?, ?)", [key, value])
            elif was != value:
                raise IndexMismatch(
                    f"{self.path}: built with {key} {was!r}, now configured {value!r}; "
                    f"set it back, or rebuild the index: {REBUILD}"
                )

    def forget_build(self) -> None:
        """Drop vectors and claims and mark every entry as stale, to be built anew."""
        with self.transaction():
            self._db.execute("DELETE FROM meta WHERE key IN ('embedder', 'dims', 'segmenter')")
            self._db.execute("DELETE FROM vectors")
            self._db.execute("UPDATE entries SET hash = ''")
            self.next_version()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing.

        Raises:
            StoreUnavailable: if the file is locked for longer than the busy timeout or read-only.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as exc:
            raise StoreUnavailable(f"{self.path}: can't be written ({exc})") from exc
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def meta(self, key: str) -> str:
        """Return a recorded fact, "" when there is none."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return str(row[0]) if row else ""

    def version(self) -> int:
        """Return the number of the last change; it only rises."""
        return int(self.meta("version") or 0)

    def next_version(self) -> int:
        """Count one change; inside a transaction."""
        version = self.version() + 1
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('version', ?)", [str(version)])
        return version

    def digest(self, entry: Entry, *, has_vectors: bool) -> str:
        """Return a hash of everything that decides what the file holds for `entry`.

        An entry written without vectors gets another one, so that the next run with an embedder
        takes it for changed and adds them.
        """
        body = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        return sha256(f"{self.segmenter}\0{has_vectors}\0{body}".encode()).hexdigest()

    def digests(self, tenant: str) -> dict[str, str]:
        """Return the digest of every entry of a tenant by id."""
        rows = self._db.execute("SELECT id, hash FROM entries WHERE tenant = ?", [tenant])
        return dict(rows.fetchall())

    def write(self, entry: Entry, tenant: str, vectors: Vector, kinds: Sequence[int]) -> None:
        """Replace one entry; inside a transaction."""
        self.remove(entry["id"], tenant)
        version = self.next_version()
        row = self._db.execute("SELECT coalesce(max(num), 0) + 1 FROM entries").fetchone()
        removed = self._db.execute("SELECT coalesce(max(num), 0) + 1 FROM removed").fetchone()
        num = max(row[0], removed[0])  # a removed number is not used again: readers may hold it
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                num,
                tenant,
                entry["id"],
                json.dumps(entry, ensure_ascii=False),
                self.digest(entry, has_vectors=bool(kinds)),
                version,
                entry.get("audience", "public"),
                entry.get("region", ""),
                entry.get("channel", ""),
                entry.get("effective_from", ""),
                entry.get("effective_to", ""),
                entry.get("lang") or _language(entry),
            ],
        )
        text = "\n".join([entry["question"], *entry.get("similar_questions", []), entry["answer"]])
        self._db.execute(
            "INSERT INTO words (rowid, terms) VALUES (?, ?)",
            [num, " ".join(terms(text, self.segmenter))],
        )
        self._db.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?)",
            [(num, kind, row.tobytes()) for kind, row in zip(kinds, vectors, strict=True)],
        )

    def remove(self, entry_id: str, tenant: str) -> bool:
        """Delete one entry, if it is there; inside a transaction."""
        row = self._db.execute(
            "SELECT num FROM entries WHERE tenant = ? AND id = ?", [tenant, entry_id]
        ).fetchone()
        if row is None:
            return False
        version = self.next_version()
        self._db.execute("DELETE FROM entries WHERE num = ?", row)
        self._db.execute("DELETE FROM vectors WHERE num = ?", row)
        self._db.execute("DELETE FROM words WHERE rowid = ?", row)
        self._db.execute("INSERT INTO removed VALUES (?, ?)", [row[0], version])
        return True

    def removed_since(self, version: int) -> list[int]:
        """Return the numbers of entries deleted after `version`."""
        rows = self._db.execute("SELECT num FROM removed WHERE seq > ?", [version])
        return [num for (num,) in rows]

    def written_since(self, version: int, dims: int) -> Iterator[Written]:
        """Yield the vectors of entries written after `version`, in order of their numbers."""
        rows = self._db.execute(
            "SELECT vectors.num, kind, vector FROM entries JOIN vectors USING (num) "
            "WHERE seq > ? ORDER BY vectors.num",
            [version],
        )
        num, kinds, blobs = 0, list[int](), list[bytes]()
        for row_num, kind, blob in [*rows, (0, 0, b"")]:
            if row_num != num and kinds:
                flat = np.frombuffer(b"".join(blobs), np.float32)
                yield Written(num, flat.reshape(len(kinds), dims), kinds)
                kinds, blobs = [], []
            num = row_num
            kinds.append(kind)
            blobs.append(blob)

    def highest(self) -> int:
        """Return the highest entry number, 0 when empty."""
        return int(self._db.execute("SELECT coalesce(max(num), 0) FROM entries").fetchone()[0])

    def by_words(self, tokens: Sequence[str], filters: Filters, limit: int) -> dict[int, float]:
        """Return BM25 (higher is better) of the best entries by entry number."""
        if not tokens:
            return {}
        condition, params = where(filters)
        rows = self._db.execute(
            "SELECT words.rowid, -bm25(words) FROM words JOIN entries ON num = words.rowid "
            f"WHERE words MATCH ? AND {condition} ORDER BY bm25(words) LIMIT ?",
            [" OR ".join(f'"{token}"' for token in tokens), *params, limit],
        )
        return dict(rows.fetchall())

    def visible(self, filters: Filters) -> list[int]:
        """Return the numbers of all entries that pass the filters."""
        condition, params = where(filters)
        rows = self._db.execute(f"SELECT num FROM entries WHERE {condition}", params)
        return [num for (num,) in rows]

    def weights(self, tokens: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each token; unseen ones weigh most."""
        marks = ", ".join("?" * len(tokens))
        counts = dict(
            self._db.execute(
                f"SELECT term, doc FROM word_counts WHERE term IN ({marks})",
                list(tokens),
            ).fetchall()
        )
        total = self.count() + 1
        return {t: math.log(1 + total / (0.5 + counts.get(t, 0))) for t in tokens}

    def bodies(self, nums: Sequence[int]) -> dict[int, tuple[Entry, set[str]]]:
        """Return entry and search terms by entry number."""
        marks = ", ".join("?" * len(nums))
        rows = self._db.execute(
            "SELECT num, body, terms FROM entries JOIN words ON words.rowid = num "
            f"WHERE num IN ({marks})",
            list(nums),
        )
        return {num: (json.loads(body), set(text.split())) for num, body, text in rows}

    def entries(self, tenant: str) -> Iterator[Entry]:
        """Yield every entry of a tenant."""
        for (body,) in self._db.execute("SELECT body FROM entries WHERE tenant = ?", [tenant]):
            yield json.loads(body)

    def tenants(self) -> list[str]:
        """Return the names of all tenants with entries."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT tenant FROM entries")]

    def entry(self, entry_id: str, tenant: str) -> Entry | None:
        """Return one entry whole, or None."""
        row = self._db.execute(
            "SELECT body FROM entries WHERE tenant = ? AND id = ?", [tenant, entry_id]
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def count(self) -> int:
        """Return the number of entries."""
        return int(self._db.execute("SELECT count(*) FROM entries").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _language(entry: Entry) -> str:
    """Return the language of an entry; a Chinese page full of code is still Chinese."""
    texts = (entry["question"], entry["answer"])
    return "zh" if "zh" in map(language, texts) else "en"
