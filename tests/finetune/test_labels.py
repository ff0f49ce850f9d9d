"""Rows to Label Studio and back."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from finetune.__main__ import main
from finetune.data import read
from finetune.labels import FORM
from finetune.prepare import prepare
from tests.finetune.test_prepare import TODAY, entry, written

Task = dict[str, Any]


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    """What goes out, of the sample's rows."""
    kb, rows = written(tmp_path, *(entry(n) for n in range(12))), tmp_path / "sft.jsonl"
    prepare(kb, rows, today=TODAY)
    out = tmp_path / "tasks.json"
    assert main(["labels", "export", "--data", str(rows), "--out", str(out)]) == 0
    found: list[Task] = json.loads(out.read_text("utf-8"))
    return found


def judged(task: Task, verdict: str, answer: str | None = None, **more: object) -> Task:
    """Return the task as Label Studio 1.23 exports it."""
    result = [
        {"id": "a", "from_name": "verdict", "to_name": "passages", "type": "choices",
         "value": {"choices": [verdict]}}
    ]  # fmt: skip
    if answer is not None:
        result.append(
            {"id": "b", "from_name": "answer", "to_name": "passages", "type": "textarea",
             "value": {"text": [answer]}}
        )  # fmt: skip
    return {"id": 7, **task, "annotations": [{"id": 1, "result": result, **more}]}


def imported(folder: Path, *tasks: Task) -> tuple[list[Task], list[Task]]:
    source, rows, pairs = (folder / name for name in ("export.json", "rows.jsonl", "pairs.jsonl"))
    source.write_text(json.dumps(tasks, ensure_ascii=False), "utf-8")
    flags = ["--data", str(source), "--out", str(rows), "--pairs", str(pairs)]
    assert main(["labels", "import", *flags]) == 0
    lines = ([json.loads(line) for line in path.read_text("utf-8").splitlines()]
             for path in (rows, pairs))  # fmt: skip
    return next(lines), next(lines)


def test_a_task_has_every_field_that_the_form_shows(tasks: list[Task]) -> None:
    shown = set(re.findall(r'value="\$(\w+)"', FORM.read_text("utf-8")))

    assert len(tasks) == 24
    for task in tasks:
        assert shown <= task["data"].keys()
        assert task["data"]["passages"].startswith("[1] ")
        assert task["data"]["dialogue"][-1]["role"] == "user"


def test_the_form_names_what_is_read_back() -> None:
    form = ElementTree.fromstring(FORM.read_text("utf-8"))
    names = {tag.get("name") for tag in form.iter()}
    targets = {tag.get("toName") for tag in form.iter()} - {None}

    assert {"answer", "verdict"} <= names
    assert targets <= names
    assert [tag.get("value") for tag in form.iter("Choice")] == ["good", "bad"]


@pytest.mark.filterwarnings("ignore")
def test_the_form_is_one_for_label_studio() -> None:
    objects = pytest.importorskip(
        "label_studio_sdk.label_interface", reason="its SDK is not installed (extra labelstudio)"
    )

    form = objects.LabelInterface(FORM.read_text("utf-8"))
    form.validate()

    assert {"answer", "verdict"} == {control.name for control in form.controls}


def test_a_good_answer_comes_back_as_it_was(tasks: list[Task], tmp_path: Path) -> None:
    rows, pairs = imported(tmp_path, judged(tasks[0], "good"))

    assert [(row["completion"], row["prompt"]) for row in rows] == [
        (tasks[0]["data"]["answer"], tasks[0]["data"]["prompt"])
    ]
    assert pairs == []


def test_a_corrected_answer_is_a_row_and_a_pair(tasks: list[Task], tmp_path: Path) -> None:
    rows, pairs = imported(tmp_path, judged(tasks[0], "bad", "可以退。[1]"))

    assert rows[0]["completion"] == "可以退。[1]"
    assert (pairs[0]["chosen"], pairs[0]["rejected"]) == (
        "可以退。[1]",
        tasks[0]["data"]["answer"],
    )


def test_a_bad_answer_that_nobody_corrected_and_a_cancelled_one_are_left_out(
    tasks: list[Task], tmp_path: Path
) -> None:
    rows, _ = imported(
        tmp_path,
        judged(tasks[0], "bad"),
        judged(tasks[1], "good", was_cancelled=True),
        judged(tasks[2], "good"),
    )

    assert [row["prompt"] for row in rows] == [tasks[2]["data"]["prompt"]]


def test_what_comes_back_can_be_trained_on_masked(tasks: list[Task], tmp_path: Path) -> None:
    said = "请拨 13987654321。[1]"
    imported(tmp_path, *(judged(task, "bad", said) for task in tasks))

    for method, name in (("sft", "rows"), ("dpo", "pairs"), ("kto", "pairs")):
        kept, held_out = read(method, tmp_path / f"{name}.jsonl")  # type: ignore[arg-type]
        assert kept
        assert held_out
    assert "139876" not in (tmp_path / "rows.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "expected tasks with a verdict, found none"),
        ("{", "expected Label Studio's export as JSON"),
        ('[{"data": {}}]', "expected Label Studio's export as JSON"),
        ('{"a": 1}', "expected Label Studio's export as JSON"),
    ],
)
def test_another_file_is_named(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.json").write_text(text)

    code = main(
        ["labels", "import", "--data", str(tmp_path / "x.json"), "--out", str(tmp_path / "o")]
    )

    assert code == 2
    assert said in capsys.readouterr().err
