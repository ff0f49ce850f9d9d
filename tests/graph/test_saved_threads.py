"""What a thread's checkpoint holds, and what can be done with a past one."""

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig

from graph.app import Kefu
from graph.context import Context
from graph.settings import ROOT
from tests.fakes.kefu import small_kefu
from ui.threads import config

THREAD = config("th1", tenant="default")
PLAIN = (str, int, float, bool, type(None))


async def says(kefu: Kefu, text: str) -> dict[str, Any]:
    return await kefu.graph.ainvoke(
        {"messages": [HumanMessage(text)]}, THREAD, context=Context(), durability="exit"
    )


async def test_neither_passages_nor_the_vector_are_written_to_disk(tmp_path: Path) -> None:
    async with small_kefu(tmp_path) as kefu:
        seen: dict[str, Any] = {}
        async for state in kefu.graph.astream(
            {"messages": [HumanMessage("金卡打几折")]},
            THREAD,
            context=Context(),
            stream_mode="values",
            durability="exit",
        ):
            seen = {key: value or seen.get(key) for key, value in (seen | state).items()}
    written = bytes_of(tmp_path)

    assert seen["passages"][0]["id"] == "member-price"
    assert len(seen["vector"]) == 64
    assert b"member-price" in written  # the citation
    assert b"warranty-rice" not in written  # another passage found
    assert struct.pack(">d", next(filter(None, seen["vector"]))) not in written


def bytes_of(var: Path) -> bytes:
    return b"".join(file.read_bytes() for file in var.glob("threads.db*"))


async def test_a_thread_holds_plain_values_and_messages_only(kefu: Kefu) -> None:
    for text in ("退款多久到账？", "怎么弄", "转人工", "在吗"):
        await says(kefu, text)

    state = (await kefu.graph.aget_state(THREAD)).values

    assert [path for path, value in walk(state) if type(value) not in PLAIN] == []


def walk(value: object, path: str = "") -> list[tuple[str, object]]:
    """Return every leaf; a message counts as its fields."""
    if isinstance(value, BaseMessage):
        value = value.model_dump()
    if type(value) is dict:
        return [leaf for key, inner in value.items() for leaf in walk(inner, f"{path}.{key}")]
    if type(value) is list:
        return [leaf for n, inner in enumerate(value) for leaf in walk(inner, f"{path}[{n}]")]
    return [(path, value)]


async def test_a_past_decision_can_be_changed_and_played_again(kefu: Kefu) -> None:
    await kefu.graph.ainvoke({"messages": [HumanMessage("金卡打几折")]}, THREAD, context=Context())
    decided = [
        snapshot
        async for snapshot in kefu.graph.aget_state_history(THREAD)
        if snapshot.next == ("answer",)
    ]
    decision = {**decided[0].values["decision"], "action": "handoff", "reason": "reviewer"}

    fork: RunnableConfig = await kefu.graph.aupdate_state(
        decided[0].config, {"decision": decision}, as_node="decide"
    )
    routed = (await kefu.graph.aget_state(fork)).next
    replayed = await kefu.graph.ainvoke(None, fork, context=Context())

    assert routed == ("handoff",)
    assert (replayed["owner"], replayed["reply"]["reason"]) == ("queue", "reviewer")


async def test_a_past_decision_changed_to_clarify_asks(kefu: Kefu) -> None:
    await kefu.graph.ainvoke({"messages": [HumanMessage("金卡打几折")]}, THREAD, context=Context())
    [decided] = [s async for s in kefu.graph.aget_state_history(THREAD) if s.next == ("answer",)]
    decision = {**decided.values["decision"], "action": "clarify", "options": ["甲", "乙"]}

    fork = await kefu.graph.aupdate_state(decided.config, {"decision": decision}, as_node="decide")
    replayed = await kefu.graph.ainvoke(None, fork, context=Context())

    assert replayed["messages"][-1].text.endswith("1. 甲\n2. 乙")


async def test_one_turn_writes_one_checkpoint(kefu: Kefu) -> None:
    await says(kefu, "退款多久到账？")

    assert len([s async for s in kefu.graph.aget_state_history(THREAD)]) == 1


async def test_tenants_that_use_the_same_thread_name_do_not_meet(kefu: Kefu) -> None:
    await says(kefu, "退款多久到账？")

    other = await kefu.graph.aget_state(config("th1", tenant="acme"))

    assert other.values == {}


STRICT = """
import asyncio, sys
from pathlib import Path
from graph.context import Context
from tests.fakes.kefu import small_kefu
from ui.runner import Runner

async def main(var: Path) -> None:
    for texts in (("退款多久到账？", "质保多久", "怎么弄"), ("转人工",), ("在吗",)):
        async with small_kefu(var) as kefu:
            runner = Runner(kefu)
            for text in texts:
                done = await runner.ask(text, thread_id="th1", context=Context())
            saved = await runner.messages("th1", context=Context())
            print(done["reply"]["action"], len(saved))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_thread_survives_restarts_under_strict_deserialisation(tmp_path: Path) -> None:
    run = subprocess.run(
        ["env", "LANGGRAPH_STRICT_MSGPACK=true", f"PYTHONPATH={ROOT}", sys.executable,
         "-W", "error", "-c", STRICT, str(tmp_path)],
        capture_output=True, text=True, timeout=180, cwd=tmp_path, check=False,
    )  # fmt: skip

    assert run.stdout.split("\n")[:3] == ["clarify 6", "handoff 8", "relay 9"], run.stderr
    assert run.stderr == ""
