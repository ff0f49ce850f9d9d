"""One at a time, first come first served, for as long as those in front go on."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Line:
    """A lock that tells a long line from a stuck one: only the latter turns people away."""

    def __init__(self, stuck_s: float) -> None:
        """`stuck_s` is how long one may take before those behind give up."""
        self._stuck_s = stuck_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_taken = False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until those who came before are done.

        Raises:
            TimeoutError: if one of them takes longer than `stuck_s`.
        """
        if self._is_taken:
            await self._called()
        self._is_taken = True
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        self._watch = loop.call_later(self._stuck_s, self._turn_away)
        try:
            yield
        finally:
            self._watch.cancel()
            if loop.time() - began_s >= self._stuck_s:  # the next would fare no better
                self._turn_away_all()
            self._next()

    async def _called(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled() and place.exception() is None:  # called, and gone
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._is_taken = False

    def _turn_away(self) -> None:
        self._turn_away_all()
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(self._stuck_s, self._turn_away)

    def _turn_away_all(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(TimeoutError("locked: the write before this one is stuck"))
