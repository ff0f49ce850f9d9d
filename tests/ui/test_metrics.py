"""What /metrics tells of turns, and whom."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from graph.app import Kefu
from graph.context import Context
from tests.e2e.test_faults import locked
from tests.fakes.chat import ScriptedChat
from tests.fakes.kefu import small_kefu
from tools.telemetry import looked_up
from ui.chat_events import ChatEvents
from ui.page import lay_out
from ui.runner import Runner
from ui.votes import Votes
from ui.web import create_app

SITE = "http://127.0.0.1:7860"
KEY = "0123456789"


@pytest.fixture
async def web(kefu: Kefu, runner: Runner) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(runner, kefu))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


async def read(web: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Return the samples by name and values of labels, by label."""
    answer = await web.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


async def test_turns_are_counted_by_what_was_done(runner: Runner, web: httpx.AsyncClient) -> None:
    said = ["退款多久到账？", "你们收购二手钢琴吗？", "转人工", "有人吗"]
    for text in said:
        await runner.ask(text, thread_id="a", context=Context())
    await runner.ask("退款多久到账？", thread_id="b", context=Context(channel="shop-7\n"))

    found = await read(web)

    assert found["kefu_turns_total", "answer", "web", "2"] == 1
    assert found["kefu_turns_total", "handoff", "web", "0"] == 1
    assert found["kefu_turns_total", "relay", "web", "0"] == 1
    assert found["kefu_turns_total", "answer", "other", "2"] == 1  # whatever an app calls itself
    assert found["kefu_knowledge_total", "hit"] == 2
    assert found["kefu_knowledge_total", "miss"] == 1
    assert found["kefu_turn_seconds_count", "no"] == 5
    assert found["kefu_turn_seconds_sum", "no"] > 0
    assert found["kefu_unclosed_tickets",] == 1
    assert found["kefu_level",] == 2
    assert found["kefu_running_turns",] == 0


async def test_a_message_that_is_sent_again_is_no_other_turn(
    runner: Runner, web: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await runner.ask("退款多久到账？", thread_id="a", context=Context(), turn_id="m1")

    found = await read(web)

    assert found["kefu_turns_total", "answer", "web", "2"] == 1


async def test_what_a_model_writes_has_times_of_its_own(tmp_path: Path) -> None:
    model = ScriptedChat(["退款审核通过后，支付宝和微信支付 1-3 个工作日到账[1]。"] * 2)
    async with small_kefu(tmp_path, model=model) as kefu:
        runner = Runner(kefu)
        transport = httpx.ASGITransport(app=create_app(runner, kefu))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as web:
            await runner.ask("支付宝的钱几天退回来", thread_id="a", context=Context())
            found = await read(web)

    assert found["kefu_model_calls_total",] >= 1
    assert found["kefu_turn_seconds_count", "yes"] == 1
    assert ("kefu_first_token_seconds_count", "yes") not in found  # the tests' clock stands still


async def test_a_turn_that_fails_counts_at_level_4(
    runner: Runner, web: httpx.AsyncClient, tmp_path: Path
) -> None:
    with locked(tmp_path / "desk.db"):
        await runner.ask("退款多久到账？", thread_id="a", context=Context())
        found = await read(web)

    assert found["kefu_turns_total", "fallback", "web", "4"] == 1
    assert found["kefu_level",] == 4
    assert found["kefu_unclosed_tickets",] != found["kefu_unclosed_tickets",]  # NaN: nobody knows


async def test_likes_and_dislikes_are_counted(
    runner: Runner, kefu: Kefu, web: httpx.AsyncClient
) -> None:
    with gr.Blocks():
        page = lay_out("zh")
    events, votes = ChatEvents(runner, kefu, page), Votes(kefu, page, runner.telemetry)
    updates = [u async for u in events.send("退款多久到账？", None, {}, "", "", "zh")]
    thumb: Any = SimpleNamespace(index=1, liked=True)

    await votes.vote(thumb, updates[-1][page.session], "zh")
    thumb.index = 99  # below the last turn: a vote on none
    await votes.vote(thumb, updates[-1][page.session], "zh")

    found = await read(web)
    assert (found["kefu_votes_total", "like"], found["kefu_votes_total", "dislike"]) == (1, 0)


async def test_no_customer_is_named(runner: Runner, web: httpx.AsyncClient) -> None:
    await runner.ask("我的电话 13800000000", thread_id="t-77", context=Context(user_id="u-77"))

    text = (await web.get("/metrics")).text

    assert not any(word in text for word in ("13800000000", "t-77", "u-77", "default"))


async def answered(kefu: Kefu, headers: dict[str, str], **changes: object) -> int:
    app = create_app(Runner(kefu), _with(kefu, **changes))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        return (await client.get("/metrics", headers=headers)).status_code


def _with(kefu: Kefu, **changes: object) -> Kefu:
    return replace(kefu, settings=kefu.settings.model_copy(update=changes))


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_with_a_key_only_who_has_it_reads(kefu: Kefu, host: str) -> None:
    changes = {"host": host, "metrics_key": SecretStr(KEY)}
    given = ["", f"Bearer {KEY}", f"Bearer {KEY}0", f"Basic {KEY}", "Bearer", f"bearer {KEY}"]

    codes = [await answered(kefu, {"Authorization": each}, **changes) for each in given]

    assert codes == [401, 200, 401, 401, 401, 200]


async def test_without_a_key_nobody_else_reads(kefu: Kefu) -> None:
    assert await answered(kefu, {}, host="127.0.0.1") == 200
    assert await answered(kefu, {"X-Forwarded-For": "192.0.2.1"}, host="127.0.0.1") == 401
    for named in ("evil.example", "kefu.test:7860", "[", "", "127.0.0.1.evil.example"):
        assert await answered(kefu, {"Host": named}, host="127.0.0.1") == 401
    for own in ("localhost:7860", "[::1]:7860", "127.0.0.1"):
        assert await answered(kefu, {"Host": own}, host="127.0.0.1") == 200
    text = await _body(_with(kefu, host="0.0.0.0"))
    assert "kefu_turns" not in text


async def _body(kefu: Kefu) -> str:
    transport = httpx.ASGITransport(app=create_app(Runner(kefu), kefu))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        return (await client.get("/metrics")).text


@pytest.mark.parametrize(
    ("action", "reason", "found"),
    [
        ("answer", "near_matches", "hit"),
        ("fallback", "no_knowledge", "miss"),
        ("fallback", "search_down", "failed"),
        ("fallback", "greeting", None),
        ("clarify", "uncertain", None),
        ("act", "order_status", None),
    ],
)
def test_only_questions_to_the_knowledge_hit_or_miss(
    action: str, reason: str, found: str | None
) -> None:
    assert looked_up(action, reason) == found
