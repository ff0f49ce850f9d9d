from collections.abc import Callable
from typing import Any

from tools.desk.desk import Desk
from tools.desk.records import Turn

NewTurn = Callable[..., Turn]


async def kept(desk: Desk, table: str) -> list[dict[str, Any]]:
    return (await desk.held_of_thread("thread1", tenant="acme"))[table]


async def test_a_vote_is_kept_with_its_turn(desk: Desk, turn: NewTurn) -> None:
    await desk.finish(turn())

    await desk.add_feedback("turn1", tenant="acme", score=-1, reason="wrong", comment="不对")

    [vote] = await kept(desk, "feedback")
    assert (vote["score"], vote["reason"], vote["comment"]) == (-1, "wrong", "不对")
    assert (vote["turn_id"], vote["user_id"]) == ("turn1", turn()["user_id"])


async def test_a_second_vote_replaces_the_first(desk: Desk, turn: NewTurn) -> None:
    await desk.finish(turn())
    await desk.add_feedback("turn1", tenant="acme", score=-1, reason="wrong")
    await desk.add_feedback("turn1", tenant="acme", score=1)

    votes = await kept(desk, "feedback")

    assert [(vote["score"], vote["reason"]) for vote in votes] == [(1, "")]


async def test_votes_on_turns_that_the_tenant_does_not_have_are_refused(
    desk: Desk, turn: NewTurn
) -> None:
    await desk.finish(turn())

    assert not await desk.add_feedback("turn1", tenant="globex", score=1)
    assert not await desk.add_feedback("turn9", tenant="acme", score=1)
    assert await kept(desk, "feedback") == []


async def test_a_question_without_an_answer_is_kept_each_time(desk: Desk) -> None:
    for tenant in ("acme", "acme", "globex"):
        await desk.add_gap(
            "支持花呗吗", "nothing", tenant=tenant, thread_id="thread1", user_id="li"
        )

    gaps = await kept(desk, "gaps")

    assert [(gap["question"], gap["reason"]) for gap in gaps] == [("支持花呗吗", "nothing")] * 2
