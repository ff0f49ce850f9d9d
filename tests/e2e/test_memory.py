"""Two processes, one conversation: what was said survives a restart."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graph.settings import ROOT
from tests.fakes.kefu import BUSINESS, KNOWLEDGE

TIMEOUT_S = 180


def ask(var: Path, question: str, **options: str) -> dict[str, Any]:
    """Run `python -m ui ask` as a customer of the shell would."""
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    run = subprocess.run(
        ["env", f"KEFU_VAR={var}", f"KEFU_KB={KNOWLEDGE}", "KEFU_EMBED__KIND=none",
         f"KEFU_BUSINESS={BUSINESS}",
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
    ask(var, "吸尘器有几档吸力？", thread="one")
    second = ask(var, "它保修多久？", thread="one")
    stranger = ask(var, "它保修多久？", thread="two")

    assert second["thread_id"] == "one"
    assert taken_as(second) == "吸尘器保修多久？"
    assert taken_as(stranger) != "吸尘器保修多久？"


def taken_as(reply: dict[str, Any]) -> str:
    """Return the entry that was answered from, or offered first."""
    titles = [c["title"] for c in reply["citations"]] or reply["options"]
    return titles[0] if titles else ""


def test_after_a_restart_a_person_still_owns_the_thread(var: Path) -> None:
    handed = ask(var, "转人工", thread="person")
    relayed = ask(var, "退款多久到账？", thread="person")

    assert handed["action"] == "handoff"
    assert (relayed["action"], relayed["text"]) == ("relay", "")
