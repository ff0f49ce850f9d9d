"""False and true sentences, counted."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.grounding import grounding
from graph.settings import ROOT

CASE = {
    "case": "c1",
    "kind": "number",
    "sentence": "满 89 元包邮。",
    "evidence": ["运费\n满 99 元包邮。"],
    "is_faithful": False,
}


def test_counts_recall_by_kind_and_false_alarms(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    promise = {**CASE, "kind": "promise", "sentence": "不满的自己付。"}
    fine = {**CASE, "kind": "paraphrase", "sentence": "满99元包邮。", "is_faithful": True}
    alarm = {**fine, "sentence": "满 100 元包邮。"}
    rows = [CASE, promise, fine, alarm]
    cases.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    result = grounding(cases)

    assert (result["recall"], result["false_alarms"]) == (0.5, 0.5)
    assert result["recall_by_kind"] == {"number": 1.0, "promise": 0.0}


def test_a_figure_of_the_question_is_the_customer_s_own(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    told = {**CASE, "sentence": "您实付 80 元，没到 99 元。", "is_faithful": True}
    rows = [told, {**told, "question": "80 块的东西包邮吗？"}]
    cases.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    assert grounding(cases)["false_alarms"] == 0.5


def test_our_set_is_judged_as_well_as_promised() -> None:
    result = grounding(ROOT / "data" / "eval" / "grounding.jsonl")

    sure = ("number", "date", "link", "code", "promise")
    assert min(result["recall_by_kind"][kind] for kind in sure) >= 0.95
    assert result["recall"] >= 0.8
    assert result["false_alarms"] <= 0.05


def test_sentences_written_blind_are_judged_as_well() -> None:
    result = grounding(ROOT / "data" / "eval" / "grounding_later.jsonl")

    assert result["recall"] >= 0.8
    assert result["false_alarms"] <= 0.05


def test_sentences_of_a_third_writer_are_judged_with_their_questions() -> None:
    result = grounding(ROOT / "data" / "eval" / "grounding_own.jsonl")

    assert result["recall"] >= 0.8
    assert result["false_alarms"] <= 0.05


def test_english_sentences_are_judged_too() -> None:
    result = grounding(ROOT / "data" / "eval" / "grounding_en_later.jsonl")

    assert result["recall"] >= 0.8
    assert result["false_alarms"] <= 0.05


def test_yes_for_no_is_noticed_in_sentences_the_checks_were_not_made_for() -> None:
    result = grounding(ROOT / "tests" / "data" / "grounding" / "negations.jsonl")

    assert result["recall"] >= 0.8
    assert result["false_alarms"] <= 0.05


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"evidence": "满 99 元"}, "evidence: expected a list of texts"),
        ({"is_faithful": "no"}, "is_faithful: expected true or false"),
        ({"sentence": 3}, "sentence: expected text"),
        ({"question": None}, "question: expected text"),
    ],
)
def test_a_bad_case_is_named_with_its_line(
    changed: dict[str, object],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps({**CASE, **changed}), encoding="utf-8")

    assert main(["grounding", "--cases", str(cases)]) == 2

    assert f"{cases}:1: no grounding case" in (err := capsys.readouterr().err)
    assert reason in err


def test_sentences_are_listed_where_they_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps({**CASE, "sentence": "不满的自己付。"}), encoding="utf-8")

    main(["grounding", "--cases", str(cases)])
    figures = capsys.readouterr().out
    main(["grounding", "--cases", str(cases), "--misses"])
    listed = capsys.readouterr().out

    assert json.loads(figures)["recall"] == 0
    assert "不满的自己付" not in figures
    assert "不满的自己付" in listed
