from importlib.resources import files
from pathlib import Path

import pytest

from nodes import prompts
from tools.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in prompts.PLACEHOLDERS:
        text = files(prompts).joinpath(f"{name}.md").read_text(encoding="utf-8")
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_prompt_has_the_placeholders_that_it_is_given() -> None:
    prompts.check()

    assert {p.name for p in files(prompts).iterdir() if p.name.endswith(".md")} == {
        f"{name}.md" for name in prompts.PLACEHOLDERS
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [("$passages", ""), ("$passages", "$passages $price"), ("$passages", "$passages 5$")],
)
def test_a_prompt_with_other_placeholders_stops_the_start(
    folder: Path, before: str, after: str
) -> None:
    page = folder / "judge.md"
    page.write_text(page.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")

    with pytest.raises(ConfigError, match=r"judge\.md: expected \$passages, got"):
        prompts.check(folder)


def test_a_prompt_that_is_missing_is_named(folder: Path) -> None:
    (folder / "retry.md").unlink()

    with pytest.raises(ConfigError, match=r"retry\.md"):
        prompts.check(folder)


def test_a_value_too_few_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="choices"):
        prompts.render("intent")
