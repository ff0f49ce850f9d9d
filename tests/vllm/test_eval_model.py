"""`python -m eval model` against a real vLLM server that serves random weights."""

import json
import os
from pathlib import Path

import pytest

from eval.__main__ import main

pytestmark = pytest.mark.vllm


def test_measures_every_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.environ.get("KEFU_TEST_VLLM")  # noqa: TID251 the test's own switch
    if not real:
        pytest.skip("needs a real vLLM server: `make test-vllm`")
    monkeypatch.setenv("KEFU_LLM__BASE_URL", real)
    monkeypatch.setenv("KEFU_LLM__MAX_TOKENS", "64")  # random words end where they are cut
    monkeypatch.setenv("KEFU_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")
    turns = [{"speaker": "user", "text": "How long do refunds take to reach the card?"}]
    text = "Refunds\nRefunds reach the card after 3 working days."
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text(
        json.dumps(
            {
                "task_id": "t1",
                "answerability": "ANSWERABLE",
                "turns": turns,
                "contexts": [{"id": "p1", "text": text}],
            }
        ),
        "utf-8",
    )
    out = tmp_path / "out.json"

    code = main(["model", "--limit", "6", "--mtrag", str(tasks), "--json", str(out)])

    report = json.loads(out.read_text("utf-8"))
    assert code == 0
    for part in ("routing", "mtrag", "rewriting", "grounding"):
        assert report[part]["n"] == report[part]["of"] > 0
    assert report["grounding"]["model_calls"]["odd"] == 0  # its grammar holds random words too
    assert report["mtrag"]["grounded"]["generated"] == 1
