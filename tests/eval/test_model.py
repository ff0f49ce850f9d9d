"""`python -m eval model` against a server that behaves, and against ones that do not."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from eval.__main__ import main
from eval.model import sample
from eval.mtrag import RIGHT
from eval.told import told
from eval.watch import Generation, Watch, grounded, measured
from graph.settings import ROOT, settings
from tests.eval.knowledge import Write
from tests.fakes.chat import ScriptedChat
from tests.fakes.vllm import FakeVLLM
from tools.errors import ModelUnavailable

Run = Callable[..., tuple[int, dict[str, Any], str]]
LABELS = list(RIGHT)


def task(number: int, label: str) -> dict[str, Any]:
    """A conversation about refunds; what can't be answered has no passage."""
    text = "Refunds\nRefunds reach the card after 3 working days, the bank willing."
    asked = [
        ("user", "How do refunds work?"),
        ("agent", "You ask for one."),
        ("user", "How long do refunds take to reach the card?"),
    ]
    return {
        "task_id": f"t{number}",
        "answerability": label,
        "turns": [{"speaker": speaker, "text": said} for speaker, said in asked],
        "contexts": [] if label == "UNANSWERABLE" else [{"id": f"p{number}", "text": text}],
    }


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.jsonl"
    lines = [json.dumps(task(number, label)) for number, label in enumerate(LABELS)]
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture
def run(
    kb: Path,
    write: Write,
    tasks: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the command on small files: exit code, report, and all that was printed."""

    def ran(url: str, *more: str, **env: str) -> tuple[int, dict[str, Any], str]:
        for name, value in {"LLM__BASE_URL": url, **env}.items():
            monkeypatch.setenv(f"KEFU_{name}", value)
        settings.cache_clear()
        queries = write(
            ("退款多久到账", "answerable", "refund"),
            ("退款大概多久能到账呢亲", "answerable", "refund"),
            ("今天天气怎么样", "offdomain", ""),
            ("转人工", "handoff", ""),
        )
        talk = {
            "qid": "d1",
            "history": [{"role": "user", "content": "退款多久到账？"}],
            "query": "那运费谁出？",
            "relevant_ids": ["freight"],
        }
        dialogues, out = tmp_path / "dialogues.jsonl", tmp_path / "out.json"
        dialogues.write_text(json.dumps(talk, ensure_ascii=False), "utf-8")
        places = {"kb": kb, "queries": queries, "dialogues": dialogues, "mtrag": tasks}
        options = [part for name, path in places.items() for part in (f"--{name}", str(path))]
        row = {"prompt": "退款多久到账？", "completion": "三天。", "split": "validation"}
        lines = [json.dumps(row | {"split": split}) for split in ("train", "validation")]
        (tmp_path / "rows.jsonl").write_text("\n".join(lines), "utf-8")
        options += ["--rows", str(tmp_path / "rows.jsonl")]
        options += ["--json", str(out), "--markdown", str(tmp_path / "out.md")]
        code = main(["model", *options, "--limit", "12", *more])
        printed = capsys.readouterr()
        report = json.loads(out.read_text("utf-8")) if out.stat().st_size else {}
        return code, report, printed.out + printed.err

    return ran


@pytest.fixture
def fake() -> Iterator[FakeVLLM]:
    with FakeVLLM() as server:
        yield server


def test_measures_every_part_against_a_server(run: Run, fake: FakeVLLM, tmp_path: Path) -> None:
    code, report, printed = run(fake.url)

    assert code == 0, printed
    for part in ("routing", "mtrag", "rewriting", "grounding", "answers"):
        assert report[part]["n"] == report[part]["of"] > 0
        assert not report[part]["lost"]
    assert {"false_refusal", "wrongly_answered", "by_label"} <= set(report["routing"])
    assert set(report["mtrag"]["by_class"]) == set(LABELS)
    assert report["mtrag"]["by_class"]["UNANSWERABLE"]["as_served"] == {"refused": 1}
    assert report["mtrag"]["by_class"]["ANSWERABLE"]["given"] == {"answered": 1}
    assert report["mtrag"]["grounded"]["first"] == 1.0
    assert report["mtrag"]["rewriting"]["n"] == 3
    assert {"r_at_1", "r_at_5", "mrr_at_10"} <= set(report["rewriting"])
    assert {"recall", "recall_by_kind", "false_alarms"} <= set(report["grounding"])
    assert report["grounding"]["by_model"]["recall"] == 0.0  # the fake says yes to everything
    written = (tmp_path / "out.md").read_text("utf-8")
    assert "| wrongly_answered |" in written
    assert "| answerable | answered | refused |" in written
    assert "| UNANSWERABLE | as served | 1 | 0 | 1 | 0 | 0 | 1.000 |" in written


def test_asks_for_a_model_where_none_is_set(run: Run) -> None:
    code, _, printed = run("")

    assert code == 2
    assert "KEFU_LLM__BASE_URL: expected a model's /v1 address" in printed


def test_says_that_no_server_is_there(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"

    code, report, printed = run(url)

    assert (code, report) == (2, {})
    assert url in printed
    assert "check KEFU_LLM__BASE_URL" in printed


def test_names_the_models_of_a_server_that_has_another(run: Run, fake: FakeVLLM) -> None:
    code, _, printed = run(fake.url, LLM__MODEL="qwen4")

    assert code == 2
    assert "models there: qwen3-14b" in printed


class WebPage(BaseHTTPRequestHandler):
    """Answers everything with a page, as a proxy's log-in does."""

    def do_POST(self) -> None:
        body = b"<html>Please sign in</html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


def test_says_that_a_web_page_is_no_model(run: Run) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), WebPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code, _, printed = run(f"http://127.0.0.1:{server.server_port}/v1")
        server.shutdown()

    assert code == 2
    assert "check KEFU_LLM__BASE_URL" in printed


