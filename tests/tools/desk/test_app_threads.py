"""Conversations that apps began."""

from collections.abc import Callable
from datetime import timedelta

from tools.desk.desk import Desk
from tools.desk.records import Clock, Turn

WHOSE = {"tenant": "acme", "app": "shop"}


async def begin(desk: Desk, thread_id: str, user_id: str = "", **whose: str) -> bool:
    given = {**WHOSE, **whose}
    return await desk.add_app_thread(thread_id, **given, user_id=user_id, metadata={"a": 1})


async def test_a_name_is_given_once_in_a_tenant(desk: Desk) -> None:
    assert await begin(desk, "t1")
    assert not await begin(desk, "t1", app="other")
    assert await begin(desk, "t1", tenant="else")


async def test_is_found_by_its_app_only(desk: Desk) -> None:
    await begin(desk, "t1", "li")

    found = await desk.app_thread("t1", **WHOSE)
    others = [
        await desk.app_thread("t1", **{**WHOSE, **other})
        for other in ({"app": "other"}, {"tenant": "else"})
    ]

    assert found is not None
    assert (found["user_id"], found["metadata"], found["owner"]) == ("li", {"a": 1}, "bot")
    assert found["created_at"] == found["updated_at"]
    assert others == [None, None]


async def test_is_nobodys_until_a_customer_speaks(desk: Desk) -> None:
    await begin(desk, "t1")

    claims = [
        await desk.claim_app_thread("t1", tenant="acme", user_id=who) for who in ("li", "li", "wu")
    ]

    assert claims == [True, True, False]


async def test_a_customers_are_listed_by_what_was_said_last(
    desk: Desk, advance: Callable[..., None], turn: Callable[..., Turn]
) -> None:
    for thread_id in ("t1", "t2", "t3"):
        await begin(desk, thread_id, "li")
        advance(seconds=1)
    await begin(desk, "t4", "wu")
    await desk.finish(turn(thread_id="t1", owner="queue"))

    found = await desk.app_threads("li", **WHOSE, limit=2)

    assert [(each["thread_id"], each["owner"]) for each in found] == [
        ("t1", "queue"),
        ("t3", "bot"),
    ]
    assert await desk.app_threads("", **WHOSE, limit=2) == []


async def test_what_is_talked_in_outlives_what_was_only_begun(
    desk: Desk, advance: Callable[..., None], clock: Clock, turn: Callable[..., Turn]
) -> None:
    for thread_id in ("t1", "t2"):
        await begin(desk, thread_id, "li")
    advance(days=10)
    await desk.finish(turn(thread_id="t1"))

    erased = await desk.purge(clock() - timedelta(days=5), tenant="acme")

    assert erased["app_threads"] == 1
    assert [each["thread_id"] for each in await desk.app_threads("li", **WHOSE, limit=9)] == ["t1"]
