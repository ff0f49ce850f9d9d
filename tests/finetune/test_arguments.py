"""The command line: help, and clear words where something is missing."""

import json
from pathlib import Path

import pytest
import yaml

from finetune.__main__ import main
from finetune.arguments import CONFIGS, METHODS


def rows(folder: Path) -> str:
    path = folder / "rows.jsonl"
    row = {"prompt": "问", "completion": "答", "split": "train"}
    lines = [json.dumps(row | {"split": split}) for split in ("train", "validation")]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    "command",
    [
        *("", "prepare", "preferences", "sft", "dpo", "kto", "merge", "quantize", "judge"),
        *("labels", "labels export", "labels import"),
    ],
)
def test_help_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])

    assert ended.value.code == 0
    assert "usage: python -m finetune" in capsys.readouterr().out


@pytest.mark.parametrize("method", METHODS)
def test_the_recipe_keeps_the_best_and_reports_to_nobody(method: str) -> None:
    recipe = yaml.safe_load((CONFIGS / f"{method}.yaml").read_text("utf-8"))

    assert recipe["load_best_model_at_end"] is True
    assert recipe["metric_for_best_model"] == "eval_loss"
    assert recipe["lora_target_modules"] == ["all-linear"]
    assert recipe["report_to"] == "none"
    assert isinstance(recipe["learning_rate"], float)  # 1e-4 without a point is a text in YAML


def test_training_without_trl_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.train.find_spec", lambda name: None if name == "trl" else name)

    assert main(["sft", "--data", rows(tmp_path), "--model", "m", "--out", "o"]) == 2

    assert capsys.readouterr().err == "trl: not installed; pip install '.[finetune]'\n"


def test_rows_are_read_before_anything_heavy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.train.find_spec", lambda _: None)

    assert main(["sft", "--data", str(tmp_path / "no.jsonl"), "--model", "m"]) == 2

    assert "no.jsonl" in capsys.readouterr().err


def test_quantizing_without_its_package_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.train.find_spec", lambda _: None)
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")

    code = main(
        ["quantize", "--model", str(model), "--scheme", "fp8", "--out", str(tmp_path / "o")]
    )

    assert code == 2
    assert "llmcompressor: not installed; pip install '.[quantize]'" in capsys.readouterr().err


def test_an_unknown_scheme_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["quantize", "--model", "m", "--scheme", "int3", "--out", "o"])

    assert ended.value.code == 2
    assert "choose from" in (told := capsys.readouterr().err)
    assert "fp8" in told


def test_an_adapter_is_no_whole_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "adapter").mkdir()
    model = str(tmp_path / "adapter")

    assert main(["quantize", "--model", model, "--scheme", "fp8", "--out", f"{model}/o"]) == 2

    assert "expected a whole model's folder, merged first" in capsys.readouterr().err


def test_what_is_merged_is_an_adapter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", "--adapter", str(tmp_path), "--out", str(tmp_path / "o")]) == 2

    assert "adapter_config.json" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["merge --adapter a", "quantize --model m --scheme fp8"])
def test_nothing_is_written_over(
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "adapter_config.json").write_text("{}")

    assert main([*command.split(), "--out", "a"]) == 2

    assert "a: expected a new or empty folder" in capsys.readouterr().err


def test_only_training_takes_more_flags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["prepare", "--kb", "x", "--out", "y", "--max_steps", "3"])

    assert "unrecognized arguments: --max_steps 3" in capsys.readouterr().err
