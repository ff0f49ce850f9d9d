"""What an app's run does, with the official client of the LangGraph API."""

from collections.abc import AsyncIterator

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient

from graph.app import Kefu
from tests.fakes.api import says, sdk, served
from ui.runner import Runner

REFUND, BILL = "退款多久到账？", "可以开什么发票？"


@pytest.fixture
async def transport(kefu: Kefu, runner: Runner) -> httpx.ASGITransport:
    return served(kefu, runner)


@pytest.fixture
async def client(transport: httpx.ASGITransport) -> AsyncIterator[LangGraphClient]:
    async with sdk(transport) as client:
        yield client


async def test_answers_as_the_readme_says(client: LangGraphClient) -> None:
    thread = await client.threads.create()

    done = await client.runs.wait(
        thread["thread_id"], "kefu", input=says(REFUND), context={"user_id": "u001"}
    )

    assert isinstance(done, dict)
    assert "1-3 个工作日" in done["messages"][-1]["content"]
    assert [said["type"] for said in done["messages"]] == ["human", "ai"]
    assert done["reply"]["thread_id"] == thread["thread_id"]
    assert done["reply"]["citations"][0]["id"] == "refund-time"
    assert done["messages"][-1]["additional_kwargs"]["kefu"] == done["reply"]
    assert done["owner"] == "bot"


async def test_streams_what_happens_in_its_order(client: LangGraphClient) -> None:
    thread = await client.threads.create()

    parts = [
        part
        async for part in client.runs.stream(
            thread["thread_id"],
            "kefu",
            input=says(REFUND, id="m1"),
            stream_mode=["values", "messages-tuple", "custom"],
        )
    ]

    names = [part.event for part in parts]
    assert (names[0], names[1], names[-2], names[-1]) == ("metadata", "values", "values", "end")
    steps = [part.data["step"] for part in parts if part.event == "custom" and "step" in part.data]
    assert steps == ["intent", "retrieve", "decide", "answer"]
    said = [part.data[0] for part in parts if part.event == "messages"]
    assert {(each["type"], each["id"]) for each in said} == {("ai", "m1-reply")}
    last = parts[-2].data["messages"][-1]
    assert "".join(each["content"] for each in said) == last["content"]
    assert [m["id"] for m in parts[1].data["messages"]] == ["m1"]
    assert last["id"] == "m1-reply"
