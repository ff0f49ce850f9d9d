"""The breaker on an injected clock."""

import asyncio
from collections.abc import Callable

import pytest

from tools.breaker import Breaker
from tools.errors import BadReply, ModelUnavailable, TransientError

RESET_S = 20.0


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("model", ModelUnavailable, failures=3, reset_s=RESET_S, clock=clock)


def fail(breaker: Breaker, error: BaseException | None = None) -> None:
    error = error or ModelUnavailable("down")
    with pytest.raises(type(error)), breaker.call():
        raise error


def succeed(breaker: Breaker) -> None:
    with breaker.call():
        pass


def opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        fail(breaker)
    return breaker


def test_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker)
    fail(breaker)
    assert not breaker.is_open

    fail(breaker)

    assert breaker.is_open


def test_a_success_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    fail(breaker)
    fail(breaker)
    succeed(breaker)
    fail(breaker)
    fail(breaker)

    assert not breaker.is_open


def test_rejects_with_the_given_error_and_does_not_run_the_block(breaker: Breaker) -> None:
    opened(breaker)
    ran = False

    with pytest.raises(ModelUnavailable, match="got 3 failures in a row"), breaker.call():
        ran = True

    assert not ran


def test_any_transient_error_counts(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker, TransientError("other"))

    assert breaker.is_open


@pytest.mark.parametrize(
    "neither", [BadReply("ours"), asyncio.CancelledError(), GeneratorExit(), KeyError("bug")]
)
def test_what_is_neither_success_nor_failure_changes_nothing(
    breaker: Breaker, neither: BaseException
) -> None:
    fail(breaker)
    fail(breaker)

    fail(breaker, neither)
    assert not breaker.is_open

    fail(breaker)
    assert breaker.is_open


def test_stays_open_until_the_reset_time(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)

    clock.now_s += RESET_S - 0.1
    assert breaker.is_open

    clock.now_s += 0.1
    assert not breaker.is_open


def test_lets_exactly_one_probe_through(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now_s += RESET_S

    with breaker.call():
        with pytest.raises(ModelUnavailable), breaker.call():
            pass
        assert breaker.is_open


def test_a_probe_that_succeeds_closes_it_for_all(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now_s += RESET_S

    succeed(breaker)

    with breaker.call(), breaker.call():
        assert not breaker.is_open


def test_after_closing_it_takes_all_failures_to_open_again(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now_s += RESET_S
    succeed(breaker)

    fail(breaker)
    fail(breaker)

    assert not breaker.is_open


def test_a_probe_that_fails_opens_it_for_the_whole_time(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now_s += RESET_S

    fail(breaker)

    clock.now_s += RESET_S - 0.1
    assert breaker.is_open
    clock.now_s += 0.1
    assert not breaker.is_open


@pytest.mark.parametrize("neither", [BadReply("ours"), asyncio.CancelledError(), GeneratorExit()])
def test_a_probe_that_is_cancelled_leaves_the_turn_to_the_next(
    breaker: Breaker, clock: Clock, neither: BaseException
) -> None:
    opened(breaker)
    clock.now_s += RESET_S

    fail(breaker, neither)

    succeed(breaker)
    assert not breaker.is_open


def late(breaker: Breaker, meanwhile: Callable[[], None], error: Exception | None) -> None:
    """Begin a call, let `meanwhile` happen, then end it."""
    try:
        with breaker.call():
            meanwhile()
            if error:
                raise error
    except ModelUnavailable:
        pass


def test_a_late_failure_does_not_lengthen_the_closed_time(breaker: Breaker, clock: Clock) -> None:
    def open_and_wait() -> None:
        opened(breaker)
        clock.now_s += RESET_S / 2

    late(breaker, open_and_wait, ModelUnavailable("old"))

    clock.now_s += RESET_S / 2
    assert not breaker.is_open


def test_a_late_success_does_not_close_it(breaker: Breaker) -> None:
    def open_it() -> None:
        opened(breaker)

    late(breaker, open_it, None)

    assert breaker.is_open


def test_a_late_failure_does_not_end_a_probe(breaker: Breaker, clock: Clock) -> None:
    old = breaker.call()
    old.__enter__()
    opened(breaker)
    clock.now_s += RESET_S

    with breaker.call():
        old.__exit__(ModelUnavailable, ModelUnavailable("old"), None)
        assert breaker.is_open, "a second probe could start"

    assert not breaker.is_open
