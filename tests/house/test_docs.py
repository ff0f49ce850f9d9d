"""What the pages name exists, and both READMEs show the same commands."""

import re
from pathlib import Path

import pytest

from graph.settings import ROOT

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "data" / "README.md"]
LINK = re.compile(r"\]\((?!http)([^)#\s]*)#?([^)\s]*)\)")
PATH = re.compile(r"`((?:graph|nodes|tools|ui|eval|finetune|data|tests|docs|deploy)/[\w/.-]+)`")
COMMANDS = re.compile(r"^```(?:bash|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_path_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    for place, anchor in LINK.findall(text):
        target = page.parent / place if place else page
        assert target.exists(), place
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor
    assert [path for path in PATH.findall(text) if not (ROOT / path).exists()] == []


def test_both_readmes_show_the_same_commands() -> None:
    shown = [
        [
            re.sub(r"KB=\S+|KNOWLEDGE=\S+", "KB", line.partition("  ")[0])
            for block in COMMANDS.findall((ROOT / name).read_text(encoding="utf-8"))
            for line in block.splitlines()
            if not line.startswith(" " * 8)  # the rest of a comment
        ]
        for name in ("README.md", "README.zh.md")
    ]

    assert shown[0] == shown[1]
