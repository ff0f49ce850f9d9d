from datetime import datetime, time

import pytest

from graph.state import State
from nodes.handoff import handoff
from nodes.replies import Company
from tests.fakes.kefu import NOW
from tests.fakes.turn import Stage, at, decided, talk
from tools.desk.desk import Desk
from tools.errors import StoreUnavailable

WISH = decided("handoff", "human")


class ClosedDesk:
    """A desk whose database is locked."""

    async def open_ticket(self, *args: object, **kwargs: object) -> None:
        raise StoreUnavailable("database is locked at /srv/desk.db")


async def hand_over(
    desk: object, *, now: datetime = NOW, user_id: str = "", **changes: object
) -> tuple[State, Stage]:
    stage = Stage(user_id=user_id)
    state = at(**{"said": "转人工", "decision": WISH, **changes})
    return await handoff(state, stage.runtime, desk=desk, now=lambda: now), stage  # type: ignore[arg-type]


async def test_opens_a_ticket_and_tells_its_number(desk: Desk) -> None:
    update, stage = await hand_over(desk, user_id="u001")

    [ticket] = await desk.tickets(tenant="default")
    assert (ticket["thread_id"], ticket["user_id"]) == ("th1", "u001")
    assert update["owner"] == "queue"
    assert update["ticket_id"] == ticket["ticket_id"]
    assert ticket["ticket_id"] in stage.shown
    assert "已为您转接" in stage.shown


async def test_of_a_long_talk_the_ticket_has_the_end_in_short(desk: Desk) -> None:
    past = talk(*(f"{number}" + "长" * 600 for number in range(8)))

    await hand_over(desk, past=past)

    [ticket] = await desk.tickets(tenant="default")
    said = [line.partition("：")[2] for line in ticket["summary"].splitlines()]
    assert said == [*(f"{number}" + "长" * 499 for number in range(3, 8)), "转人工"]


async def test_the_ticket_says_what_was_talked_about_without_personal_data(desk: Desk) -> None:
    past = talk("我的手机13800138000收不到验证码", "请检查短信拦截。")

    await hand_over(desk, past=past, summary="顾客：扫地机坏了")

    [ticket] = await desk.tickets(tenant="default")
    assert ticket["summary"].startswith("顾客：扫地机坏了\n顾客：我的手机")
    assert "客服：请检查短信拦截。" in ticket["summary"]
    assert "13800138000" not in ticket["summary"]


async def test_asking_again_joins_the_open_ticket(desk: Desk) -> None:
    first, _ = await hand_over(desk)
    second, _ = await hand_over(desk)

    assert first["ticket_id"] == second["ticket_id"]


async def test_at_night_the_customer_is_told_when_people_are_back(desk: Desk) -> None:
    _, stage = await hand_over(desk, now=NOW.replace(hour=23))

    assert "9:00-21:00" in stage.shown
    assert "已为您转接" not in stage.shown


@pytest.mark.parametrize(
    ("opens", "closes", "open_at", "closed_at"),
    [(9, 21, [9, 20], [8, 21]), (22, 6, [22, 0, 5], [6, 12, 21]), (0, 0, [0, 12, 23], [])],
)
def test_people_may_work_through_the_night_and_round_the_clock(
    opens: int, closes: int, open_at: list[int], closed_at: list[int]
) -> None:
    company = Company(people_from=time(opens), people_to=time(closes))

    assert all(company.has_people_at(time(hour)) for hour in open_at)
    assert not any(company.has_people_at(time(hour)) for hour in closed_at)


async def test_when_the_desk_is_down_the_bot_keeps_the_thread_and_says_so() -> None:
    update, stage = await hand_over(ClosedDesk())

    assert "没能接通人工客服" in stage.shown
    assert "已为您转接" not in stage.shown
    assert "desk.db" not in stage.shown
    assert "owner" not in update
    assert "ticket_id" not in update
    assert update["level"] == 4
    assert (update["decision"]["action"], update["decision"]["reason"]) == ("fallback", "desk_down")


async def test_who_was_hurt_is_told_first_what_to_do(desk: Desk) -> None:
    _, stage = await hand_over(desk, signals=["hurt"])
    _, both = await hand_over(desk, signals=["danger", "hurt"], locale="en")

    assert stage.shown.startswith("请先照顾好人")
    assert both.shown.index("Safety first: ") < both.shown.index("People first: ")


async def test_who_is_in_danger_is_told_first_what_to_do(desk: Desk) -> None:
    _, stage = await hand_over(desk, now=NOW.replace(hour=23), signals=["danger"])
    _, english = await hand_over(desk, signals=["danger"], locale="en")
    _, down = await hand_over(ClosedDesk(), signals=["danger"])

    assert stage.shown.startswith("请先保证安全")
    assert "工单号" in stage.shown
    assert english.shown.startswith("Safety first: ")
    assert down.shown.startswith("请先保证安全")
