"""Preference pairs: one right reply, one that fails as its kind says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from finetune.__main__ import main
from finetune.preference import KINDS, Preference, preferences
from finetune.prepare import prepare
from nodes.rules.checking.faithful import faults
from nodes.rules.promises import claims
from nodes.rules.wording.sentences import split
from tests.finetune.test_prepare import TODAY, entry, written


def pairs_of(folder: Path, *entries: dict[str, Any], limit: int = 0) -> list[Preference]:
    return preferences(written(folder, *entries), folder / "out.jsonl", today=TODAY, limit=limit)


def said(pair: Preference) -> tuple[str, str]:
    return pair["chosen"][0]["content"], pair["rejected"][0]["content"]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Preference]:
    return pairs_of(tmp_path_factory.mktemp("kb"), *(entry(n) for n in range(12, 28)))


def of_kind(pairs: list[Preference], kind: str) -> list[Preference]:
    return [pair for pair in pairs if pair["kind"] == kind]


def test_every_wording_has_a_pair_of_every_kind(pairs: list[Preference]) -> None:
    assert {kind: len(of_kind(pairs, kind)) for kind in KINDS} == dict.fromkeys(KINDS, 32)


def test_the_prompt_is_the_answer_nodes_and_thinking_is_off(pairs: list[Preference]) -> None:
    for pair in pairs:
        system, user = pair["prompt"]
        assert system["content"].startswith("你是本公司的客服助手")
        assert user["role"] == "user"
        assert pair["chat_template_kwargs"] == {"enable_thinking": False}


def test_another_figure_is_one_that_the_checks_notice(pairs: list[Preference]) -> None:
    for pair in of_kind(pairs, "figure"):
        chosen, rejected = said(pair)
        passages = re.findall(
            r'<资料 编号="\d">\n(.*?)\n</资料>', pair["prompt"][0]["content"], re.S
        )
        assert re.sub(r"\d+", "", chosen) == re.sub(r"\d+", "", rejected)
        assert re.findall(r"\[\d\]", chosen) == re.findall(r"\[\d\]", rejected)
        assert any(faults(sentence, passages) for sentence in split(rejected)[0])


def test_an_uncited_reply_says_the_same_without_marks(pairs: list[Preference]) -> None:
    for pair in of_kind(pairs, "uncited"):
        chosen, rejected = said(pair)
        assert re.sub(r"\[\d\]", "", chosen) == rejected != chosen


def test_a_withheld_passage_is_answered_by_the_rejected_reply_alone(
    pairs: list[Preference],
) -> None:
    for pair in of_kind(pairs, "answered"):
        chosen, rejected = said(pair)
        assert "资料里没有提到" in chosen
        assert "天内可退" in rejected
        first = rejected.partition("[")[0]
        assert first not in pair["prompt"][0]["content"]


def test_a_refusal_is_rejected_where_the_passage_is_there(pairs: list[Preference]) -> None:
    for pair in of_kind(pairs, "refused"):
        chosen, rejected = said(pair)
        assert "资料里没有提到" in rejected
        assert chosen.partition("[")[0] in pair["prompt"][0]["content"]


def test_a_promise_is_one_that_the_checks_hear(pairs: list[Preference]) -> None:
    for pair in of_kind(pairs, "promise"):
        chosen, rejected = said(pair)
        assert claims(rejected)
        assert not claims(chosen)


def test_an_english_question_gets_english_failures(tmp_path: Path) -> None:
    english = entry(
        15,
        question="How long can I return it?",
        similar_questions=[],
        answer="Within 15 days. Apply on the order page.",
    )

    pairs = pairs_of(tmp_path, english, entry(16))

    by_kind = {p["kind"]: said(p) for p in pairs if p["id"].startswith("e15#")}
    assert by_kind["refused"][1] == "Sorry, the material does not mention this."
    assert claims(by_kind["promise"][1])
    assert not re.search("[一-鿿]", by_kind["promise"][1])


def test_an_answer_without_figures_has_no_pair_with_another(tmp_path: Path) -> None:
    plain = entry(15, similar_questions=[], answer="请在订单页申请。")

    pairs = pairs_of(tmp_path, plain, entry(16))

    kinds = {pair["kind"] for pair in pairs if pair["id"].startswith("e15#")}
    assert kinds == set(KINDS) - {"figure"}


def test_entries_are_split_as_for_sft(tmp_path: Path) -> None:
    entries = [entry(n) for n in range(40)]
    rows = prepare(written(tmp_path, *entries), tmp_path / "sft.jsonl", today=TODAY)
    splits = {row["id"]: row["split"] for row in rows}

    pairs = pairs_of(tmp_path, *entries)

    assert {splits[pair["id"].split()[0]] == pair["split"] for pair in pairs} == {True}
    assert {pair["split"] for pair in pairs} == {"train", "validation"}


def test_nothing_private_and_nothing_internal_is_in_a_pair(tmp_path: Path) -> None:
    private = entry(15, question="我是 13812345678，怎么退？", answer="7 天内请拨 13987654321。")
    internal = entry(16, audience="internal", answer="底价 88 元。")

    pairs_of(tmp_path, private, internal, entry(17))

    wrote = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert wrote
    assert not re.search("138123|139876|底价", wrote)


def test_the_limit_keeps_the_head_of_the_same_order(tmp_path: Path) -> None:
    entries = [entry(n) for n in range(15, 20)]
    everything = pairs_of(tmp_path, *entries)

    some = pairs_of(tmp_path, *reversed(entries), limit=7)

    assert some == everything[:7]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == some


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kb, out = written(tmp_path, entry(15), entry(16)), tmp_path / "pairs.jsonl"

    code = main(["preferences", "--kb", str(kb), "--out", str(out), "--today", TODAY])

    assert code == 0
    assert "answered 4, figure 4, promise 4, refused 4, uncited 4" in capsys.readouterr().out
