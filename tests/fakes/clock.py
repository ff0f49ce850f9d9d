"""Time that passes when a test says so, however long the machine takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any


def passes(seconds: float) -> None:
    """Put the clock of the running event loop on; each test has a loop of its own."""
    loop = asyncio.get_running_loop()
    now_s = loop.time
    loop.time = lambda: now_s() + seconds  # type: ignore[method-assign]


class Instant(asyncio.SelectorEventLoop):
    """A loop whose clock stands while anything can be done, then goes to what comes next."""

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0

    def time(self) -> float:
        """Return the seconds that were waited for so far."""
        return self._now_s

    def _run_once(self) -> None:
        if not self._ready:  # type: ignore[attr-defined]
            due = [each.when() for each in self._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
            self._now_s = max(self._now_s, min(due, default=0.0))
        super()._run_once()  # type: ignore[misc]


def at_once(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test on such a loop."""

    @wraps(test)
    def run(**given: Any) -> None:  # noqa: ANN401 what the test asks for
        with asyncio.Runner(loop_factory=Instant) as runner:
            runner.run(test(**given))  # type: ignore[arg-type]

    return run


@asynccontextmanager
async def ticking(every_s: float = 0.1) -> AsyncIterator[list[None]]:
    """Yield a list that grows while others wait; a pause of the whole process adds one at most."""
    ticks: list[None] = []

    async def tick() -> None:
        while True:
            await asyncio.sleep(every_s)
            ticks.append(None)

    going = asyncio.create_task(tick())
    try:
        yield ticks
    finally:
        going.cancel()
