"""What an operator may set, and that every page says so."""

import re
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from graph.settings import ROOT, Settings, settings
from graph.settings_table import misnamed, table, variables

NAME = re.compile(r"^#? ?(KEFU_\w+)=(.*)$", re.MULTILINE)


def example() -> list[tuple[str, str]]:
    return NAME.findall((ROOT / ".env.example").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in variables():
        monkeypatch.delenv(variable.name, raising=False)


def test_the_example_file_has_every_setting_once_with_its_default() -> None:
    assert sorted(example()) == sorted((v.name, v.default) for v in variables())


def test_the_example_file_changes_nothing_when_copied(tmp_path: Path) -> None:
    copied = tmp_path / ".env"
    copied.write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")

    assert Settings(_env_file=copied) == Settings()  # type: ignore[call-arg] # its plugin knows


def test_every_line_of_the_example_file_is_valid(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = (f"{name}={value}" for name, value in example())
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(ROOT)

    read = Settings(_env_file=tmp_path / ".env")  # type: ignore[call-arg] # its plugin knows

    assert read.kb.resolve() == Settings().kb
    assert read.model_copy(update=dict.fromkeys(("var", "kb", "policy", "business"))) == (
        Settings().model_copy(update=dict.fromkeys(("var", "kb", "policy", "business")))
    )


def test_the_table_in_the_docs_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == table()


def test_every_setting_says_what_it_means() -> None:
    assert [v.name for v in variables() if not v.meaning] == []


def test_an_empty_value_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_LLM__BASE_URL", "")

    assert Settings().llm.base_url is None


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("KEFU_TENANT=file\nKEFU_LOCALE=en", encoding="utf-8")
    monkeypatch.setenv("KEFU_TENANT", "environment")

    read = Settings(_env_file=tmp_path / ".env")  # type: ignore[call-arg] # its plugin knows

    assert (read.tenant, read.locale) == ("environment", "en")


def test_an_unknown_name_in_a_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_LLM__BASEURL", "http://127.0.0.1:8000/v1")

    with pytest.raises(ValidationError, match="baseurl"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KEFU_LLM__TIMEOUT_S", "-1", "KEFU_LLM__TIMEOUT_S: .*greater than 0"),
        ("KEFU_EDITORS", '{"anna": "-1"}', "KEFU_EDITORS__ANNA: .*at least 8"),
        ("KEFU_EDITORS", "anna:-1", "JSON.*editors"),
        ("KEFU_LLM__API_KEY", "-1\n", "KEFU_LLM__API_KEY: .*line's end"),
        ("KEFU_METRICS_KEY", "-1é", "KEFU_METRICS_KEY: .*ASCII"),
        ("KEFU_TIMEZONE", "Mars/Base-1", "KEFU_TIMEZONE: .*Europe/Berlin"),
        ("KEFU_TIMEZONE", "../-1", "KEFU_TIMEZONE: .*Europe/Berlin"),
        ("KEFU_API__KEYS", '{"shop": "-1 of a long key "}', "KEFU_API__KEYS.*ASCII"),
        ("KEFU_API__ORIGINS", '["https://a.test/-1"]', "KEFU_API__ORIGINS"),
    ],
)
def test_a_wrong_value_is_told_by_variable_and_never_shown(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=said) as told:
        settings.__wrapped__()

    assert "-1" not in str(told.value)


def test_knowledge_of_two_folders_is_never_mixed(tmp_path: Path) -> None:
    here, there = (Settings(kb=tmp_path / name / "kb") for name in ("here", "there"))

    assert here.index_folder != there.index_folder


def test_the_demo_shop_is_open_beside_the_samples_knowledge_alone(tmp_path: Path) -> None:
    mounted = shutil.copytree(ROOT / "data" / "kb", tmp_path / "knowledge")
    other = tmp_path / "faq.jsonl"
    other.touch()

    records = [Settings(kb=kb).shop_records for kb in (Settings().kb, mounted, other, tmp_path)]

    assert records == [ROOT / "data" / "business"] * 2 + [None] * 2
    assert Settings(kb=other, business=tmp_path).shop_records == tmp_path


def test_a_tenant_whose_threads_could_be_anothers_is_refused() -> None:
    with pytest.raises(ValidationError, match="tenant"):
        Settings(tenant="default/b")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("KEFU_LLM_BASE_URL", "KEFU_LLM__BASE_URL?"),
        ("KEFU_EDITOR", "KEFU_EDITORS?"),
        ("KEFU_PROT", "KEFU_PORT?"),
        ("KEFU_SERVICE_HOST", "changes nothing"),
    ],
)
def test_a_name_that_nothing_reads_is_told_with_the_one_that_is_meant(
    given: str, told: str
) -> None:
    [line] = misnamed([given, "PATH", "KEFU_LLM__BASE_URL"])

    assert line.startswith(f"{given} is no setting")
    assert line.endswith(told)


def test_a_group_given_as_json_counts_and_is_not_misnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_LLM", '{"model": "m"}')

    assert Settings().llm.model == "m"
    assert misnamed(["KEFU_LLM"]) == []


def test_no_setting_is_taken_for_misnamed() -> None:
    assert misnamed(variable.name for variable in variables()) == []
