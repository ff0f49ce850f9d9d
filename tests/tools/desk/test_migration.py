"""A desk that an earlier version kept."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tools.desk.desk import Desk
from tools.desk.records import Clock
from tools.errors import StoreUnavailable

SAID = (
    "INSERT INTO desk_messages (tenant, ticket_id, thread_id, user_id, role, text, at) "
    "SELECT tenant, ticket_id, thread_id, user_id, 'agent', '您好', opened_at FROM tickets"
)


async def run(url: str, *statements: str) -> None:
    """Do what an earlier version, or an operator, does."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
async def earlier(url: str, clock: Clock) -> str:
    """The address of a desk as it was when nobody noted who said a message, or in which turn."""
    desk = await Desk.open(url, clock=clock)
    await desk.open_ticket("th1", tenant="acme", user_id="li", reason="human", summary="")
    await desk.close()
    await run(
        url,
        "ALTER TABLE desk_messages DROP COLUMN agent",
        "ALTER TABLE desk_messages DROP COLUMN turn_id",
        SAID,
    )
    return url


async def test_goes_on_with_what_was_said_by_nobody_knows_whom(earlier: str, clock: Clock) -> None:
    desk = await Desk.open(earlier, clock=clock)
    [ticket] = await desk.tickets(tenant="acme")

    await desk.add_desk_message(
        ticket["ticket_id"], "agent", "我是小林", tenant="acme", agent="小林"
    )

    said = await desk.said_in("th1", tenant="acme")
    await desk.close()
    assert [(each["agent"], each["text"]) for each in said] == [("", "您好"), ("小林", "我是小林")]


async def test_can_still_be_used_by_the_earlier_version(earlier: str, clock: Clock) -> None:
    for _ in range(2):  # and opening it again changes nothing
        await (await Desk.open(earlier, clock=clock)).close()

    await run(earlier, SAID)

    desk = await Desk.open(earlier, clock=clock)
    assert len(await desk.said_in("th1", tenant="acme")) == 2
    await desk.close()


async def test_opens_where_a_column_is_missing_that_no_row_of_before_could_fill(
    url: str, clock: Clock
) -> None:
    await (await Desk.open(url, clock=clock)).close()
    await run(
        url,
        "INSERT INTO gaps (tenant, thread_id, user_id, question, reason, at) "
        "VALUES ('acme', 'th1', 'li', '', '', '2026-11-22 10:00:00')",
        "ALTER TABLE gaps DROP COLUMN reason",
    )

    desk = await Desk.open(url, clock=clock)

    ticket = await desk.open_ticket("th1", tenant="acme", user_id="li", reason="human", summary="")
    await desk.close()
    assert ticket["status"] == "open"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_who_may_not_change_the_tables_is_told_who_must(earlier: str) -> None:
    name = f"guest_{earlier.rpartition('_')[2]}"
    await run(
        earlier,
        f"CREATE ROLE {name} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT ALL ON SCHEMA public TO {name}",
    )

    with pytest.raises(StoreUnavailable, match="as the user who owns it"):
        await Desk.open(earlier.replace("kefu@", f"{name}@"))
