"""Index the knowledge at start, and go on trying where the index is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from tools.errors import KefuError, TransientError
from tools.ingest.report import Report, complaints
from tools.search.base import Progress

logger = logging.getLogger(__name__)

PAUSE_S = 2.0  # before the second try; doubles
LONGEST_PAUSE_S = 30.0

State = Literal["indexing", "waiting", "indexed"]


class Loading:
    """The knowledge on its way into the index.

    `state` is "waiting" while the index is away and the next try is due, `report` None until all
    is indexed.
    """

    def __init__(
        self,
        load: Callable[[Progress | None], Awaitable[Report]],
        *,
        pause_s: float = PAUSE_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._load = load
        self._pause_s = pause_s
        self._longest_pause_s = longest_pause_s
        self._trying: asyncio.Task[None] | None = None
        self.state: State = "indexing"
        self.report: Report | None = None

    async def begin(self, progress: Progress | None = None) -> None:
        """Load; where the index is away, go on in the background and show no progress there.

        Raises:
            ConfigError: if files or index can't be used.
        """
        try:
            await self._try(progress)
        except TransientError as exc:
            logger.error("knowledge not indexed, trying again: %s", exc)
            self._trying = asyncio.create_task(self._try_again())

    async def _try(self, progress: Progress | None) -> None:
        self.state = "indexing"
        try:
            self.report = await self._load(progress)
        except KefuError:
            self.state = "waiting"
            raise
        self.state = "indexed"

    async def _try_again(self) -> None:
        pause_s = self._pause_s
        while self.report is None:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self._longest_pause_s)
            try:
                await self._try(None)
            except TransientError as exc:
                logger.warning("knowledge still not indexed: %s", exc)
            except KefuError as exc:  # what answers now can't be used; an operator may mend it
                logger.error("knowledge can't be indexed: %s", exc)
        for line in complaints(self.report):
            logger.warning(line)
        logger.info("knowledge indexed")

    async def finished(self) -> None:
        """Return when all is indexed."""
        if self._trying is not None:
            await self._trying

    async def close(self) -> None:
        """Stop trying."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
