"""Who waits for a database, and who is told that it is stuck."""

import asyncio

import pytest

from tests.fakes.clock import at_once
from tools.desk.line import Line


async def pass_through(line: Line, took_s: float, passed: list[int], number: int = 0) -> None:
    async with line.turn():
        await asyncio.sleep(took_s)
        passed.append(number)


@at_once
async def test_a_long_line_that_moves_turns_nobody_away() -> None:
    line, passed = Line(stuck_s=0.2), []

    await asyncio.gather(*(pass_through(line, 0.02, passed, number) for number in range(25)))

    assert passed == list(range(25))


@at_once
async def test_all_behind_one_that_is_stuck_are_turned_away_at_once_and_the_next_gets_in() -> None:
    line, passed = Line(stuck_s=0.1), []
    stuck = asyncio.create_task(pass_through(line, 0.5, passed))
    await asyncio.sleep(0)
    now_s = asyncio.get_running_loop().time
    began_s = now_s()

    told = await asyncio.gather(
        *(pass_through(line, 0, passed) for _ in range(20)), return_exceptions=True
    )
    took_s = now_s() - began_s
    with pytest.raises(TimeoutError, match="stuck"):
        await pass_through(line, 0, passed)
    await stuck
    await pass_through(line, 0, passed, 1)

    assert [type(each) for each in told] == [TimeoutError] * 20
    assert took_s == pytest.approx(0.1)
    assert passed == [0, 1]


@pytest.mark.parametrize("is_called", [False, True])
@at_once
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


@at_once
async def test_who_comes_to_one_that_stays_stuck_is_told_so_before_it_ends() -> None:
    line, passed = Line(stuck_s=0.1), []
    stuck = asyncio.create_task(pass_through(line, 2, passed))
    await asyncio.sleep(0.15)  # those before have been turned away

    with pytest.raises(TimeoutError, match="stuck"):
        await pass_through(line, 0, passed)

    assert not stuck.done()
    stuck.cancel()


@at_once
async def test_who_comes_late_to_a_stuck_one_is_turned_away_when_it_ends() -> None:
    line, passed = Line(stuck_s=0.3), []
    stuck = asyncio.create_task(pass_through(line, 0.5, passed))
    await asyncio.sleep(0.4)

    with pytest.raises(TimeoutError, match="stuck"):
        await pass_through(line, 0, passed, 1)

    await stuck
    assert passed == [0]


@at_once
async def test_one_who_has_left_the_line_keeps_nobody_from_being_told() -> None:
    line, passed = Line(stuck_s=0.1), []
    stuck = asyncio.create_task(pass_through(line, 2, passed))
    await asyncio.sleep(0)
    leaving, staying = (asyncio.create_task(pass_through(line, 0, passed)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()

    with pytest.raises(TimeoutError, match="stuck"):
        await asyncio.wait_for(asyncio.shield(staying), 1)

    assert not stuck.done()
    stuck.cancel()
