"""The last resort: messages kept in a plain file while the desk's database is down."""

import json
import logging
import os
from pathlib import Path
from typing import cast

from tools.desk.desk import Desk
from tools.desk.records import InboxMessage
from tools.errors import StoreUnavailable

SPOOL = "spool.jsonl"

logger = logging.getLogger(__name__)


class Spool:
    """A file of messages, one JSON object a line, flushed to disk before the customer is told."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_suffix(".taken")

    def keep(self, message: InboxMessage) -> bool:
        """Append a message; if even that fails it is logged as lost, without its text: False."""
        try:
            line = json.dumps(message, ensure_ascii=False)
            # backslashreplace: half a character becomes its JSON escape
            with self._path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"\n{line}\n")  # a line that a crash cut must not swallow this one
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            logger.critical("message lost", extra={"turn_id": message["turn_id"]}, exc_info=True)
            return False
        return True

    def take(self) -> list[InboxMessage] | None:
        """Set the file aside and return what it kept; call `taken` once that is safe elsewhere.

        None when nothing is kept; what an interrupted `take` left comes first. A line cut by a
        crash, or that is no message, is skipped and logged.

        Raises:
            StoreUnavailable: if the file can't be renamed or read.
        """
        try:
            if not self._aside.exists():
                self._path.rename(self._aside)
            lines = self._aside.read_bytes().splitlines()  # of a str it would also split at U+2028
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StoreUnavailable(f"{self._path}: can't be read ({exc.strerror})") from exc
        kept: list[InboxMessage] = []
        for line in filter(None, lines):
            try:
                kept.append(_message(json.loads(line)))
            except ValueError:
                logger.warning("half a message in %s skipped", self._path)
        return kept

    async def empty_into(self, desk: Desk) -> None:
        """Give the desk what was kept.

        Raises:
            StoreUnavailable: if it can't take it, or the file can't be removed; nothing is lost.
        """
        while (lost := self.take()) is not None:
            for message in lost:
                await desk.receive(message)
            self.taken()

    def taken(self) -> None:
        """Forget what `take` returned.

        Raises:
            StoreUnavailable: if the file can't be removed; what it kept comes again.
        """
        try:
            self._aside.unlink(missing_ok=True)
        except OSError as exc:
            raise StoreUnavailable(f"{self._aside}: can't be removed ({exc.strerror})") from exc


def _message(found: object) -> InboxMessage:
    """Return `found` as it is if it is a message.

    Raises:
        ValueError: if it is none.
    """
    if not isinstance(found, dict) or not all(
        isinstance(found.get(name), str) for name in InboxMessage.__annotations__
    ):
        raise ValueError("no message")
    return cast(InboxMessage, found)
