"""Whose a conversation is, and that nobody else sees, changes or forgets it."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient

from graph.app import Kefu
from graph.context import Context
from tests.fakes.api import FOREIGN_KEY, KEY, OTHER_KEY, called, says
from ui.runner import Runner

REFUND = "退款多久到账？"
RUN = {"assistant_id": "kefu", "input": says(REFUND)}


@pytest.fixture
async def theirs(client: LangGraphClient) -> str:
    """A conversation of u001, made with the shop's key."""
    thread_id = (await client.threads.create())["thread_id"]
    await client.runs.wait(thread_id, "kefu", input=says("金卡打几折"), context={"user_id": "u001"})
    return str(thread_id)


@pytest.fixture(params=[(OTHER_KEY, "u001"), (FOREIGN_KEY, "u001"), (KEY, "u002"), (KEY, "")])
async def stranger(
    transport: httpx.ASGITransport, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """Another app, another tenant's app, another customer, a guest."""
    key, user_id = request.param
    async with called(transport, key, x_user_id=user_id) as client:
        yield client


def calls(thread_id: str) -> list[tuple[str, str, Any]]:
    place = f"/threads/{thread_id}"
    return [
        ("GET", place, None),
        ("GET", f"{place}/state", None),
        ("POST", f"{place}/history", {}),
        ("POST", f"{place}/runs/wait", RUN),
        ("POST", f"{place}/runs/stream", RUN),
        ("DELETE", place, None),
    ]


async def test_nobody_else_finds_it(
    stranger: httpx.AsyncClient, theirs: str, runner: Runner
) -> None:
    for method, path, body in calls(theirs):
        answer = await stranger.request(method, path, json=body)
        never = await stranger.request(method, path.replace(theirs, str(uuid.uuid4())), json=body)

        assert (answer.status_code, answer.text) == (404, never.text), path
    assert theirs not in (await stranger.post("/threads/search", json={"limit": 100})).text
    assert len(await runner.messages(theirs, context=Context(user_id="u001"))) == 2


async def test_nobody_else_begins_it_anew(stranger: httpx.AsyncClient, theirs: str) -> None:
    taken = [
        await stranger.post("/threads", json={"thread_id": theirs, "if_exists": how})
        for how in ("raise", "do_nothing")
    ]
    run = await stranger.post(
        f"/threads/{theirs}/runs/wait", json={**RUN, "if_not_exists": "create"}
    )

    is_foreign = stranger.headers["x-api-key"] == FOREIGN_KEY  # each tenant has its own names
    assert {each.status_code for each in taken[:1]} == {200 if is_foreign else 409}
    assert "金卡" not in str([each.text for each in [*taken, run]])
    assert run.status_code == (200 if is_foreign else 404)


async def test_the_customer_and_the_app_itself_see_it(
    transport: httpx.ASGITransport, client: LangGraphClient, theirs: str
) -> None:
    async with called(transport, x_user_id="u001") as customer:
        for method, path, body in calls(theirs):
            assert (await customer.request(method, path, json=body)).status_code in (200, 204)
    assert (await client.threads.search()) == []


async def test_the_first_customer_who_speaks_owns_a_guests_conversation(
    client: LangGraphClient, plain: httpx.AsyncClient
) -> None:
    thread_id = (await client.threads.create())["thread_id"]
    await client.runs.wait(thread_id, "kefu", input=says(REFUND))
    await client.runs.wait(thread_id, "kefu", input=says(REFUND), context={"user_id": "u001"})

    for who in ({}, {"user_id": "u002"}):
        path = f"/threads/{thread_id}/runs/wait"
        assert (await plain.post(path, json={**RUN, "context": who})).status_code == 404


async def test_who_names_two_customers_at_once_names_none(
    transport: httpx.ASGITransport, theirs: str
) -> None:
    async with called(transport, x_user_id="u002") as stranger:
        path = f"/threads/{theirs}/runs/wait"
        run = await stranger.post(path, json={**RUN, "context": {"user_id": "u001"}})
        made = await stranger.post("/threads", json={"metadata": {"user_id": "u001"}})
        found = await stranger.post("/threads/search", json={"metadata": {"user_id": "u001"}})

    assert [each.status_code for each in (run, made, found)] == [422] * 3


async def test_a_conversation_may_be_a_customers_from_the_start(
    transport: httpx.ASGITransport, client: LangGraphClient
) -> None:
    thread = await client.threads.create(metadata={"user_id": "顾客一", "order": 7})
    async with called(transport, x_user_id="%E9%A1%BE%E5%AE%A2%E4%B8%80") as customer:
        found = (await customer.post("/threads/search", json={})).json()

    mine = await client.threads.search(metadata={"user_id": "顾客一", "order": 7})
    assert (
        [each["thread_id"] for each in found]
        == [thread["thread_id"]]
        == [each["thread_id"] for each in mine]
    )
    assert await client.threads.search(metadata={"user_id": "顾客一", "order": 8}) == []
    assert await client.threads.search(metadata={"user_id": "u001"}) == []
    assert await client.threads.search(metadata={"user_id": "顾客一", "graph_id": "other"}) == []
    assert thread["metadata"] is not None
    assert thread["metadata"]["user_id"] == "顾客一"


@pytest.mark.parametrize(
    "thread_id",
    ["1", "default%2F1", "..%2F..%2Fruns", "%00", "x' OR '1'='1", "%F0%9F%98%80", "-" * 400],
)
async def test_what_is_no_name_opens_nothing(plain: httpx.AsyncClient, thread_id: str) -> None:
    for method, path, body in calls(thread_id):
        assert (await plain.request(method, path, json=body)).status_code in (404, 422, 501)


async def test_no_app_takes_a_conversation_of_another_channel(
    client: LangGraphClient, plain: httpx.AsyncClient, runner: Runner
) -> None:
    thread_id = str(uuid.uuid4())
    await runner.ask("金卡打几折", thread_id=thread_id, context=Context())

    made = await plain.post("/threads", json={"thread_id": thread_id, "if_exists": "do_nothing"})
    ran = await plain.post(
        f"/threads/{thread_id}/runs/wait", json={**RUN, "if_not_exists": "create"}
    )

    assert (made.status_code, ran.status_code) == (409, 404)


async def test_an_app_works_for_its_own_tenant_only(
    transport: httpx.ASGITransport, kefu: Kefu, runner: Runner
) -> None:
    async with called(transport, FOREIGN_KEY) as foreign:
        done = await foreign.post("/runs/wait", json=RUN)
        asked = {**RUN, "context": {"tenant": "default"}}
        refused = await foreign.post("/runs/wait", json=asked)
    await runner.close()

    assert done.json()["reply"]["citations"] == []  # its knowledge is empty
    assert refused.status_code == 403
