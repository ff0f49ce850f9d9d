"""A tiny knowledge with labelled queries, and settings without vectors."""

import json
from pathlib import Path

import pytest

from tests.eval.knowledge import KNOWLEDGE, Write


@pytest.fixture(autouse=True)
def words_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")
    monkeypatch.setenv("COLUMNS", "200")  # the messages are asserted on one line


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    path = tmp_path / "kb.jsonl"
    path.write_text("\n".join(json.dumps(e, ensure_ascii=False) for e in KNOWLEDGE), "utf-8")
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write labelled queries: (query, label, relevant id or "") each."""

    def written(*asked: tuple[str, str, str], split: str = "") -> Path:
        path = tmp_path / "queries.jsonl"
        lines = [
            {
                "qid": f"q{number}",
                "query": query,
                "relevant_ids": [relevant] if relevant else [],
                "label": label,
                "split": split,
            }
            for number, (query, label, relevant) in enumerate(asked)
        ]
        path.write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in lines), "utf-8")
        return path

    return written


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A word of the deployment's own that stands for 运费 and shares no character with it."""
    own = tmp_path / "own.yaml"
    own.write_text("- [运费, 火花]\n", "utf-8")
    monkeypatch.setenv("KEFU_SEARCH__SYNONYMS", str(own))
    return "火花"
