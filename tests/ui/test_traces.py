"""What LangSmith gets of a turn: what was decided and why, and nobody's data."""

import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from graph.context import Context
from tests.fakes.chat import ScriptedChat
from tests.fakes.kefu import small_kefu
from tests.fakes.langsmith import PROJECT, Recorder, recording, traced
from tools.traces import masked, run_id
from ui.chat_events import ChatEvents
from ui.page import lay_out
from ui.runner import Runner
from ui.votes import Votes

PHONE, STREET = "13812345678", "文三路"
SAID = f"退款多久到账？我的电话{PHONE}，住在杭州市西湖区{STREET}123号4幢501"


async def traced_turn(
    var: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedChat | None = None
) -> tuple[Recorder, str]:
    with recording(monkeypatch) as recorder:
        async with small_kefu(var, model=model) as kefu:
            done = await Runner(kefu).ask(SAID, thread_id="th1", context=Context(user_id="u001"))
    return recorder, done["reply"]["turn_id"]


async def test_a_turn_is_one_run_that_shows_its_steps_and_the_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, turn_id = await traced_turn(tmp_path, monkeypatch)

    root = recorder.runs[str(run_id(turn_id))]
    steps = [r["name"] for r in recorder.runs.values() if r.get("parent_run_id") == root["id"]]
    assert root["name"] == "turn"
    assert root["outputs"]["reply"]["action"] == "answer"
    assert [s for s in steps if s in ("intent", "retrieve", "decide", "answer", "remember")] == [
        *("intent", "retrieve", "decide", "answer", "remember")
    ]
    assert {key: root["extra"]["metadata"][key] for key in ("thread_id", "tenant", "channel")} == {
        "thread_id": "th1",
        "tenant": "default",
        "channel": "web",
    }
    [retrieved] = [run for run in recorder.runs.values() if run["name"] == "retrieve"]
    assert retrieved["outputs"]["passages"][0]["id"] == "refund-time"


async def test_nothing_personal_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, _ = await traced_turn(tmp_path, monkeypatch)

    sent = b"".join(recorder.bodies)
    assert recorder.bodies
    assert not any(word.encode() in sent for word in (PHONE, STREET, "u001"))


async def test_a_vote_goes_to_its_run_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gr.Blocks():
        page = lay_out("zh")
    with recording(monkeypatch) as recorder:
        async with small_kefu(tmp_path) as kefu:
            runner = Runner(kefu)
            events, votes = ChatEvents(runner, kefu, page), Votes(kefu, page, runner.telemetry)
            updates = [u async for u in events.send("退款多久到账？", None, {}, "", "", "zh")]
            session = updates[-1][page.session]
            thumb: Any = SimpleNamespace(index=1, liked=False)
            disliked = (await votes.vote(thumb, session, "zh"))[page.session]
            await votes.explain("wrong", f"打我电话 {PHONE}", disliked, "zh")
            assert kefu.traces is not None
            kefu.traces.vote("of-an-app", -1, "", PHONE)  # whoever sends it
            recorder.wait(lambda: len(recorder.feedback) == 3)

    run = str(run_id(session["turn_ids"][0]))
    [first, second, third] = recorder.feedback
    assert (first["run_id"], first["score"]) == (run, -1)
    assert (second["run_id"], second["session_id"]) == (run, PROJECT)
    assert (second["value"], second["comment"]) == ("wrong", "打我电话 <手机号>")
    assert third["comment"] == "<手机号>"


async def test_without_the_variable_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_kefu(tmp_path / "off") as kefu:
        assert kefu.traces is None


async def test_a_server_that_is_away_changes_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with traced(monkeypatch, "http://127.0.0.1:9"):
        async with small_kefu(tmp_path) as kefu:
            done = await Runner(kefu).ask("退款多久到账？", thread_id="a", context=Context())
            assert kefu.traces is not None
            kefu.traces.vote(done["reply"]["turn_id"], 1, "", "")
            began_s = time.monotonic()
    assert done["reply"]["action"] == "answer"
    assert time.monotonic() - began_s < 60  # it is not waited for for ever


async def test_a_server_that_hangs_does_not_keep_the_process_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with traced(monkeypatch, address):
            async with small_kefu(tmp_path) as kefu:
                done = await Runner(kefu).ask("退款多久到账？", thread_id="a", context=Context())
                assert kefu.traces is not None
                kefu.traces.vote(done["reply"]["turn_id"], 1, "", "")
                sending = [
                    each.daemon
                    for each in threading.enumerate()
                    if each.name.startswith("votes") or "tracing" in each.name
                ]
    assert len(sending) >= 2
    assert all(sending)  # Python waits for all others at its end


def test_vectors_are_left_out_and_texts_masked_at_any_depth() -> None:
    value = {"a": [{"b": f"电话 {PHONE}"}], "vector": [0.1] * 384, "scores": [0.5, 1.0], "n": None}

    assert masked(value) == {
        "a": [{"b": "电话 <手机号>"}],
        "vector": "<384 numbers>",
        "scores": [0.5, 1.0],
        "n": None,
    }


@pytest.mark.parametrize("turn_id", ["msg-1", "退款", "0" * 31])
def test_any_turn_has_a_run(turn_id: str) -> None:
    assert run_id(turn_id) == run_id(turn_id)
    assert run_id("0" * 32).hex == "0" * 32
