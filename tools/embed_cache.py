"""Vectors kept by content, so that nothing is embedded twice."""

import asyncio
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from tools.embed_base import Embedder, Vector2D
from tools.errors import ConfigError
from tools.reading import Reading, TokenReader, packed, unpacked

logger = logging.getLogger(__name__)

BATCH = 64  # vectors per transaction: what a kill in the middle can cost
LIVE_QUESTIONS = 1024  # kept in memory
BUSY_TIMEOUT_S = 5.0
_Asked = tuple["asyncio.Future[Vector2D]", int]  # a batch of questions and the row in it
READINGS = "SELECT key, reading FROM readings"
KEEP_READING = "INSERT OR IGNORE INTO readings VALUES (?, ?)"
SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    key BLOB PRIMARY KEY,              -- sha256 of embedder, side and text
    vector BLOB NOT NULL               -- float32
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings (
    key BLOB PRIMARY KEY,              -- sha256 of reader, side and text
    reading BLOB NOT NULL              -- see tools/reading.py
)
"""


class CachedEmbedder:
    """An embedder that remembers on disk; any number of processes may share the file.

    Passages are always stored, questions only with `keep_questions`: set it where a list is asked
    again and again, not where customers ask; of these the latest stay in memory. A cache that can't
    be read or written is passed by: the inner embedder answers.
    """

    def __init__(self, inner: Embedder, path: Path, *, keep_questions: bool = False) -> None:
        """Open or create the file.

        Raises:
            ConfigError: if it is damaged or can't be opened.
        """
        self.name = inner.name
        self.reader = _CachedReader(self, inner.reader) if inner.reader else None
        self._inner = inner
        self._dims = inner.dims
        self._keep_questions = keep_questions
        self._live: OrderedDict[str, _Asked] = OrderedDict()
        self._db = _open(path)
        self._lock = threading.Lock()  # one connection, many worker threads

    @property
    def dims(self) -> int:
        """Length of a vector; 0 as long as neither cache nor server has given one."""
        return self._inner.dims or self._dims

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions; what is being embedded is waited for, not done twice.

        A caller who leaves early takes nothing from the others.
        """
        if not 0 < len(texts) <= BATCH:  # no customer asks so many
            return await self._asked(texts)
        if fresh := [text for text in dict.fromkeys(texts) if text not in self._live]:
            batch = asyncio.ensure_future(self._asked(fresh))
            self._live |= {text: (batch, row) for row, text in enumerate(fresh)}
            batch.add_done_callback(partial(self._forget_failed, fresh))
        asked = [self._live[text] for text in texts]
        for text in texts:
            self._live.move_to_end(text)
        while len(self._live) > LIVE_QUESTIONS:
            self._live.popitem(last=False)
        return np.stack([(await asyncio.shield(batch))[row] for batch, row in asked])

    async def _asked(self, texts: Sequence[str]) -> Vector2D:
        if not self._keep_questions:
            return await self._inner.questions(texts)
        return await self._embed("question", texts, self._inner.questions)

    def _forget_failed(self, texts: Sequence[str], batch: "asyncio.Future[Vector2D]") -> None:
        if batch.cancelled() or batch.exception() is not None:
            for text in texts:
                if self._live.get(text, (None, 0))[0] is batch:
                    del self._live[text]

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return await self._embed("passage", texts, self._inner.passages)

    async def keep(self, texts: Sequence[str], vectors: Vector2D) -> None:
        """Store the vectors of passages that were embedded on the way."""
        rows = {self._key("passage", t): v for t, v in zip(texts, vectors, strict=True)}
        await asyncio.to_thread(self._write, rows)

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
                await asyncio.to_thread(self._write, {key: known[key] for key in fresh})
            rows.append(np.stack([known[key] for key in keys]))
            self._dims = rows[-1].shape[1]
        return np.concatenate(rows) if rows else np.zeros((0, self.dims), np.float32)

    def _key(self, side: str, text: str) -> bytes:
        return key_of(self.name, side, text)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vector2D]:
        rows = self.stored("SELECT key, vector FROM vectors", keys)
        return {key: np.frombuffer(blob, np.float32) for key, blob in rows.items()}

    def _write(self, vectors: dict[bytes, Vector2D]) -> None:
        rows = {key: np.asarray(row, np.float32).tobytes() for key, row in vectors.items()}
        self.store("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)

    def stored(self, select: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return what is kept under these keys; nothing where the file can't be read."""
        marks = ", ".join("?" * len(keys))
        try:
            with self._lock:
                return dict(self._db.execute(f"{select} WHERE key IN ({marks})", list(keys)))
        except sqlite3.Error as exc:
            logger.warning("vector cache can't be read", extra={"error": str(exc)})
            return {}

    def store(self, insert: str, rows: dict[bytes, bytes]) -> None:
        """Keep rows, if the file can be written."""
        try:
            with self._lock, self._db:
                self._db.executemany(insert, rows.items())
        except sqlite3.Error as exc:
            logger.warning("vector cache can't be written", extra={"error": str(exc)})


class _CachedReader:
    """Remembers the readings of passages beside their vectors."""

    def __init__(self, cache: CachedEmbedder, inner: TokenReader) -> None:
        self.name, self.weight = inner.name, inner.weight
        self.question, self.answers = inner.question, inner.answers
        self._cache, self._inner = cache, inner

    async def passages(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        """Return unit vectors and readings of texts that answer."""
        vectors: list[Vector2D] = []
        readings: list[Reading] = []
        for start in range(0, len(texts), BATCH):
            own, read = await self._batch(texts[start : start + BATCH])
            vectors.append(own)
            readings += read
        rows = np.concatenate(vectors) if vectors else np.zeros((0, self._cache.dims), np.float32)
        return rows, readings

    async def _batch(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        keys = {text: key_of(self.name, "passage", text) for text in texts}
        known = await asyncio.to_thread(self._cache.stored, READINGS, [*keys.values()])
        made: dict[str, Vector2D] = {}
        if fresh := [text for text, key in keys.items() if key not in known]:
            vectors, readings = await self._inner.passages(fresh)
            made |= zip(fresh, vectors, strict=True)
            rows = {keys[t]: packed(r) for t, r in zip(fresh, readings, strict=True)}
            await self._cache.keep(fresh, vectors)
            await asyncio.to_thread(self._cache.store, KEEP_READING, rows)
            known |= rows
        rest = [text for text in texts if text not in made]
        made |= zip(rest, await self._cache.passages(rest), strict=True)
        return np.stack([made[text] for text in texts]), [
            unpacked(known[keys[text]]) for text in texts
        ]


def key_of(name: str, side: str, text: str) -> bytes:
    """Return what a text's vector or reading is kept under."""
    return sha256(f"{name}\0{side}\0{text}".encode("utf-8", "replace")).digest()


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    except (sqlite3.Error, OSError) as exc:
        raise ConfigError(f"{path}: can't be opened ({exc}); check folder and rights") from exc
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(SCHEMA)
    except sqlite3.Error as exc:
        db.close()
        raise ConfigError(f"{path}: unusable vector cache ({exc}); it is safe to delete") from exc
    return db
