"""What an app does with its conversations."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import ConflictError, NotFoundError

from graph.app import Kefu
from tests.fakes.api import says, sdk, served
from tests.fakes.kefu import small_kefu
from tools.desk.records import AppThread, Turn
from ui.api.apps import App
from ui.api.conversations import Conversations
from ui.runner import Done, Runner

REFUND, BILL = "退款多久到账？", "可以开什么发票？"


async def said(client: LangGraphClient, thread_id: str, *texts: str) -> None:
    for text in texts:
        await client.runs.wait(thread_id, "kefu", input=says(text))


def slowly(log: Callable[[Turn], Awaitable[None]]) -> Callable[[Turn], Awaitable[None]]:
    async def logged(turn: Turn) -> None:
        await asyncio.sleep(0.05)  # the app has its answer
        await log(turn)

    return logged


async def test_a_new_one_is_empty(client: LangGraphClient) -> None:
    thread = await client.threads.create(metadata={"order": 7}, graph_id="kefu")

    found = await client.threads.get(thread["thread_id"])

    assert found == thread
    assert (found["status"], found["values"]) == ("idle", None)
    assert found["metadata"] is not None
    assert (found["metadata"]["order"], found["metadata"]["graph_id"]) == (7, "kefu")
    state = await client.threads.get_state(thread["thread_id"])
    assert (state["values"], state["next"]) == ({}, [])
    assert await client.threads.get_history(thread["thread_id"]) == []


async def test_a_name_is_given_once(client: LangGraphClient) -> None:
    thread_id = str(uuid.uuid4())
    first = await client.threads.create(thread_id=thread_id)

    again = await client.threads.create(thread_id=thread_id, if_exists="do_nothing")
    with pytest.raises(ConflictError, match="leave it out"):
        await client.threads.create(thread_id=thread_id)

    assert again == first
    assert first["thread_id"] == thread_id


async def test_shows_how_it_stood_after_each_turn(client: LangGraphClient) -> None:
    thread_id = (await client.threads.create())["thread_id"]
    await said(client, thread_id, REFUND, BILL)

    state = await client.threads.get_state(thread_id)
    history = await client.threads.get_history(thread_id, limit=5)
    older = await client.threads.get_history(
        thread_id, before={"configurable": {"checkpoint_id": state["checkpoint"]["checkpoint_id"]}}
    )

    assert isinstance(state["values"], dict)
    assert len(state["values"]["messages"]) == 4
    assert state["values"]["reply"]["citations"][0]["id"] == "invoice-kind"
    assert history[0] == state
    turns = [len(each["values"]["messages"]) for each in history]  # type: ignore[call-overload]
    assert turns == [4, 2]
    assert [each["checkpoint"] for each in older] == [history[1]["checkpoint"]]
    assert (await client.threads.get(thread_id))["values"] == state["values"]


async def test_of_a_state_only_what_is_the_customers_is_shown(client: LangGraphClient) -> None:
    thread_id = (await client.threads.create())["thread_id"]
    await said(client, thread_id, REFUND)

    state = await client.threads.get_state(thread_id)

    assert set(state["values"]) == {"messages", "reply", "owner"}


async def test_a_run_goes_on_from_the_latest_state_only(client: LangGraphClient) -> None:
    thread_id = (await client.threads.create())["thread_id"]
    await said(client, thread_id, REFUND)
    first = (await client.threads.get_state(thread_id))["checkpoint"]
    await client.runs.wait(thread_id, "kefu", input=says(BILL), checkpoint=first)

    with pytest.raises(httpx.HTTPStatusError, match="409"):
        await client.runs.wait(thread_id, "kefu", input=says(BILL), checkpoint=first)


async def test_lists_the_latest_first(
    client: LangGraphClient, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kefu.services.desk, "finish", slowly(kefu.services.desk.finish))
    one, two, three = [(await client.threads.create())["thread_id"] for _ in range(3)]
    await said(client, one, REFUND)

    found = await client.threads.search(limit=2)
    rest = await client.threads.search(offset=2, select=["thread_id"])

    assert [each["thread_id"] for each in found] == [one, three]
    assert rest == [{"thread_id": two}]
    assert found[0]["values"]["messages"][0]["content"] == REFUND  # type: ignore[index, call-overload]
    assert [each["thread_id"] for each in await client.threads.search(ids=[two])] == [two]
    assert await client.threads.search(status="busy") == []


async def test_a_deleted_one_is_forgotten(client: LangGraphClient, kefu: Kefu) -> None:
    thread_id = (await client.threads.create(metadata={"note": "水星图书馆"}))["thread_id"]
    await said(client, thread_id, "水星图书馆的退款多久到账？")

    await client.threads.delete(thread_id)

    with pytest.raises(NotFoundError):
        await client.threads.get(thread_id)
    assert await kefu.services.desk.turns(thread_id, tenant="default") == []
    for file in ("threads.db", "desk.db"):
        assert "水星图书馆".encode() not in (kefu.settings.var / file).read_bytes()


async def test_nothing_is_said_in_one_that_is_gone(
    client: LangGraphClient, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread_id = (await client.threads.create())["thread_id"]
    is_in, may_end = asyncio.Event(), asyncio.Event()
    enter, run_through = Conversations.enter, Runner._run

    async def slowly(
        self: Conversations, thread_id: str, app: App, user_id: str
    ) -> AppThread | None:
        found = await enter(self, thread_id, app, user_id)
        is_in.set()
        await asyncio.sleep(0.3)  # so that the deletion comes meanwhile
        return found

    async def held(*turn: Any) -> Done:  # noqa: ANN401 of Runner
        await may_end.wait()
        return await run_through(*turn)

    monkeypatch.setattr(Runner, "_run", held)
    monkeypatch.setattr(Conversations, "enter", slowly)
    run = asyncio.create_task(client.runs.wait(thread_id, "kefu", input=says(REFUND)))
    await is_in.wait()
    with pytest.raises(ConflictError, match="on its way"):
        await client.threads.delete(thread_id)
    may_end.set()
    await run
    await client.threads.delete(thread_id)

    assert await kefu.services.desk.thread(thread_id, tenant="default") is None


async def test_metadata_that_can_not_be_told_is_refused(plain: httpx.AsyncClient) -> None:
    answer = await plain.post("/threads", json={"metadata": {"order": 10**30}})

    assert answer.status_code == 422
    assert "64 bits" in answer.json()["detail"]
    assert (await plain.post("/threads/search", json={})).json() == []


@pytest.mark.parametrize("before", [{"configurable": "x"}, {"checkpoint_id": {"a": 1}}, [7], 7])
async def test_states_before_what_names_none_are_not_looked_for(
    client: LangGraphClient, plain: httpx.AsyncClient, before: object
) -> None:
    thread_id = (await client.threads.create())["thread_id"]

    answer = await plain.post(f"/threads/{thread_id}/history", json={"before": before})

    assert answer.status_code == (200 if before == {"configurable": "x"} else 422)


async def test_outlives_a_restart(tmp_path: Path) -> None:
    async with small_kefu(tmp_path) as kefu, sdk(served(kefu, Runner(kefu))) as client:
        thread_id = (await client.threads.create())["thread_id"]
        await said(client, thread_id, "吸尘器有几档吸力？")
    async with small_kefu(tmp_path) as kefu, sdk(served(kefu, Runner(kefu))) as client:
        done = await client.runs.wait(thread_id, "kefu", input=says("它保修多久？"))

    assert isinstance(done, dict)
    assert "吸尘器保修多久？" in str(done["reply"])
    assert len(done["messages"]) == 4


async def test_there_is_one_assistant(client: LangGraphClient) -> None:
    found = await client.assistants.search(graph_id="kefu")

    by_name = await client.assistants.get("kefu")
    by_id = await client.assistants.get(found[0]["assistant_id"])

    assert found == [by_name] == [by_id]
    with pytest.raises(NotFoundError, match="kefu"):
        await client.assistants.get("agent")
