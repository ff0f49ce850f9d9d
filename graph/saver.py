"""Where the embedded Kefu keeps its threads: LangGraph's SQLite file, reached by one thread."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.base import id as checkpoint_ids
from langgraph.checkpoint.sqlite import SqliteSaver

BUSY_S = 2.0  # how long another process may hold the file
KEPT = 10  # checkpoints of a thread: ten turns, or the steps of one to play it again from. Each is
# a whole copy, 40 KB of a long thread, with messages that the later ones have forgotten

# Of no thread: LangGraph never sees it.
_WRITTEN = (
    "INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel) "
    "VALUES ('', '', '', 'trial', 0, '')"
)
_LAST_OLD = (
    "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? "
    "ORDER BY checkpoint_id DESC LIMIT 1 OFFSET ?"
)
_OLD = "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id <= ?"
_OUTDATED = f"DELETE FROM writes WHERE {_OLD}", f"DELETE FROM checkpoints WHERE {_OLD}"  # noqa: S608
_TAKEN_BACK = "DELETE FROM writes WHERE thread_id = '' AND task_id = 'trial'"

T = TypeVar("T")


class ThreadSaver(SqliteSaver):
    """SqliteSaver for coroutines; every call is one trip to a thread of its own.

    AsyncSqliteSaver makes a trip for each step of each cursor: seven a turn, which cost more than
    what SQLite does.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        super().__init__(conn)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="threads")
        self._locked_at_s = 0.0  # when another process had last held the file for BUSY_S

    @staticmethod
    async def open(path: Path) -> "ThreadSaver":
        """Open or create the file.

        Raises:
            sqlite3.Error: if it can't be used.
        """

        def opened() -> "ThreadSaver":
            conn = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
            try:
                conn.execute("PRAGMA synchronous = NORMAL")  # WAL: safe against kill -9
                conn.execute("PRAGMA secure_delete = ON")  # nor do free pages keep what is gone
                saver = ThreadSaver(conn)
                saver.setup()
                _go_on_after(conn.execute("SELECT max(checkpoint_id) FROM checkpoints").fetchone())
            except BaseException:
                conn.close()
                raise
            return saver

        return await asyncio.to_thread(opened)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a thread's checkpoint, the latest where `config` names none."""
        return await self._run(partial(self.get_tuple, config))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield checkpoints, latest first."""
        found = partial(self.list, config, filter=filter, before=before, limit=limit)
        for each in await self._run(lambda: [*found()]):
            yield each

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Save a checkpoint, let the oldest go, and return the config that names it."""

        def put() -> RunnableConfig:
            thread = config["configurable"]
            place = (thread["thread_id"], thread["checkpoint_ns"])
            last_old = self.conn.execute(_LAST_OLD, (*place, KEPT - 1)).fetchone()
            with self.conn:  # all or none: a turn that is saved is never told as one that failed
                if last_old is not None:
                    for outdated in _OUTDATED:
                        self.conn.execute(outdated, (*place, *last_old))
                return self.put(config, checkpoint, metadata, new_versions)

        return await self._run(put)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Save what a task of an unfinished step wrote."""
        await self._run(partial(self.put_writes, config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """Erase a thread."""
        await self._run(partial(self.delete_thread, thread_id))

    async def execute(self, sql: str) -> list[Any]:
        """Run one statement on the file and return its rows."""
        return await self._run(lambda: self.conn.execute(sql).fetchall())

    async def check_writable(self) -> None:
        """Raise sqlite3.Error if a thread could not be written now."""

        def tried() -> None:  # a full disk lets begin whatever writes no row
            with self.conn:
                self.conn.execute(_WRITTEN)
                self.conn.execute(_TAKEN_BACK)

        await self._run(tried)

    async def close(self) -> None:
        """Close the file."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self.conn.close)
        self._worker.shutdown(wait=False)

    async def _run(self, call: Callable[[], T]) -> T:
        asked_s = time.monotonic()

        def called() -> T:
            if self._locked_at_s > asked_s:  # else each of many customers would wait BUSY_S more
                raise sqlite3.OperationalError("database is locked, as those before found")
            try:
                return call()
            except sqlite3.OperationalError as exc:
                if "locked" in str(exc):
                    self._locked_at_s = time.monotonic()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._worker, called)


def _go_on_after(latest: tuple[str | None]) -> None:
    """Let the names of this process's checkpoints sort after `latest`.

    They are made of the time, and a thread's latest is the one that sorts last: where the clock
    was put back before the start, whatever is saved would be hidden by what was said before, and
    the bot would go on beside a person who has taken the conversation meanwhile.
    """
    known: dict[str, Any] = vars(checkpoint_ids)
    with suppress(TypeError, ValueError):  # an empty file; a name of another kind
        last = checkpoint_ids.UUID(hex=latest[0]).time
        known["_last_v6_timestamp"] = max(last, known["_last_v6_timestamp"] or 0)
