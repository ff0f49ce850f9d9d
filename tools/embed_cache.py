"""Vectors kept by content, so that nothing is embedded twice."""

import asyncio
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from tools.embed_base import Embedder, Vector2D
from tools.errors import ConfigError

logger = logging.getLogger(__name__)

BATCH = 64  # vectors per transaction: what a kill in the middle can cost
LIVE_QUESTIONS = 1024  # kept in memory
BUSY_TIMEOUT_S = 5.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    key BLOB PRIMARY KEY,              -- sha256 of embedder, side and text
    vector BLOB NOT NULL               -- float32
) WITHOUT ROWID
"""


class CachedEmbedder:
    """An embedder that remembers on disk; any number of processes may share the file.

    Passages are always stored. Questions are looked up, but stored only with `keep_questions`:
    set it where entries are indexed, not where customers ask. A cache that can't be read or
    written is passed by: the inner embedder answers.
    """

    def __init__(self, inner: Embedder, path: Path, *, keep_questions: bool = False) -> None:
        """Open or create the file.

        Raises:
            ConfigError: if it is damaged or can't be opened.
        """
        self.name = inner.name
        self._inner = inner
        self._dims = inner.dims
        self._keep_questions = keep_questions
        self._live: OrderedDict[str, Vector2D] = OrderedDict()
        self._db = _open(path)
        self._lock = threading.Lock()  # one connection, many worker threads

    @property
    def dims(self) -> int:
        """Length of a vector; 0 as long as neither cache nor server has given one."""
        return self._inner.dims or self._dims

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        if len(texts) != 1:
            return await self._embed("question", texts, self._inner.questions)
        text = texts[0]
        if text not in self._live:
            self._live[text] = await self._embed("question", texts, self._inner.questions)
        self._live.move_to_end(text)
        vectors = self._live[text]
        if len(self._live) > LIVE_QUESTIONS:
            self._live.popitem(last=False)
        return vectors.copy()

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return await self._embed("passage", texts, self._inner.passages)

    async def close(self) -> None:
        """Close the file and the inner embedder."""
        self._db.close()
        await self._inner.close()

    async def _embed(
        self,
        side: str,
        texts: Sequence[str],
        embed: Callable[[Sequence[str]], Awaitable[Vector2D]],
    ) -> Vector2D:
        rows: list[Vector2D] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            keys = [self._key(side, text) for text in batch]
            known = await asyncio.to_thread(self._read, keys)
            fresh = {key: text for key, text in zip(keys, batch, strict=True) if key not in known}
            if fresh:
                vectors = await embed(list(fresh.values()))
                known |= dict(zip(fresh, vectors, strict=True))
                if side == "passage" or self._keep_questions:
                    await asyncio.to_thread(self._write, {key: known[key] for key in fresh})
            rows.append(np.stack([known[key] for key in keys]))
            self._dims = rows[-1].shape[1]
        return np.concatenate(rows) if rows else np.zeros((0, self.dims), np.float32)

    def _key(self, side: str, text: str) -> bytes:
        return sha256(f"{self.name}\0{side}\0{text}".encode("utf-8", "replace")).digest()

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vector2D]:
        marks = ", ".join("?" * len(keys))
        query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 only marks
        try:
            with self._lock:
                rows = self._db.execute(query, list(keys)).fetchall()
        except sqlite3.Error as exc:
            logger.warning("vector cache can't be read", extra={"error": str(exc)})
            return {}
        return {key: np.frombuffer(blob, np.float32) for key, blob in rows}

    def _write(self, vectors: dict[bytes, Vector2D]) -> None:
        rows = [(key, np.asarray(row, np.float32).tobytes()) for key, row in vectors.items()]
        try:
            with self._lock, self._db:
                self._db.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as exc:
            logger.warning("vector cache can't be written", extra={"error": str(exc)})


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    except (sqlite3.Error, OSError) as exc:
        raise ConfigError(f"{path}: can't be opened ({exc}); check folder and rights") from exc
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(SCHEMA)
    except sqlite3.Error as exc:
        db.close()
        raise ConfigError(f"{path}: unusable vector cache ({exc}); it is safe to delete") from exc
    return db
