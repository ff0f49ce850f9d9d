from collections.abc import Callable

from tools.desk.desk import Desk
from tools.desk.records import Turn

NewTurn = Callable[..., Turn]


async def test_a_vote_comes_back_with_question_and_answer(desk: Desk, turn: NewTurn) -> None:
    await desk.finish(turn())

    await desk.add_feedback("turn1", tenant="acme", score=-1, reason="wrong", comment="不对")

    [vote] = await desk.votes(tenant="acme")
    assert (vote["score"], vote["reason"], vote["comment"]) == (-1, "wrong", "不对")
    assert (vote["question"], vote["answer"]) == ("我的手机[电话]收不到验证码", "请检查短信拦截。")
    assert vote["thread_id"] == "thread1"


async def test_a_second_vote_replaces_the_first(desk: Desk, turn: NewTurn) -> None:
    await desk.finish(turn())
    await desk.add_feedback("turn1", tenant="acme", score=-1, reason="wrong")
    await desk.add_feedback("turn1", tenant="acme", score=1)

    votes = await desk.votes(tenant="acme")

    assert [(vote["score"], vote["reason"]) for vote in votes] == [(1, "")]


async def test_votes_on_turns_that_the_tenant_does_not_have_are_refused(
    desk: Desk, turn: NewTurn
) -> None:
    await desk.finish(turn())

    assert not await desk.add_feedback("turn1", tenant="globex", score=1)
    assert not await desk.add_feedback("turn9", tenant="acme", score=1)
    assert await desk.votes(tenant="acme") == []


async def test_votes_are_listed_by_score_and_tenant(desk: Desk, turn: NewTurn) -> None:
    for turn_id, tenant in (("1", "acme"), ("2", "acme"), ("3", "globex")):
        await desk.finish(turn(turn_id, tenant=tenant))
    await desk.add_feedback("1", tenant="acme", score=1)
    await desk.add_feedback("2", tenant="acme", score=-1)
    await desk.add_feedback("3", tenant="globex", score=-1)

    disliked = await desk.votes(tenant="acme", score=-1)

    assert [vote["turn_id"] for vote in disliked] == ["2"]


async def test_votes_come_latest_first(
    desk: Desk, turn: NewTurn, advance: Callable[..., None]
) -> None:
    for turn_id in ("1", "2", "3"):
        await desk.finish(turn(turn_id))
        await desk.add_feedback(turn_id, tenant="acme", score=1)
        advance(seconds=1)

    votes = await desk.votes(tenant="acme", limit=2)

    assert [vote["turn_id"] for vote in votes] == ["3", "2"]


async def test_gaps_come_most_frequent_first_then_latest_first(
    desk: Desk, advance: Callable[..., None]
) -> None:
    for question in ("能刷脸吗", "支持花呗吗", "支持花呗吗", "能货到付款吗"):
        await desk.add_gap(question, "nothing", tenant="acme", thread_id="thread1", user_id="li")
        advance(seconds=1)
    await desk.add_gap("别家的问题", "nothing", tenant="globex")

    gaps = await desk.gaps(tenant="acme")

    assert [(gap["question"], gap["times"]) for gap in gaps] == [
        ("支持花呗吗", 2),
        ("能货到付款吗", 1),
        ("能刷脸吗", 1),
    ]
    assert await desk.gaps(tenant="acme", limit=1) == gaps[:1]
