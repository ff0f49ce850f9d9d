"""Agents who serve several tenants, or another one than the chat page's."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.app import Kefu
from graph.context import Context
from graph.settings import Settings
from tests.fakes.desk_page import Colleague
from tests.fakes.kefu import small_kefu, small_settings
from tools.desk.records import Ticket
from tools.ingest.index import ingest
from ui.agents import served, unserved
from ui.runner import Runner
from ui.service import service
from ui.web import create_app

BOTH, ACME, OWN = "小林", "小周", "小王"
AGENTS = {
    BOTH: {"password": "geheim-123", "tenants": ["default", "acme"]},
    ACME: {"password": "geheim-456", "tenants": ["acme"]},
    OWN: "geheim-789",
}
KEYS = {
    "shop": "key-of-the-shop-app",
    "partner": {"key": "key-of-the-partner", "tenant": "acme"},
    "other": {"key": "key-of-another-one", "tenant": "globex"},
}


@pytest.fixture
async def kefu(tmp_path: Path) -> AsyncIterator[Kefu]:
    async with small_kefu(tmp_path, agents=AGENTS, api={"keys": KEYS}) as kefu:
        yield kefu


async def wished(runner: Runner, kefu: Kefu, tenant: str, *texts: str) -> Ticket:
    """Ask for a person in a conversation that every tenant has one of the same name of."""
    context = Context(tenant=tenant, user_id="u001", channel="api")
    for text in texts or (f"我是 {tenant} 的客户", "转人工"):
        await runner.ask(text, thread_id="th1", context=context)
    [ticket] = await kefu.services.desk.tickets(tenant=tenant)
    return ticket


async def said_in(runner: Runner, tenant: str) -> list[str]:
    return [said.text for said in (await runner.state("th1", tenant=tenant))["messages"]]


async def test_everybody_sees_the_tickets_of_the_tenants_they_serve(
    runner: Runner, kefu: Kefu
) -> None:
    own, acme, _ = [await wished(runner, kefu, name) for name in ("default", "acme", "globex")]
    pages = {name: Colleague(runner, kefu, name) for name in (BOTH, ACME, OWN)}
    for page in pages.values():
        await page.visits()

    ids = {name: set(page.listed()) for name, page in pages.items()}
    shown = {name: page.shown["tickets"] for name, page in pages.items()}
    assert ids == {
        BOTH: {own["ticket_id"], acme["ticket_id"]},
        ACME: {acme["ticket_id"]},
        OWN: {own["ticket_id"]},
    }
    assert ['data-waiting="2"' in shown[BOTH], 'data-waiting="1"' in shown[OWN]] == [True, True]
    assert "u001 · acme" in shown[BOTH]  # whose customer it is must be seen where it can differ
    assert "· acme" not in shown[ACME]


async def test_a_customer_of_an_app_is_answered_and_a_namesake_of_another_tenant_is_not(
    runner: Runner, kefu: Kefu
) -> None:
    for tenant in ("default", "acme"):
        await wished(runner, kefu, tenant)
    zhou = Colleague(runner, kefu, ACME)

    await zhou.opens()
    await zhou.does("take")
    await zhou.says("您好，我是小周")
    await zhou.does("end")

    theirs, own = await said_in(runner, "acme"), await said_in(runner, "default")
    assert "您好，我是小周" in theirs
    assert "智能客服继续" in theirs[-1]
    assert [text for text in own if "小周" in text or "智能客服继续" in text] == []
    assert (await runner.state("th1", tenant="default"))["owner"] == "queue"


@pytest.mark.parametrize("status", ["open", "taken", "closed"])
@pytest.mark.parametrize(
    "forged",
    [
        {"ticket": "{ticket}"},
        {"ticket": "{ticket}", "tenant": "acme", "tenants": ["acme"]},
        {"ticket": "acme/{ticket}"},
        {"ticket": "th1", "tenant": "acme"},
        {"ticket": ["{ticket}"]},
        {"ticket": "' OR tenant='acme"},
    ],
)
async def test_nothing_that_a_page_sends_reaches_a_tenant_that_its_agent_does_not_serve(
    runner: Runner, kefu: Kefu, forged: dict[str, Any], status: str
) -> None:
    theirs = await wished(runner, kefu, "acme")
    zhou, wang = Colleague(runner, kefu, ACME), Colleague(runner, kefu, OWN)
    await zhou.opens()
    if status != "open":
        await zhou.does("take")
        await zhou.says("机密答复")
    if status == "closed":
        await zhou.does("end")
    before = await runner.state("th1", tenant="acme")
    await wang.visits()

    memory = json.loads(json.dumps(forged).replace("{ticket}", theirs["ticket_id"]))
    seen = {"place": "mine", "agent": ACME, "tenants": ["acme"]}
    for act in ("visits", "looks", "take", "take_over", "reply", "end"):
        wang.shown |= {"memory": memory, "seen": seen}
        if act in ("visits", "looks"):
            await getattr(wang, act)()
        else:
            await wang.does(act, *(["混进来的话"] if act == "reply" else []))
        page = json.dumps(wang.shown, ensure_ascii=False, default=str)
        assert [each for each in ("acme 的客户", "机密答复", "u001") if each in page] == [], act
        assert wang.can() == set()
    await wang.opens(theirs["ticket_id"])

    assert "没有这张工单" in wang.shown["talk"]
    assert await runner.state("th1", tenant="acme") == before
    [after] = await kefu.services.desk.tickets(tenant="acme")
    assert (after["status"], after["agent"]) == (status, "" if status == "open" else ACME)


async def test_answers_are_offered_of_the_customers_own_tenant_and_channel(
    runner: Runner, kefu: Kefu, tmp_path: Path
) -> None:
    question = "吸尘器保修多久？"
    lines = [
        {"id": "a", "question": question, "answer": "acme 保修十年。"},
        {"id": "b", "question": question, "answer": "acme 接口专属。", "channel": "api"},
        {"id": "c", "question": question, "answer": "acme 网页专属。", "channel": "web"},
    ]
    file = tmp_path / "acme.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    await ingest([file], kefu.services.search, tenant="acme")
    await wished(runner, kefu, "acme", "转人工", question)
    lin = Colleague(runner, kefu, BOTH)

    await lin.opens()
    await lin.does("take")

    offered = lin.shown["answers"]
    assert ("保修十年" in offered, "接口专属" in offered) == (True, True)
    assert ("网页专属" in offered, "保修 2 年" in offered) == (False, False)


@pytest.mark.parametrize(
    ("given", "nobodys"),
    [
        ({}, []),
        ({"api": {"keys": KEYS}}, ["acme", "globex"]),
        ({"api": {"keys": KEYS}, "agents": AGENTS}, ["globex"]),
        ({"agents": {ACME: AGENTS[ACME]}}, ["default"]),
        ({"agents": {ACME: AGENTS[ACME]}, "tenant": "acme"}, []),
        ({"agents": {OWN: AGENTS[OWN]}, "tenant": "acme"}, []),
        ({"host": "0.0.0.0"}, ["default"]),
        ({"host": "0.0.0.0", "agents": {OWN: AGENTS[OWN]}}, []),
    ],
)
def test_tenants_that_nobody_serves_are_known(given: dict[str, Any], nobodys: list[str]) -> None:
    assert unserved(Settings(**given)) == nobodys
    assert not set(nobodys) & served(Settings(**given))


async def test_the_start_names_them_and_health_counts_them_and_who_waits_there(
    tmp_path: Path, runner: Runner, kefu: Kefu
) -> None:
    for tenant in ("acme", "globex"):
        await wished(runner, kefu, tenant)
    settings = small_settings(tmp_path / "other", agents=AGENTS, api={"keys": KEYS})
    async with service(settings, lambda *_: None) as started:
        [note] = [note for note in started.notes if "KEFU_AGENTS, {" in note]
    transport = httpx.ASGITransport(app=create_app(runner, kefu))
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        found = (await client.get("/health")).json()

    assert "tenant globex;" in note
    assert found["desk_page"] == {"unserved_tenants": 1, "unserved_tickets": 1}
    assert found["desk"]["unclosed_tickets"] == 2


@pytest.mark.parametrize(
    "login",
    [
        {"password": "geheim-123", "tenants": ["a/b"]},
        {"password": "geheim-123", "tenants": [""]},
        {"password": "geheim-123", "tenant": "acme"},
        {"tenants": ["acme"]},
        {"password": "kurz"},
        {"password": "geheim-123", "tenants": []},
    ],
)
def test_an_agent_who_is_not_named_rightly_is_refused_at_the_start(login: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="agents"):
        Settings(agents={"lin": login})


@pytest.mark.parametrize("login", [12345678, ["geheim-123", "acme"], None, True])
def test_what_is_no_login_at_all_is_told_what_one_is(login: object) -> None:
    with pytest.raises(ValueError, match=r'expected "password", or {"password": "…", "tenants"'):
        Settings.model_validate({"agents": {"lin": login}})


@pytest.mark.parametrize("people", ["agents", "editors"])
@pytest.mark.parametrize("name", ["", " ", "lin:zhou"])
def test_a_name_that_can_never_sign_in_is_refused_at_the_start(people: str, name: str) -> None:
    with pytest.raises(ValueError, match="a name that can sign in"):
        Settings.model_validate({people: {name: "geheim-123"}})
