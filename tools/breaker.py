"""A circuit breaker: stop asking a service that keeps failing, then let one call find out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tools.errors import TransientError


class Breaker:
    """Counts failures in a row; at `failures` it rejects calls for `reset_s` seconds.

    After that exactly one call at a time may try: its success closes the breaker, its failure
    opens it anew, and a call that ends as neither (cancelled, our own bad request) gives the
    turn to the next. Calls begun before the last change of state no longer count.

    Not thread-safe: one event loop, no await inside.
    """

    def __init__(
        self,
        name: str,
        error: type[TransientError],
        *,
        failures: int,
        reset_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._error = error
        self._limit = failures
        self._reset_s = reset_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None  # clock seconds; None = closed
        self._is_probing = False
        self._generation = 0  # rises with every change of state

    @property
    def is_open(self) -> bool:
        """Whether a call made now would be rejected."""
        if self._opened_at is None:
            return False
        return self._is_probing or self._clock() - self._opened_at < self._reset_s

    def check(self) -> None:
        """Do nothing if a call may be made.

        Raises:
            TransientError: the error class given, if a call would be rejected.
        """
        if self.is_open:
            raise self._error(
                f"{self.name}: expected an answer, got {self._failures} failures in a row; "
                f"one call may try again {self._reset_s:g} s after the last"
            )

    @contextmanager
    def call(self) -> Iterator[None]:
        """Guard one call: TransientError out of the block is a failure, a normal end a success.

        Raises:
            TransientError: the error class given, at once, if the breaker is open.
        """
        self.check()
        generation = self._generation
        self._is_probing = is_probe = self._opened_at is not None
        try:
            yield
        except TransientError:
            if generation == self._generation:
                self._fail()
            raise
        else:
            if generation == self._generation:
                self._succeed()
        finally:
            if is_probe and generation == self._generation:
                self._is_probing = False

    def _fail(self) -> None:
        self._failures += 1
        if self._failures >= self._limit or self._opened_at is not None:
            self._change(self._clock())

    def _succeed(self) -> None:
        self._failures = 0
        if self._opened_at is not None:
            self._change(None)

    def _change(self, opened_at: float | None) -> None:
        self._opened_at = opened_at
        self._is_probing = False
        self._generation += 1
