"""What TRL is given: one sample an answer, masked; and what is said of rows that can't be used."""

import json
from pathlib import Path
from typing import Any

import pytest

from finetune.arguments import Method
from finetune.data import Sample, read
from tools.errors import ConfigError


def talk(*said: str, **fields: object) -> dict[str, Any]:
    roles = ("user", "assistant")
    messages = [{"role": roles[at % 2], "content": text} for at, text in enumerate(said)]
    return {"messages": messages, **fields}


def pair(number: int = 1, **fields: object) -> dict[str, Any]:
    return {"prompt": f"{number} 号能退吗", "chosen": "能。[1]", "rejected": "能。", **fields}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def rows_of(folder: Path, method: Method, *rows: object) -> tuple[list[Sample], list[Sample]]:
    return read(method, written(folder, *rows))


def test_every_answer_of_a_dialogue_is_a_sample_after_all_that_was_said_before(
    tmp_path: Path,
) -> None:
    kept, _ = rows_of(tmp_path, "sft", talk("问1", "答1", "问2", "答2"),
                      talk("问3", "答3", split="validation"))  # fmt: skip

    texts = [
        ([m["content"] for m in each["prompt"]], each["completion"][0]["content"]) for each in kept
    ]
    assert texts == [(["问1"], "答1"), (["问1", "答1", "问2"], "答2")]


def test_a_text_may_hold_what_unicode_calls_the_end_of_a_line(tmp_path: Path) -> None:
    row = talk("问\u2028题", "答\x85案")

    kept, _ = rows_of(tmp_path, "sft", row, row | {"split": "validation"})

    assert kept[0]["completion"][0]["content"] == "答\x85案"


def test_thinking_is_off_in_every_sample(tmp_path: Path) -> None:
    for method, row in (("sft", talk("问", "答")), ("dpo", pair()), ("kto", pair())):
        kept, held_out = rows_of(tmp_path, method, row, row | {"split": "validation"})

        assert kept
        for sample in kept + held_out:
            assert sample["chat_template_kwargs"] == {"enable_thinking": False}


def test_personal_data_of_a_foreign_file_is_masked(tmp_path: Path) -> None:
    row = talk("我的电话 13812345678", "请拨 13987654321。")
    kept, held_out = rows_of(tmp_path, "sft", row, row | {"split": "validation"})

    assert not {"13812345678", "13987654321"} & set(str(kept + held_out).split("'"))
    assert "138123" not in str(kept)
    assert "139876" not in str(kept)


def test_plain_texts_become_messages(tmp_path: Path) -> None:
    row = {"prompt": "问", "completion": "答"}
    kept, _ = rows_of(tmp_path, "sft", row, row | {"split": "validation"})

    assert kept[0]["prompt"] == [{"role": "user", "content": "问"}]
    assert kept[0]["completion"] == [{"role": "assistant", "content": "答"}]


def test_a_pair_is_a_liked_and_a_disliked_reply_for_kto_mixed(tmp_path: Path) -> None:
    rows = [pair(n) for n in range(40)]
    kept, held_out = rows_of(tmp_path, "kto", *rows, *(r | {"split": "validation"} for r in rows))

    labels = [sample["label"] for sample in kept]
    assert sum(labels) == len(labels) / 2 == 40
    assert {sample["completion"][0]["content"]: sample["label"] for sample in kept + held_out} == {
        "能。[1]": True,
        "能。": False,
    }
    assert 10 < sum(labels[at] != labels[at + 1] for at in range(79)) < 70  # neither in turn


def test_without_a_split_a_tenth_is_held_out_always_the_same(tmp_path: Path) -> None:
    rows = [talk(f"问{n}", "答") for n in range(40)]

    kept, held_out = rows_of(tmp_path, "sft", *rows)

    assert (len(kept), len(held_out)) == (36, 4)
    again = rows_of(tmp_path, "sft", *reversed(rows))[1]
    assert held_out == again


@pytest.mark.parametrize(
    ("method", "row", "said"),
    [
        ("sft", {"text": "x"}, "expected messages, or prompt and completion, got text"),
        ("sft", pair(), "got prompt, chosen, rejected; this is a file for dpo or kto"),
        ("sft", {"prompt": "问", "completion": "答", "label": True}, "this is a file for kto"),
        ("sft", {"prompt": "问"}, "expected messages, or prompt and completion, got prompt"),
        ("sft", {"prompt": "问", "completion": " "}, "completion: expected a role"),
        ("sft", talk("问"), "last of all, the assistant's answer"),
        ("sft", talk("问", "答", "问"), "last of all, the assistant's answer"),
        ("sft", {"messages": []}, "messages: expected a list of messages"),
        ("sft", {"messages": [{"from": "human"}]}, "messages: expected a role"),
        ("sft", talk("问", "答", split="test"), "split: expected train or validation, got 'test'"),
        ("sft", ["x"], "expected an object"),
        ("dpo", talk("问", "答"), "got messages; this is a file for sft"),
        ("dpo", pair(rejected="能。[1]"), "chosen and rejected: expected two replies"),
        ("dpo", pair(chosen=[]), "chosen: expected a list of messages"),
        ("kto", {"prompt": "问", "completion": "答"}, "this is a file for sft"),
        ("kto", {"prompt": "问", "completion": "答", "label": 1}, "label: expected true or false"),
    ],
)
def test_a_row_that_cant_be_used_is_named(
    method: Method, row: object, said: str, tmp_path: Path
) -> None:
    good = {"sft": talk("问", "答"), "dpo": pair(), "kto": pair()}[method]

    with pytest.raises(ConfigError) as raised:
        rows_of(tmp_path, method, good, row)

    assert "rows.jsonl:2: " in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_no_data(text: str, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(text)

    with pytest.raises(ConfigError, match="expected lines with a row for sft each, found none"):
        read("sft", tmp_path / "rows.jsonl")


def test_what_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{'messages': []}")

    with pytest.raises(ConfigError, match=r"rows\.jsonl:1: "):
        read("sft", tmp_path / "rows.jsonl")


def test_one_row_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="rows to validate with"):
        rows_of(tmp_path, "sft", talk("问", "答"))
