"""What every request of an app must pass, and how it is told what is wrong."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from graph.app import Kefu
from graph.settings import ROOT, Settings
from tests.fakes.api import KEY, SITE, apps, called, says, served
from tests.fakes.kefu import small_settings
from tools.errors import StoreUnavailable
from ui.api.apps import apps_of
from ui.api.routes import create_api
from ui.runner import Event, Runner

RUN = {"assistant_id": "kefu", "input": says("退款多久到账？")}
SECRET = "水星图书馆"


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], f"{KEY}x", KEY.upper(), "\xe9"])
async def test_nobody_gets_in_without_a_key(plain: httpx.AsyncClient, key: str) -> None:
    calls = [("POST", "/threads"), ("POST", "/runs/wait"), ("GET", "/threads/1"), ("GET", "/runs")]

    answers = [
        await plain.request(method, path, headers={"x-api-key": key.encode("latin-1")})
        for method, path in calls
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert "KEFU_API__KEYS" in answers[0].json()["detail"]


async def test_no_cache_on_the_way_keeps_what_a_customer_said(plain: httpx.AsyncClient) -> None:
    thread_id = (await plain.post("/threads", json={})).json()["thread_id"]

    answers = [
        await plain.post(f"/threads/{thread_id}/runs/wait", json=RUN),
        await plain.get(f"/threads/{thread_id}/state"),
    ]

    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 2


async def test_whether_it_is_there_everybody_may_know(transport: httpx.ASGITransport) -> None:
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as anybody:
        assert (await anybody.get("/ok")).json() == {"ok": True}
        assert (await anybody.get("/info")).json()["flags"]["assistants"] is True


def test_without_keys_there_is_one_for_a_start_on_loopback_only() -> None:
    local, next_start = apps_of(Settings()), apps_of(Settings())

    app = local.find(local.shown)
    assert app is not None
    assert (app.name, app.tenant) == ("local", "default")
    assert len(local.shown) >= 32
    assert local.find(next_start.shown) is None
    assert not apps_of(Settings(host="0.0.0.0"))
    assert not apps().shown


def test_a_key_may_stand_alone_and_must_be_long_and_an_apps_own() -> None:
    assert apps_of(Settings(api={"keys": {"shop": KEY}})).find(KEY)  # type: ignore[arg-type]
    for keys in ({"shop": "short"}, {"a": KEY, "b": KEY}, {"a": {"key": KEY, "tenant": "a/b"}}):
        with pytest.raises(ValueError, match="api"):
            Settings(api={"keys": keys})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{bad", "Invalid JSON in request body"),
        ("", "assistant_id"),
        ("[]", "object"),
        ('{"assistant_id": 7}', "assistant_id"),
        ({**RUN, "input": None}, "expected a customer's message"),
        ({**RUN, "input": {"messages": []}}, "expected a customer's message"),
        ({**RUN, "input": {"messages": [{"role": "assistant", "content": "好"}]}}, "customer's"),
        ({**RUN, "input": {"messages": [{"role": "user"}]}}, "another shape"),
        ({**RUN, "input": {"messages": 7}}, "another shape"),
        ({**RUN, "input": says("  ")}, "expected text"),
        ({**RUN, "input": says("\x00 ")}, "expected text"),
        ({**RUN, "input": says("好", id="m" * 65)}, "message's id"),
        ({**RUN, "input": says("好", id="m1-reply")}, "message's id"),
        ({**RUN, "input": says("好", id="m\n1")}, "message's id"),
        ({**RUN, "input": {"messages": [*says("好")["messages"], "那"]}}, "one message"),
        ({**RUN, "context": {"user_id": 17}}, "context.user_id"),
        ({**RUN, "context": {"usr": SECRET}}, "context.usr"),
        ({**RUN, "context": {"user_id": "a\x00"}}, "context.user_id"),
        ({**RUN, "context": {"user_id": "u" * 129}}, "context.user_id"),
        ({**RUN, "context": {"locale": "fr"}}, "context.locale"),
        ({**RUN, "context": {"history_tokens": 10**9}}, "context.history_tokens"),
        ({**RUN, "config": {"configurable": 7}}, "config"),
        ({**RUN, "stream_mode": "updates"}, "stream_mode"),
        ({**RUN, "multitask_strategy": "interrupt"}, "multitask_strategy"),
        ({**RUN, "command": {"resume": 1}}, "command"),
        ({**RUN, "webhook": f"http://{SECRET}"}, "webhook"),
        ({**RUN, "interrupt_before": "*"}, "interrupt_before"),
    ],
)
async def test_what_can_not_be_done_is_refused_with_its_place(
    plain: httpx.AsyncClient,
    body: Any,  # noqa: ANN401 what an app may send
    told: str,
) -> None:
    sent = {"content": body} if isinstance(body, str) else {"json": body}
    for path in ("/runs/wait", "/runs/stream"):
        answer = await plain.post(path, **sent)  # type: ignore[arg-type]

        assert answer.status_code == 422
        assert told in answer.json()["detail"]
        assert SECRET not in answer.text


@pytest.mark.parametrize("named", ["u" * 129, "a%00"])
async def test_a_header_names_only_who_can_be_stored(plain: httpx.AsyncClient, named: str) -> None:
    answer = await plain.post("/threads/search", json={}, headers={"x-user-id": named})

    assert (answer.status_code, "user_id" in answer.text) == (422, True)


@pytest.mark.parametrize("named", [17, ["u001"], "u" * 129])
async def test_metadata_names_only_who_can_be_stored(
    plain: httpx.AsyncClient, named: object
) -> None:
    body = {"metadata": {"user_id": named}}

    answers = [await plain.post(path, json=body) for path in ("/threads", "/threads/search")]

    assert [(a.status_code, "user_id" in a.text) for a in answers] == [(422, True)] * 2


async def test_what_a_client_may_leave_to_kefu_is_taken(plain: httpx.AsyncClient) -> None:
    ignored = {
        "metadata": {"a": 1},
        "on_disconnect": "cancel",
        "durability": "exit",
        "stream_subgraphs": True,
        "stream_resumable": True,
        "interrupt_before": [],
        "feedback_keys": [],
        "context": {"user_id": None},
    }

    assert (await plain.post("/runs/wait", json={**RUN, **ignored})).status_code == 200


async def test_an_unknown_assistant_is_not_found(plain: httpx.AsyncClient) -> None:
    answer = await plain.post("/runs/wait", json={**RUN, "assistant_id": "agent"})

    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "assistant: not found; there is only 'kefu'"},
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/threads/8d5a2c7e-0000-4000-8000-000000000001/state"),
        ("POST", "/threads/8d5a2c7e-0000-4000-8000-000000000001/runs"),
        ("PATCH", "/threads/8d5a2c7e-0000-4000-8000-000000000001"),
        ("POST", "/runs/batch"),
        ("GET", "/assistants/kefu/graph"),
        ("PUT", "/store/items"),
    ],
)
async def test_what_is_not_served_says_so(plain: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await plain.request(method, path, json={})

    assert answer.status_code == 501
    assert "docs/api.md" in answer.json()["detail"]
    assert (ROOT / "docs" / "api.md").exists()


async def test_a_body_is_bounded(plain: httpx.AsyncClient) -> None:
    answer = await plain.post("/runs/wait", json={**RUN, "input": says("长" * 400_000)})

    assert answer.status_code == 413
    assert "shorter" in answer.json()["detail"]


async def test_a_long_message_is_treated_as_on_the_chat_page(plain: httpx.AsyncClient) -> None:
    answer = await plain.post("/runs/wait", json={**RUN, "input": says("退款多久到账？" * 700)})

    assert answer.json()["reply"]["reason"] == "too_long"


def limited(kefu: Kefu, runner: Runner, **limits: dict[str, int]) -> httpx.ASGITransport:
    """Return the API under other limits."""
    config = small_settings(kefu.settings.var, **limits)
    other = replace(kefu, settings=config)
    return httpx.ASGITransport(app=create_api(runner, other, apps()))


async def test_an_app_that_asks_too_often_is_told_to_wait(kefu: Kefu, runner: Runner) -> None:
    transport = limited(kefu, runner, api={"requests_per_minute": 2})
    async with called(transport) as shop, called(transport, "key-of-another-app") as other:
        answers = [await shop.post("/threads", json={}) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[2].headers["retry-after"]) <= 60
        assert (await other.post("/threads", json={})).status_code == 200


async def test_a_customer_who_writes_too_fast_is_held_back_alone(
    kefu: Kefu, runner: Runner
) -> None:
    transport = limited(kefu, runner, limit={"customer_per_minute": 1})
    async with called(transport) as shop:
        answers = [
            await shop.post("/runs/wait", json={**RUN, "context": {"user_id": who}})
            for who in ("u001", "u001", "u002", "", "")
        ]

    assert [answer.status_code for answer in answers] == [200, 429, 200, 200, 200]
    assert int(answers[1].headers["retry-after"]) > 0


async def test_who_speaks_to_a_person_is_not_held_back(kefu: Kefu, runner: Runner) -> None:
    transport = limited(kefu, runner, limit={"customer_per_minute": 1})
    async with called(transport) as shop:
        thread_id = (await shop.post("/threads", json={})).json()["thread_id"]
        path = f"/threads/{thread_id}/runs/wait"
        await shop.post(path, json={**RUN, "input": says("转人工")})
        await runner.close()
        answers = [await shop.post(path, json=RUN) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3


async def test_no_exceptions_text_reaches_an_app(
    kefu: Kefu,
    runner: Runner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "ui")
    for error, status in ((StoreUnavailable(SECRET), 503), (RuntimeError(SECRET), 500)):

        async def broken(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(kefu.services.desk, "app_thread", broken)
            async with called(served(kefu, runner)) as shop:
                path = "/threads/8d5a2c7e-0000-4000-8000-000000000001"
                answers = [
                    await shop.get(path),
                    await shop.post(f"{path}/runs/wait", json=RUN),
                    await shop.post(f"{path}/runs/stream", json=RUN),
                ]

        assert {answer.status_code for answer in answers} == {status}
        assert SECRET not in str([answer.text for answer in answers])
    assert KEY not in caplog.text


async def test_a_run_that_breaks_says_so_without_the_exceptions_text(
    plain: httpx.AsyncClient, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> AsyncIterator[Event]:
        raise RuntimeError(SECRET)
        yield

    monkeypatch.setattr(runner, "stream", broken)
    waited = await plain.post("/runs/wait", json=RUN)
    streamed = await plain.post("/runs/stream", json=RUN)

    assert waited.status_code == 500
    assert "event: error" in streamed.text
    assert SECRET not in waited.text + streamed.text
