"""Who waits for a database, and who is told that it is stuck."""

import asyncio
import time

import pytest

from tools.desk.line import Line


async def pass_through(line: Line, took_s: float, passed: list[int], number: int = 0) -> None:
    async with line.turn():
        await asyncio.sleep(took_s)
        passed.append(number)


async def test_a_long_line_that_moves_turns_nobody_away() -> None:
    line, passed = Line(stuck_s=0.2), []

    await asyncio.gather(*(pass_through(line, 0.02, passed, number) for number in range(25)))

    assert passed == list(range(25))


async def test_all_behind_one_that_is_stuck_are_turned_away_at_once_and_the_next_gets_in() -> None:
    line, passed = Line(stuck_s=0.1), []
    stuck = asyncio.create_task(pass_through(line, 0.5, passed))
    await asyncio.sleep(0)
    began = time.monotonic()

    told = await asyncio.gather(
        *(pass_through(line, 0, passed) for _ in range(20)), return_exceptions=True
    )
    took_s = time.monotonic() - began
    with pytest.raises(TimeoutError, match="stuck"):
        await pass_through(line, 0, passed)
    await stuck
    await pass_through(line, 0, passed, 1)

    assert [type(each) for each in told] == [TimeoutError] * 20
    assert took_s < 0.4
    assert passed == [0, 1]


@pytest.mark.parametrize("is_called", [False, True])
async def test_who_leaves_the_line_holds_up_nobody(is_called: bool) -> None:
    line, passed = Line(stuck_s=1), []

    async def first() -> None:
        async with line.turn():
            await asyncio.sleep(0.01)
            if not is_called:
                leaving.cancel()
        leaving.cancel()  # called by the line a moment ago, and has not heard it yet

    going = asyncio.create_task(first())
    leaving, last = (
        asyncio.create_task(pass_through(line, 0, passed, number)) for number in (1, 2)
    )
    await asyncio.wait_for(last, 1)
    await going

    assert passed == [2]
