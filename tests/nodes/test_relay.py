import pytest

from nodes.relay import relay
from tests.fakes.kefu import NOW
from tests.fakes.turn import Stage, at
from tools.desk.desk import Desk
from tools.errors import StoreUnavailable


class ClosedDesk:
    """A desk whose database is locked."""

    async def add_desk_message(self, *args: object, **kwargs: object) -> bool:
        raise StoreUnavailable("locked")


async def ticket_of(desk: Desk) -> str:
    ticket = await desk.open_ticket("th1", tenant="default", user_id="", reason="", summary="")
    return ticket["ticket_id"]


async def test_brings_the_message_to_the_ticket_as_written_and_stays_silent(desk: Desk) -> None:
    stage, ticket_id = Stage(), await ticket_of(desk)
    state = at(said="My phone is 13800138000", owner="queue", ticket_id=ticket_id)

    update = await relay(state, stage.runtime, desk=desk, now_s=NOW.timestamp)

    [message] = await desk.desk_messages(ticket_id, tenant="default")
    assert (message["role"], message["text"]) == ("customer", "My phone is 13800138000")
    assert "messages" not in update
    assert stage.spoken == []
    decision = update["decision"]
    assert (decision["action"], decision["reason"]) == ("relay", "person_owns")
    assert update["locale"] == "en"


async def test_resets_what_the_turn_before_left_in_the_state(desk: Desk) -> None:
    left = at(
        owner="human",
        ticket_id=await ticket_of(desk),
        level=3,
        llm_calls=2,
        citations=[{"id": "p1", "title": "", "quote": ""}],
        intent="refund_status",
        signals=["angry"],
    )

    update = await relay(left, Stage().runtime, desk=desk, now_s=NOW.timestamp)

    assert (update["level"], update["llm_calls"], update["citations"]) == (0, 0, [])
    assert (update["intent"], update["signals"]) == ("", [])


@pytest.mark.parametrize("is_down", [True, False], ids=["desk down", "ticket unknown"])
async def test_says_when_the_message_could_not_be_delivered(desk: Desk, is_down: bool) -> None:
    stage = Stage()

    update = await relay(
        at(owner="queue", ticket_id="T0"),
        stage.runtime,
        desk=ClosedDesk() if is_down else desk,  # type: ignore[arg-type]
        now_s=NOW.timestamp,
    )

    assert "没能送到人工客服" in stage.shown
    assert update["messages"][0].text == stage.shown
    assert update["level"] == 4
