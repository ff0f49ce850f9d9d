"""The folders are top-level packages with common names: nobody else may claim them."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from graph.settings import ROOT

OURS = {"graph", "nodes", "tools", "ui", "eval", "finetune", "tests"}
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-ci.lock"]
HEAVY = {"torch", "transformers", "vllm", "flagembedding", "sentence-transformers"}
SLOW = ("gradio", "torch", "elasticsearch", "langchain_openai")
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(\[[^]]*\])?==\S+.*\\$")


def blocks(lock: str) -> list[str]:
    """Return the requirements of a lock file, each with its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return re.split(r"\n(?=\S)", text.strip())


def test_no_other_distribution_claims_our_names() -> None:
    owners = packages_distributions()

    claims = {name: set(owners.get(name, ())) - {"kefu"} for name in OURS}

    assert {name: who for name, who in claims.items() if who} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_pins_a_version_with_hashes(lock: str) -> None:
    bad = [block for block in blocks(lock) if not PIN.match(block.splitlines()[0])]
    bad += [block for block in blocks(lock) if "--hash=sha256:" not in block]

    assert bad == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert re.findall(r"\S*(?:https?:|file:|git\+| @ )\S*", text) == []
    assert re.findall(r"^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links).*", text, re.M) == []


def test_the_core_stays_light() -> None:
    pinned = {block.partition("==")[0].partition("[")[0].lower() for block in blocks(LOCKS[0])}

    assert pinned & HEAVY == set()


def test_the_development_lock_holds_the_core_and_the_checks_lock_only_what_it_lacks() -> None:
    core, dev, checks = ({block.split()[0] for block in blocks(lock)} for lock in LOCKS)
    names = [{pin.partition("==")[0] for pin in pins} for pins in (dev, checks)]

    assert core - dev == set()
    assert names[0] & names[1] == set()


def test_importing_the_machine_loads_nothing_slow() -> None:
    script = f"import sys, graph.build; sys.exit(str([m for m in {SLOW} if m in sys.modules]))"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)

    assert done.stderr.strip() == "[]"


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout
