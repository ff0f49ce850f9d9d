"""Through which channel an app's customer comes: what they may read, and how it is counted."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import LangGraphClient

from graph.app import Kefu
from tests.fakes.api import says, sdk, served
from tests.fakes.kefu import small_kefu
from ui.runner import Runner

QUESTION = "取货地址在哪里？"
PLACES = {
    "api": "取货地址是东门柜台。",
    "web": "取货地址是南门柜台。",
    "app": "取货地址是西门柜台。",
}


@pytest.fixture
async def kefu(tmp_path: Path) -> AsyncIterator[Kefu]:
    lines = [
        json.dumps({"id": f"at-{name}", "question": QUESTION, "answer": text, "channel": name})
        for name, text in PLACES.items()
    ]
    (tmp_path / "kb.jsonl").write_text("\n".join(lines), "utf-8")
    async with small_kefu(tmp_path / "var", kb=tmp_path / "kb.jsonl") as kefu:
        yield kefu


@pytest.mark.parametrize(
    ("given", "channel"),
    [
        ({}, "api"),
        ({"context": {"user_id": "u001"}}, "api"),
        ({"context": {"channel": None}}, "api"),
        ({"config": {"configurable": {"region": "浙江"}}}, "api"),
        ({"context": {"channel": "app"}}, "app"),
        ({"context": {"channel": "web"}}, "web"),
    ],
)
async def test_a_customer_reads_what_is_for_the_channel_that_the_app_names_else_for_apps(
    kefu: Kefu, runner: Runner, given: dict[str, Any], channel: str
) -> None:
    async with sdk(served(kefu, runner)) as client:
        thread_id = (await client.threads.create())["thread_id"]
        done: Any = await client.runs.wait(thread_id, "kefu", input=says(QUESTION), **given)

    await runner.close()  # the answer is there before the log
    assert PLACES[channel] in done["messages"][-1]["content"]
    [turn] = await kefu.services.desk.turns(thread_id, tenant="default")
    thread = await kefu.services.desk.thread(thread_id, tenant="default")
    assert thread is not None
    assert turn["channel"] == thread["channel"] == channel
    counted = runner.telemetry.text().decode()
    assert f'kefu_turns_total{{action="answer",channel="{channel}",level="2"}} 1.0' in counted


async def test_a_message_to_a_person_is_counted_for_the_same_channel(
    client: LangGraphClient, runner: Runner
) -> None:
    thread_id = (await client.threads.create())["thread_id"]
    for text in ("转人工", "有人吗"):
        await client.runs.wait(thread_id, "kefu", input=says(text))

    counted = runner.telemetry.text().decode()
    for action in ("handoff", "relay"):
        assert f'kefu_turns_total{{action="{action}",channel="api",level="0"}} 1.0' in counted
