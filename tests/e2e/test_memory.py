"""Two processes, one conversation: what was said survives a restart."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graph.settings import ROOT
from tests.fakes.kefu import KNOWLEDGE

TIMEOUT_S = 90


def ask(var: Path, question: str, **options: str) -> dict[str, Any]:
    """Run `python -m ui ask` as a customer of the shell would."""
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    run = subprocess.run(
        ["env", f"KEFU_VAR={var}", f"KEFU_KB={KNOWLEDGE}", "KEFU_EMBED__KIND=none",
         sys.executable, "-W", "error", "-m", "ui", "ask", "--json", *flags, question],
        capture_output=True, text=True, timeout=TIMEOUT_S, cwd=ROOT, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    reply: dict[str, Any] = json.loads(run.stdout)
    return reply


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


def test_after_a_restart_the_second_question_is_understood_from_the_first(var: Path) -> None:
    ask(var, "电饭煲能煮几杯米？", thread="memory")
    second = ask(var, "它保修多久？", thread="memory")

    understood = [c["title"] for c in second["citations"]] or second["options"]
    assert understood[0] == "电饭煲保修多久？"
    assert second["thread_id"] == "memory"


def test_another_thread_does_not_know_what_was_said(var: Path) -> None:
    ask(var, "电饭煲能煮几杯米？", thread="one")
    other = ask(var, "它保修多久？", thread="two")

    understood = [c["title"] for c in other["citations"]] or other["options"]
    assert understood[:1] != ["电饭煲保修多久？"]


def test_after_a_restart_a_person_still_owns_the_thread(var: Path) -> None:
    handed = ask(var, "转人工", thread="person")
    relayed = ask(var, "退款多久到账？", thread="person")

    assert handed["action"] == "handoff"
    assert (relayed["action"], relayed["text"]) == ("relay", "")