class Mortal(FakeVLLM):
    """Dies for good after some answers; `how` is the switch that says of what."""

    def __init__(self, answers: int, how: Mapping[str, Any]) -> None:
        super().__init__()
        self._left, self._how = answers, how

    async def _chat(self, request: Request) -> Response:
        self._left -= 1
        if self._left < 0:
            for name, value in self._how.items():
                setattr(self.switches, name, value)
        return await super()._chat(request)


@pytest.mark.parametrize(
    "how", [{"status": 503}, {"is_hanging": True}, {"cut_after": 2}, {"is_empty": True}]
)
def test_keeps_what_was_measured_before_the_server_died(
    how: dict[str, Any], run: Run, tmp_path: Path
) -> None:
    with Mortal(3, how) as server:
        waits_s = "3" if "is_hanging" in how else "60"
        code, report, printed = run(server.url, LLM__FIRST_TOKEN_TIMEOUT_S=waits_s)

    assert code == 1, printed
    assert report["routing"]["n"] == 4
    assert report["stopped"].startswith("the model stopped answering: chat model qwen3-14b")
    assert 0 < report["mtrag"]["lost"] <= 3
    assert report["grounding"] == {"skipped": report["stopped"]}
    assert "Not measured: the model stopped answering" in (tmp_path / "out.md").read_text("utf-8")


def test_counts_answers_in_another_form(run: Run, fake: FakeVLLM) -> None:
    fake.switches.is_unbound = True

    code, report, _ = run(fake.url, "--parts", "grounding")

    assert code == 0
    assert report["grounding"]["model_calls"]["odd"] == report["grounding"]["n"] == 12
    assert report["grounding"]["by_model"]["recall"] == 0.0
    assert report["routing"] == {"skipped": "not asked for"}


def test_the_model_reads_the_whole_conversation_of_a_task(run: Run, fake: FakeVLLM) -> None:
    run(fake.url, "--parts", "mtrag")

    roles = [[said["role"] for said in request["messages"]] for request in fake.requests]
    assert ["system", "user", "assistant", "user"] in roles


def test_leaves_out_tasks_that_are_not_there(run: Run, fake: FakeVLLM, tasks: Path) -> None:
    tasks.unlink()

    code, report, _ = run(fake.url, "--parts", "mtrag")

    assert code == 0
    assert report["mtrag"] == {"skipped": f"{tasks}: no such file"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answerability": "EASY"}, "no mt-rag task (ValueError: answerability: expected one of"),
        ({"turns": [{"speaker": "agent", "text": "Hi"}]}, "no mt-rag task (ValueError: turns"),
        ({"turns": [{"speaker": "cat", "text": "Hi"}]}, "no mt-rag task (KeyError: 'cat'"),
        ({"contexts": None}, "no mt-rag task (TypeError"),
    ],
)
def test_names_a_bad_task_before_the_work(
    change: dict[str, Any], reason: str, run: Run, tasks: Path
) -> None:
    tasks.write_text(json.dumps(task(1, "PARTIAL") | change), "utf-8")

    code, _, printed = run("http://127.0.0.1:9/v1")

    assert code == 2
    assert f"{tasks}:1: {reason}" in printed


@pytest.mark.parametrize(
    ("reply", "comes_to"),
    [
        ("退款 3 个工作日到账。[1]", "answered"),
        ("资料里没有提到。", "refused"),
        ("抱歉，资料中没有提到运费由谁承担。还有什么可以帮您？", "refused"),
        ("资料里没有提到运费。退款 3 个工作日到账。[1]", "answered"),
        ("请问您说的是哪个型号？", "asked_back"),
        ("I am sorry, but the documents do not mention that.", "refused"),
        ("The passages don't provide any hotel names.", "refused"),
        ("There are several prime ministers. Which one are you referring to?", "asked_back"),
        ("Vanguard has low fees [1]. The exact figure is not specified.", "answered"),
        ("You can not return opened goods [2].", "answered"),
        ("", "refused"),
    ],
)
def test_tells_answers_from_words_without_one(reply: str, comes_to: str) -> None:
    assert told(reply) == comes_to


def test_a_sample_takes_every_kind_in_turn() -> None:
    rows = ["a1", "a2", "a3", "b1", "c1", "c2"]

    assert sample(rows, 5, lambda row: row[0]) == ["a1", "b1", "c1", "a2", "c2"]
    assert sample(rows, None, lambda row: row[0]) == rows


def test_counts_how_answers_stood_the_checks() -> None:
    turns: Sequence[list[Generation]] = [
        [Generation("好", "whole")],
        [Generation("坏", "stopped"), Generation("好", "whole")],
        [Generation("坏", "stopped"), Generation("坏", "stopped")],
        [],
        [Generation("好", "whole")],
    ]

    assert grounded(turns) == {"generated": 4, "first": 0.5, "second": 0.25, "quoted": 0.25}


async def test_leaves_out_a_row_without_an_answer_and_goes_on() -> None:
    watch = Watch(ScriptedChat(["一", ModelUnavailable("away"), "三"]))

    async def ask(row: int) -> str:
        return "".join([piece async for piece in watch.stream([])])

    result = await measured([1, 2, 3], ask, watch)

    assert result.done == [(1, "一"), (3, "三")]
    assert result.note() == {"n": 2, "of": 3, "lost": 1, "stopped": ""}


def test_the_shared_tasks_can_be_read() -> None:
    path = ROOT.parent / "shared" / "data" / "mtrag_un" / "dev.jsonl"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    from eval.mtrag import read_tasks

    assert {row["label"] for row in read_tasks(path)} == set(LABELS)
