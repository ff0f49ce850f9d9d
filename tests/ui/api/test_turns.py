"""What an app's run does, with the official client of the LangGraph API."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import RemoveMessage
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import ConflictError
from langgraph_sdk.schema import StreamPart

from graph.app import Kefu
from graph.context import Context
from tests.fakes.api import HeldChat, says, sdk, served
from tests.fakes.chat import ScriptedChat
from tests.fakes.kefu import small_kefu
from tools.errors import ModelUnavailable
from ui.runner import Runner
from ui.threads import config

REFUND, BILL = "退款多久到账？", "可以开什么发票？"
ASKED, ALSO = "退款多久到账呢", "可以开什么样的发票"  # those a model answers
MODES = ["values", "messages-tuple", "messages", "custom"]


async def begun(client: LangGraphClient, **more: Any) -> str:  # noqa: ANN401
    return str((await client.threads.create(**more))["thread_id"])


async def ask(client: LangGraphClient, thread_id: str | None, text: str, **more: Any) -> Any:  # noqa: ANN401
    message = {"id": more.pop("id")} if "id" in more else {}
    return await client.runs.wait(thread_id, "kefu", input=says(text, **message), **more)  # type: ignore[call-overload]


async def streamed(
    client: LangGraphClient,
    thread_id: str,
    text: str,
    modes: list[str],
    **more: Any,  # noqa: ANN401
) -> list[StreamPart]:
    parts = client.runs.stream(
        thread_id,
        "kefu",
        input=says(text, **more),
        stream_mode=modes,  # type: ignore[call-overload]
    )
    return [part async for part in parts]


async def test_answers_as_the_readme_says(client: LangGraphClient) -> None:
    thread_id = await begun(client)

    done = await ask(client, thread_id, REFUND, context={"user_id": "u001"})

    assert "1-3 个工作日" in done["messages"][-1]["content"]
    assert [said["type"] for said in done["messages"]] == ["human", "ai"]
    assert done["reply"]["thread_id"] == thread_id
    assert done["reply"]["citations"][0]["id"] == "refund-time"
    assert done["messages"][-1]["additional_kwargs"]["kefu"] == done["reply"]
    assert done["owner"] == "bot"


async def test_streams_what_happens_in_its_order(client: LangGraphClient) -> None:
    parts = await streamed(client, await begun(client), REFUND, MODES, id="m1")

    names = [part.event for part in parts]
    assert (names[0], names[1], names[-2], names[-1]) == ("metadata", "values", "values", "end")
    steps = [part.data["step"] for part in parts if part.event == "custom" and "step" in part.data]
    assert steps == ["intent", "retrieve", "decide", "answer"]
    assert [said["id"] for said in parts[1].data["messages"]] == ["m1"]
    last = parts[-2].data["messages"][-1]
    said = [part.data[0] for part in parts if part.event == "messages"]
    assert {(each["type"], each["id"]) for each in said} == {("ai", "m1-reply")}
    assert "".join(each["content"] for each in said) == last["content"]
    assert names.index("messages/metadata") < names.index("messages/partial")
    assert [part.data for part in parts if part.event == "messages/complete"] == [[last]]


async def test_what_was_taken_back_does_not_stand_before_the_rest(tmp_path: Path) -> None:
    model = ScriptedChat([["需 1-3 个工作日到账[1]。", ModelUnavailable("gone")]])
    async with small_kefu(tmp_path, model=model) as kefu, sdk(served(kefu, Runner(kefu))) as client:
        parts = await streamed(client, await begun(client), ASKED, MODES)

    last = next(part.data for part in parts[::-1] if part.event == "values")["messages"][-1]
    texts: dict[str, str] = {}
    for part in parts:
        if part.event == "messages":
            said = part.data[0]
            texts[said["id"]] = texts.get(said["id"], "") + said["content"]
    assert last["content"] in texts.values()
    partial = [part.data[0]["content"] for part in parts if part.event == "messages/partial"]
    assert partial[-1] == last["content"]


async def test_understands_the_second_turn_by_the_first(client: LangGraphClient) -> None:
    thread_id = await begun(client)
    await ask(client, thread_id, "吸尘器有几档吸力？")

    done = await ask(client, thread_id, "它保修多久？")

    assert "吸尘器保修多久？" in str(done["reply"])
    assert [said["type"] for said in done["messages"]] == ["human", "ai"] * 2


async def test_a_message_sent_again_is_not_answered_twice(
    client: LangGraphClient, kefu: Kefu
) -> None:
    thread_id = await begun(client)

    first, second = await asyncio.gather(
        *[ask(client, thread_id, REFUND, id="m1") for _ in range(2)]
    )
    await ask(client, thread_id, BILL, id="m2")
    third = await ask(client, thread_id, REFUND, id="m1")
    last = await streamed(client, thread_id, REFUND, ["values", "custom"], id="m1")

    assert first == second == third == last[-2].data
    assert [said["id"] for said in first["messages"]] == ["m1", "m1-reply"]
    assert len(await kefu.services.desk.turns(thread_id, tenant="default")) == 2


async def test_another_message_under_an_id_that_was_used_is_refused_and_not_answered_as_the_first(
    client: LangGraphClient,
) -> None:
    thread_id = await begun(client)
    await ask(client, thread_id, REFUND, id="m1")

    with pytest.raises(httpx.HTTPStatusError) as refused:
        await ask(client, thread_id, BILL, id="m1")
    told = await streamed(client, thread_id, BILL, ["messages-tuple"], id="m1")
    state = await client.threads.get_state(thread_id)

    assert refused.value.response.status_code == 409
    assert [part.event for part in told] == ["metadata", "error", "end"]
    assert [each["id"] for each in state["values"]["messages"]] == ["m1", "m1-reply"]


async def test_a_request_may_name_its_message_by_a_header(client: LangGraphClient) -> None:
    thread_id = await begun(client)
    named = {"Idempotency-Key": "order-17"}

    first, second = [await ask(client, thread_id, REFUND, headers=named) for _ in range(2)]

    assert first == second
    assert first["reply"]["turn_id"] == "order-17"


async def test_the_same_id_in_another_thread_is_another_message(client: LangGraphClient) -> None:
    one, two = await begun(client), await begun(client)

    await ask(client, one, REFUND, id="m1")
    done = await ask(client, two, BILL, id="m1")

    assert done["reply"]["citations"][0]["id"] == "invoice-kind"
    assert len(done["messages"]) == 2


async def test_a_message_that_comes_during_a_run_is_answered_after_it(tmp_path: Path) -> None:
    model = HeldChat("需 1-3 个工作日到账[1]。", "24 小时内开具[1]。")
    async with small_kefu(tmp_path, model=model) as kefu, sdk(served(kefu, Runner(kefu))) as client:
        thread_id = await begun(client)
        first = asyncio.create_task(ask(client, thread_id, ASKED, id="m1"))
        await model.is_asked.wait()
        second = asyncio.create_task(ask(client, thread_id, ALSO, id="m2"))

        with pytest.raises(httpx.HTTPStatusError, match="409"):
            await ask(client, thread_id, BILL, multitask_strategy="reject")
        with pytest.raises(ConflictError, match="on its way"):
            await client.threads.delete(thread_id)
        assert (await client.threads.get(thread_id))["status"] == "busy"
        model.go_on.set()

        assert [said["id"] for said in (await first)["messages"]] == ["m1", "m1-reply"]
        ids = [said["id"] for said in (await second)["messages"]]
        assert ids == ["m1", "m1-reply", "m2", "m2-reply"]
        await ask(client, thread_id, "谢谢", multitask_strategy="reject")
        assert (await client.threads.get(thread_id))["status"] == "idle"


async def test_a_run_that_takes_long_keeps_the_line_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.api.turns.ALIVE_S", 0.01)
    monkeypatch.setattr("ui.api.sse.ALIVE_S", 0.01)
    model = HeldChat("需 1-3 个工作日到账[1]。", "24 小时内开具[1]。")
    async with small_kefu(tmp_path, model=model) as kefu, sdk(served(kefu, Runner(kefu))) as client:
        thread_id = await begun(client)
        waiting = asyncio.create_task(ask(client, thread_id, ASKED))
        await model.is_asked.wait()  # so that it is the first
        listening = asyncio.create_task(streamed(client, thread_id, ALSO, ["values"]))
        await asyncio.sleep(0.1)
        model.go_on.set()

        assert (await waiting)["reply"]["action"] == "answer"
        assert (await listening)[-1].event == "end"


async def test_a_person_who_owns_the_thread_gets_what_is_said_and_the_bot_is_silent(
    client: LangGraphClient, kefu: Kefu
) -> None:
    thread_id = await begun(client)
    handed = await ask(client, thread_id, "转人工")

    relayed = await ask(client, thread_id, "我在等")

    assert (handed["owner"], handed["reply"]["action"]) == ("queue", "handoff")
    assert (relayed["reply"]["action"], relayed["messages"][-1]["content"]) == ("relay", "我在等")
    desk = kefu.services.desk
    passed = await desk.desk_messages(handed["ticket_id"], tenant="default")
    assert "我在等" in [each["text"] for each in passed]


async def test_what_a_person_says_is_read_with_their_name_and_what_the_desk_tells_without(
    client: LangGraphClient, kefu: Kefu, runner: Runner
) -> None:
    thread_id = await begun(client)
    handed = await ask(client, thread_id, "转人工")
    ticket = await kefu.services.desk.ticket(handed["ticket_id"], tenant="default")
    assert ticket is not None
    await runner.take(thread_id, "小林", tenant="default")
    await runner.reply(ticket, "您好", agent="小林")
    await runner.end(ticket, agent="小林")

    state: Any = await client.threads.get_state(thread_id)

    said = [(each["content"], each["additional_kwargs"]) for each in state["values"]["messages"]]
    (joined, no_name), spoken, (goes_on, no_one) = said[-3:]
    assert spoken == ("您好", {"person": "小林"})
    assert ("小林 已接入" in joined, "智能客服继续" in goes_on) == (True, True)
    assert (no_name, no_one) == ({}, {})


async def test_what_is_sent_to_a_person_again_reaches_them_once(
    client: LangGraphClient, kefu: Kefu
) -> None:
    thread_id = await begun(client)
    handed = await ask(client, thread_id, "转人工")
    first = await ask(client, thread_id, "我在等", id="m1")
    await ask(client, thread_id, "还在吗", id="m2")

    again = await ask(client, thread_id, "我在等", id="m1")

    passed = await kefu.services.desk.desk_messages(handed["ticket_id"], tenant="default")
    assert [each["text"] for each in passed if each["role"] == "customer"] == ["我在等", "还在吗"]
    assert (again["messages"], again["reply"]) == (first["messages"], first["reply"])
    state: Any = await client.threads.get_state(thread_id)
    assert [said["content"] for said in state["values"]["messages"][-2:]] == ["我在等", "还在吗"]


async def test_what_a_thread_no_longer_keeps_is_not_answered_anew(
    client: LangGraphClient, kefu: Kefu, runner: Runner
) -> None:
    thread_id = await begun(client)
    first = await ask(client, thread_id, REFUND, id="m1")
    await ask(client, thread_id, BILL, id="m2")
    said = [RemoveMessage(id=f"{thread_id}:{name}") for name in ("m1", "m1-reply")]
    place = config(thread_id, tenant="default")
    await kefu.graph.aupdate_state(place, {"messages": said}, as_node="remember")

    again = await ask(client, thread_id, REFUND, id="m1")

    assert again["messages"][-1]["content"] == first["messages"][-1]["content"]
    assert again["reply"]["took_ms"] == first["reply"]["took_ms"]
    assert len((await runner.state(thread_id))["messages"]) == 2


async def test_a_run_without_a_thread_leaves_nothing(
    client: LangGraphClient, kefu: Kefu, runner: Runner
) -> None:
    done = await ask(client, None, REFUND, context={"user_id": "u001"})
    await runner.close()

    thread_id = done["reply"]["thread_id"]
    assert done["reply"]["citations"][0]["id"] == "refund-time"
    assert await runner.state(thread_id) == {}
    assert await kefu.services.desk.threads("u001", tenant="default") == []
    assert await kefu.services.desk.turns(thread_id, tenant="default") == []


async def test_a_run_without_a_thread_that_brought_a_person_in_is_kept(
    client: LangGraphClient, kefu: Kefu, runner: Runner
) -> None:
    done = await ask(client, None, "转人工")
    await runner.close()

    relayed = await ask(client, done["reply"]["thread_id"], "我在等")

    assert relayed["reply"]["action"] == "relay"
    assert await kefu.services.desk.ticket(done["ticket_id"], tenant="default")


async def test_an_app_may_keep_what_a_run_began(client: LangGraphClient) -> None:
    first = await ask(client, None, REFUND, on_completion="keep")

    done = await ask(client, first["reply"]["thread_id"], BILL)

    assert len(done["messages"]) == 4


async def test_a_thread_may_be_made_by_its_first_run(client: LangGraphClient) -> None:
    thread_id = "8d5a2c7e-0000-4000-8000-000000000001"

    done = await ask(client, thread_id, REFUND, if_not_exists="create")

    assert done["reply"]["thread_id"] == thread_id


async def test_the_whole_conversation_may_be_sent_along(client: LangGraphClient) -> None:
    thread_id = await begun(client)
    first = await ask(client, thread_id, REFUND, id="m1")
    new = says(BILL, id="m2")["messages"]

    done = await client.runs.wait(thread_id, "kefu", input={"messages": [*first["messages"], *new]})

    assert isinstance(done, dict)
    assert [said["id"] for said in done["messages"]] == ["m1", "m1-reply", "m2", "m2-reply"]


async def test_of_several_messages_all_but_the_last_must_be_known(
    client: LangGraphClient, plain: httpx.AsyncClient
) -> None:
    thread_id = await begun(client)
    messages = [*says(REFUND, id="m1")["messages"], *says(BILL, id="m2")["messages"]]
    run = {"assistant_id": "kefu", "input": {"messages": messages}}

    answer = await plain.post(f"/threads/{thread_id}/runs/wait", json=run)

    assert (answer.status_code, "one new message" in answer.text) == (422, True)


async def test_takes_the_context_from_where_older_clients_put_it(
    client: LangGraphClient, kefu: Kefu, runner: Runner
) -> None:
    thread_id = await begun(client)

    await ask(client, thread_id, REFUND, config={"configurable": {"user_id": "u001"}})
    await runner.close()

    thread = await kefu.services.desk.thread(thread_id, tenant="default")
    assert thread is not None
    assert thread["user_id"] == "u001"


async def test_what_can_not_be_saved_is_told_and_answered_late(
    client: LangGraphClient, kefu: Kefu, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread_id = await begun(client)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("geheim")

    with monkeypatch.context() as patch:
        patch.setattr(kefu.unwatched, "ainvoke", broken)
        done = await ask(client, thread_id, REFUND, id="m1")
    await runner.recover(idle_s=0)

    assert (done["reply"]["level"], done["reply"]["action"]) == (4, "fallback")
    assert [said["type"] for said in done["messages"]] == ["human", "ai"]
    assert "geheim" not in str(done)
    late = await runner.messages(thread_id, context=Context())
    assert "1-3 个工作日" in late[-1].text
