"""The fake server answers as the real one: the same raw requests to both, the same facts back."""

import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.vllm import FakeVLLM

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "怎么退款?"}]
NO_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}
METRICS = (
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:kv_cache_usage_perc",
    "vllm:time_to_first_token_seconds_count",
)


@pytest.fixture(scope="module", params=["fake", pytest.param("real", marks=pytest.mark.vllm)])
def server(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    if request.param == "fake":
        with FakeVLLM(max_model_len=4096) as fake, httpx.Client(base_url=fake.url[:-3]) as client:
            yield client
        return
    real = os.environ.get("KEFU_TEST_VLLM")  # noqa: TID251 the test's own switch
    if not real:
        pytest.skip("needs a real vLLM server: `make test-vllm`")
    with httpx.Client(base_url=real.removesuffix("/v1"), timeout=60.0) as client:
        yield client


def ask(server: httpx.Client, **fields: object) -> httpx.Response:
    body = {"model": "qwen3-14b", "messages": MESSAGES, "max_completion_tokens": 32}
    return server.post(CHAT, json=body | {"temperature": 0} | fields)


def choice_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200
    choice: dict[str, Any] = answer.json()["choices"][0]
    return choice


def events_of(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_says_the_role_first_and_how_it_ended_last(server: httpx.Client) -> None:
    events = events_of(ask(server, stream=True, **NO_THINKING))

    choices = [event["choices"][0] for event in events]
    assert choices[0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(c["delta"].get("content", "") for c in choices)
    assert [c["finish_reason"] for c in choices if c["finish_reason"]] in (["stop"], ["length"])


def test_sends_the_usage_as_a_last_event_without_choices(server: httpx.Client) -> None:
    events = events_of(
        ask(server, stream=True, stream_options={"include_usage": True}, **NO_THINKING)
    )

    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] > 0
    assert all(event.get("usage") is None for event in events[:-1])


def test_calls_a_thought_reasoning_and_leaves_no_content_when_it_takes_all_tokens(
    server: httpx.Client,
) -> None:
    choice = choice_of(ask(server, max_completion_tokens=4))

    assert choice["message"]["content"] is None
    assert choice["message"]["reasoning"]
    assert "reasoning_content" not in choice["message"]
    assert choice["finish_reason"] == "length"


def test_streams_a_thought_as_reasoning(server: httpx.Client) -> None:
    events = events_of(ask(server, stream=True, max_completion_tokens=4))

    assert any("reasoning" in event["choices"][0]["delta"] for event in events)


def test_does_not_think_when_told_so(server: httpx.Client) -> None:
    message = choice_of(ask(server, **NO_THINKING))["message"]

    assert message["content"]
    assert message["reasoning"] is None


def test_keeps_to_the_choice(server: httpx.Client) -> None:
    fields = {"structured_outputs": {"choice": ["退款", "物流"]}}

    assert choice_of(ask(server, **fields, **NO_THINKING))["message"]["content"] in ("退款", "物流")


def test_ignores_the_old_guided_choice_without_a_word(server: httpx.Client) -> None:
    message = choice_of(ask(server, guided_choice=["退款", "物流"], **NO_THINKING))["message"]

    assert message["content"] not in ("退款", "物流")


def test_keeps_to_the_json_schema(server: httpx.Client) -> None:
    schema = {
        "type": "object",
        "properties": {"intent": {"enum": ["a", "b"]}, "is_sure": {"type": "boolean"}},
        "required": ["intent", "is_sure"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "form", "schema": schema}}

    choice = choice_of(ask(server, response_format=form, max_completion_tokens=64, **NO_THINKING))

    answer = json.loads(choice["message"]["content"])
    assert set(answer) == {"intent", "is_sure"}
    assert answer["intent"] in ("a", "b")


@pytest.mark.parametrize(
    ("fields", "status", "kind"),
    [
        ({"model": "qwen4"}, 404, "NotFoundError"),
        ({"messages": [{"role": "user", "content": "退款" * 5000}]}, 400, "BadRequestError"),
        ({"max_completion_tokens": 5000}, 400, "BadRequestError"),
        ({"structured_outputs": {"choice": []}}, 400, "BadRequestError"),
    ],
)
def test_refuses_what_it_cannot_do(
    server: httpx.Client, fields: dict[str, object], status: int, kind: str
) -> None:
    answer = ask(server, **fields)

    assert answer.status_code == status
    assert answer.json()["error"]["type"] == kind
    assert answer.json()["error"]["code"] == status


def test_names_its_models_with_their_context_length(server: httpx.Client) -> None:
    models = server.get("/v1/models").json()["data"]

    assert [(m["id"], m["max_model_len"]) for m in models] == [("qwen3-14b", 4096)]


def test_counts_tokens(server: httpx.Client) -> None:
    answer = server.post("/tokenize", json={"model": "qwen3-14b", "prompt": "退款"}).json()

    assert answer["count"] == len(answer["tokens"]) > 0
    assert answer["max_model_len"] == 4096


def test_is_healthy_and_measures_itself(server: httpx.Client) -> None:
    assert server.get("/health").status_code == 200
    text = server.get("/metrics").text

    assert [m for m in METRICS if f"{m}{{" in text] == list(METRICS)
