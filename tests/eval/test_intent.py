"""`python -m eval intent` on a small made-up company, words only."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main

TRAIN = {
    "refund": ["我要退款", "退款多久到账", "钱什么时候退给我", "能退款吗", "退款没收到"],
    "parcel": ["快递到哪了", "包裹几天到", "物流怎么不动", "快递丢了", "查一下物流"],
}
STRANGE = ["今天天气如何", "讲个笑话", "股票涨了没", "写一首诗"]


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")
    monkeypatch.setenv("KEFU_VAR", str(tmp_path / "var"))


def write(path: Path, rows: dict[str, list[str]]) -> str:
    lines = [
        json.dumps({"text": text, "intent": name}) for name, texts in rows.items() for text in texts
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def measure(folder: Path, *more: str) -> tuple[int, dict[str, float]]:
    out = folder / "out.json"
    code = main(["intent", "--train", write(folder / "t", TRAIN), *more, "--json", str(out)])
    return code, json.loads(out.read_text(encoding="utf-8") or "{}")


def test_tells_intents_apart_and_rejects_what_is_none_of_them(tmp_path: Path) -> None:
    known = write(tmp_path / "k", {"refund": ["退款到账要多久"], "parcel": ["快递包裹到哪了"]})
    strange = write(tmp_path / "o", {"oos": STRANGE})

    code, found = measure(
        tmp_path, "--val", known, "--oos-val", strange, "--test", known, "--oos-test", strange
    )

    assert code == 0
    assert (found["n"], found["n_oos"], found["labels"]) == (6, 4, 2)
    assert found["in_scope_accuracy"] == 1.0
    assert found["oos_recall"] >= 0.75
    assert found["accuracy"] == pytest.approx((2 + 4 * found["oos_recall"]) / 6, abs=1e-3)


def test_rows_out_of_scope_count_as_such_in_any_file(tmp_path: Path) -> None:
    mixed = write(tmp_path / "m", {"refund": ["退款到账要多久"], "oos": STRANGE})

    code, found = measure(tmp_path, "--val", mixed, "--test", mixed)

    assert code == 0
    assert (found["n"], found["n_oos"]) == (5, 4)


def test_the_threshold_does_not_depend_on_the_test_part(tmp_path: Path) -> None:
    known = write(tmp_path / "k", {"refund": ["退款到账要多久"], "parcel": ["快递包裹到哪了"]})
    strange = write(tmp_path / "o", {"oos": STRANGE})
    other = write(tmp_path / "x", {"parcel": ["笑话里的物流", "物流", "天气不好快递来吗"]})
    val = ("--val", known, "--oos-val", strange)

    _, first = measure(tmp_path, *val, "--test", known, "--oos-test", strange)
    _, second = measure(tmp_path, *val, "--test", other)

    assert first["threshold"] == second["threshold"]
    assert second["oos_recall"] is None


def test_nothing_is_rejected_where_nothing_out_of_scope_is_known(tmp_path: Path) -> None:
    known = write(tmp_path / "k", {"refund": ["退款到账要多久"], "parcel": ["快递包裹到哪了"]})

    _, found = measure(tmp_path, "--val", known, "--test", known)

    assert found["threshold"] is None
    assert found["in_scope_accuracy"] == found["unrejected_accuracy"]


def test_sentences_out_of_scope_to_learn_from_are_a_label_that_is_never_given(
    tmp_path: Path,
) -> None:
    known = write(tmp_path / "k", {"refund": ["退款到账要多久"], "parcel": ["快递包裹到哪了"]})
    strange = write(tmp_path / "o", {"oos": STRANGE})

    _, found = measure(
        tmp_path, "--oos-train", strange, "--val", known, "--test", known, "--oos-test", strange
    )

    assert found["labels"] == 3
    assert (found["in_scope_accuracy"], found["oos_recall"]) == (1.0, 0.0)  # no threshold: none


def test_folds_need_the_training_part_only(tmp_path: Path) -> None:
    code, found = measure(tmp_path, "--folds", "5")

    assert code == 0
    assert len(found["by_fold"]) == 5
    assert found["accuracy"] == pytest.approx(sum(found["by_fold"]) / 5, abs=1e-3)
    assert found["accuracy"] > 0.5


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no labelled question (JSONDecodeError"),
        ("[]", "(TypeError"),
        ('{"text": "退款"}', "(KeyError: 'intent')"),
        ('{"text": 3, "intent": "refund"}', "text: expected text, got 3"),
    ],
)
def test_a_bad_line_is_named(
    line: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(f'{{"text": "退款", "intent": "refund"}}\n{line}\n', encoding="utf-8")

    assert main(["intent", "--train", str(bad), "--folds", "2"]) == 2

    said = capsys.readouterr().err
    assert f"{bad}:2: " in said
    assert reason in said


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ((), "--val: expected labelled sentences in scope, found none"),
        (("--val", "{strange}", "--test", "{strange}"), "--val: expected labelled sentences"),
        (("--val", "{other}", "--test", "{other}"), "without a training sentence: invoice"),
        (("--val", "/nowhere.jsonl", "--test", "{other}"), "/nowhere.jsonl: can't be read"),
    ],
)
def test_parts_that_do_not_fit_together_exit_2(
    more: tuple[str, ...], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {
        "strange": write(tmp_path / "o", {"oos": STRANGE}),
        "other": write(tmp_path / "x", {"invoice": ["开发票"]}),
    }

    code, _ = measure(tmp_path, *(arg.format(**places) for arg in more))

    assert code == 2
    assert reason in capsys.readouterr().err
