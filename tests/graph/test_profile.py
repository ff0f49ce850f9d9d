"""What Kefu remembers of a customer from one conversation to the next, and forgets again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from langchain_core.messages import HumanMessage

from graph.app import Kefu
from graph.context import Context
from graph.setting_groups import ProfileSettings
from tests.fakes.kefu import small_kefu, small_settings
from tools.desk.records import InboxMessage
from tools.errors import StoreUnavailable
from tools.profiles import Profile, Profiles
from ui.rights import forget, known
from ui.runner import Runner
from ui.spool import SPOOL, Spool
from ui.threads import config as named
from ui.turn import Done

TOLD = "我在新疆，退款多久到账？"
ASKED = "要不要我记住"


class Customer:
    """Somebody who talks to Kefu in one conversation after the other."""

    def __init__(self, kefu: Kefu, *, user_id: str = "u001", tenant: str = "default") -> None:
        self._runner, self._profiles = Runner(kefu), kefu.services.profiles
        self._context = Context(user_id=user_id, tenant=tenant)
        self._thread = 0

    async def says(self, text: str, *, anew: bool = False) -> Done:
        self._thread += anew
        thread = f"{self._context.tenant}-{self._context.user_id}-{self._thread}"
        return await self._runner.ask(text, thread_id=thread, context=self._context)

    async def profile(self) -> Profile:
        assert self._profiles is not None
        return await self._profiles.read(self._context.user_id, tenant=self._context.tenant)


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Kefu]:
    async with small_kefu(tmp_path, profile=ProfileSettings(ask=True)) as kefu:
        yield kefu


def traces(folder: Path, pattern: str, secret: str) -> list[str]:
    return [file.name for file in folder.glob(pattern) if secret.encode() in file.read_bytes()]


def cited(turn: Done) -> list[str]:
    return [citation["id"] for citation in turn["reply"]["citations"]]


async def test_the_next_conversation_knows_the_region_of_who_agreed(asking: Kefu) -> None:
    customer = Customer(asking)

    answer = await customer.says(TOLD)
    kept = await customer.says("可以")
    regional = await customer.says("可以送货吗", anew=True)

    assert ASKED in answer["text"]
    assert kept["text"].startswith("好的，我记住了")
    assert cited(regional) == ["ship-xinjiang"]
    assert await customer.profile() == {
        "consent": "yes",
        "region": "新疆",
        "language": "zh",
        "topic": "可以送货吗",
    }


async def test_a_stranger_to_the_region_gets_no_regional_entry(asking: Kefu) -> None:
    assert cited(await Customer(asking).says("可以送货吗")) == []


async def test_who_refuses_is_not_remembered_and_not_asked_again(
    asking: Kefu, tmp_path: Path
) -> None:
    customer = Customer(asking)

    await customer.says(TOLD)
    refused = await customer.says("不用了")
    again = await customer.says(TOLD, anew=True)

    assert refused["text"].startswith("好的，您说的情况我不会")
    assert ASKED not in again["text"]
    assert await customer.profile() == {"consent": "no"}
    assert "新疆".encode() not in (tmp_path / "profiles.db").read_bytes()


async def test_who_does_not_reply_is_not_remembered_and_not_asked_again(asking: Kefu) -> None:
    customer = Customer(asking)

    await customer.says(TOLD)
    await customer.says("可以开什么发票？")
    again = await customer.says(TOLD, anew=True)

    assert ASKED not in again["text"]
    assert await customer.profile() == {"consent": "asked"}


@pytest.mark.parametrize("user_id", ["", "u001"])
async def test_guests_and_plain_questions_are_not_asked(asking: Kefu, user_id: str) -> None:
    customer = Customer(asking, user_id=user_id)

    reply = await customer.says(TOLD if not user_id else "退款多久到账？")

    assert ASKED not in reply["text"]
    assert await customer.profile() == {}


async def test_nobody_is_asked_by_default(kefu: Kefu) -> None:
    assert ASKED not in (await Customer(kefu).says(TOLD))["text"]


async def test_forgetting_is_confirmed_and_leaves_no_byte(asking: Kefu, tmp_path: Path) -> None:
    customer = Customer(asking)
    for said in (TOLD, "可以"):
        await customer.says(said)

    kept_in = traces(tmp_path, "profiles.db*", "新疆")
    asked = await customer.says("忘记我", anew=True)
    before = await customer.profile()
    done = await customer.says("确认")
    after = await customer.says("可以送货吗", anew=True)

    assert kept_in == ["profiles.db"]
    assert "您要我删除" in asked["text"]
    assert before["region"] == "新疆"
    assert done["text"].startswith("已删除")
    assert await customer.profile() == {}
    assert cited(after) == []
    assert traces(tmp_path, "profiles.db*", "新疆") == []
    assert traces(tmp_path, "profiles.db*", ".u001:") == []


async def test_keeps_the_profile_of_who_thinks_better_of_it(asking: Kefu) -> None:
    customer = Customer(asking)
    for said in (TOLD, "可以", "delete my data", "no"):
        last = await customer.says(said)

    assert last["text"].startswith("All right, nothing was changed")
    assert (await customer.profile())["region"] == "新疆"


async def test_tenants_and_customers_are_apart(asking: Kefu) -> None:
    for said in (TOLD, "可以"):
        await Customer(asking).says(said)

    assert await Customer(asking, tenant="globex").profile() == {}
    assert await Customer(asking, user_id="u002").profile() == {}


async def test_the_person_who_takes_over_knows_too(asking: Kefu) -> None:
    customer = Customer(asking)
    for said in (TOLD, "可以"):
        await customer.says(said)

    await customer.says("转人工", anew=True)

    [ticket] = await asking.services.desk.tickets(tenant="default", status="open", limit=5)
    assert "顾客以前说过：新疆" in ticket["summary"]


class Away(Profiles):
    """A store that does not answer."""

    def __init__(self) -> None:
        pass

    async def read(self, user_id: str, *, tenant: str) -> Profile:
        raise StoreUnavailable("away")

    async def write(self, user_id: str, profile: Profile, *, tenant: str) -> None:
        raise StoreUnavailable("away")


async def test_a_store_that_is_down_costs_no_turn(asking: Kefu) -> None:
    kefu = asking.with_services(profiles=Away())

    reply = await Runner(kefu).ask(TOLD, thread_id="a", context=Context(user_id="u001"))

    assert cited(reply) == ["refund-time"]
    assert ASKED not in reply["text"]


async def test_the_command_erases_a_customer_from_every_file(tmp_path: Path) -> None:
    async with small_kefu(tmp_path, profile=ProfileSettings(ask=True)) as kefu:
        for said in (TOLD, "可以", "水星图书馆的退款"):
            await Customer(kefu).says(said)
        await Customer(kefu, user_id="u002").says("吸尘器保修多久？")
    config = small_settings(tmp_path)
    before = traces(tmp_path, "*.db*", "水星图书馆")

    shown = await known("u001", config, tenant="default")
    erased = await forget("u001", config, tenant="default")

    assert {"desk.db", "threads.db"} <= set(before)
    assert shown["region"] == "新疆"
    assert (erased["profile"], erased["conversations"], erased["turns"]) == (1, 1, 3)
    assert await known("u001", config, tenant="default") == {}
    assert traces(tmp_path, "*.db*", "水星图书馆") == []
    again = await forget("u002", config, tenant="default")
    assert (again["profile"], again["conversations"]) == (0, 1)


async def test_the_command_erases_what_the_desk_has_not_logged_yet(tmp_path: Path) -> None:
    def message(turn_id: str) -> InboxMessage:
        who = {"turn_id": turn_id, "tenant": "default", "thread_id": turn_id, "user_id": "u001"}
        said = {"channel": "web", "text": "水星图书馆的退款", "locale": "zh", "region": ""}
        return cast(InboxMessage, who | said)

    async with small_kefu(tmp_path) as kefu:
        await kefu.services.desk.receive(message("killed"))
        await kefu.graph.ainvoke(
            {"messages": [HumanMessage(message("killed")["text"])]},
            named("killed", tenant="default"),
            context=Context(user_id="u001"),
        )  # and then the process is killed
    Spool(tmp_path / SPOOL).keep(message("spooled"))
    before = traces(tmp_path, "*.*", "水星图书馆")

    erased = await forget("u001", small_settings(tmp_path), tenant="default")

    assert {"spool.jsonl", "desk.db", "threads.db"} <= set(before)
    assert (erased["conversations"], erased["inbox"]) == (2, 2)
    assert traces(tmp_path, "*.*", "水星图书馆") == []
