"""What a model makes of rows that were kept out of its training."""

from pathlib import Path

import pytest

from eval.answers import Asked, answers, bleu, read_rows, rouge_l
from eval.watch import Generation, Watch
from finetune.prepare import prepare
from tests.fakes.chat import ScriptedChat
from tests.finetune.test_prepare import TODAY, entry, written
from tools.errors import BadReply, CutShort

RIGHT = "7 天内可退。[1]"
NOTHING = "很抱歉，资料里没有提到这个问题。"


def asked(reference: str = RIGHT) -> Asked:
    return Asked([], ["能退吗\n7 天内可退。", "运费\n运费由买家出。"], reference)


async def measured(*rows: tuple[Asked, str | Exception]) -> dict[str, object]:
    chat = ScriptedChat([reply for _, reply in rows])
    return await answers([row for row, _ in rows], Watch(chat))


async def test_tells_answers_from_refusals_on_both_kinds_of_rows() -> None:
    found = await measured(
        (asked(), RIGHT), (asked(), NOTHING), (asked(NOTHING), NOTHING), (asked(NOTHING), RIGHT)
    )

    assert found["answerable"] == 2
    assert found["answered"] == 0.5
    assert found["refused"] == 0.5


async def test_sources_are_right_only_if_all_of_them_are() -> None:
    found = await measured(
        (asked(), RIGHT),
        (asked(), "7 天内可退。[2]"),
        (asked(), "7 天内可退。"),
        (asked(), "7 天内可退。[1]运费由买家出。[2]"),
    )

    assert found["cited"] == 0.25


async def test_an_answer_is_faithful_if_the_checks_of_the_product_let_it_pass() -> None:
    found = await measured(
        (asked(), RIGHT), (asked(), "9 天内可退。[1]"), (asked(), f"{RIGHT}我已经为您提交申请。"),
        (asked(NOTHING), NOTHING),
    )  # fmt: skip

    assert found["faithful"] == pytest.approx(1 / 3, abs=1e-4)


async def test_a_reply_in_no_form_is_a_wrong_one() -> None:
    found = await measured((asked(), BadReply("too long")), (asked(), RIGHT))

    assert (found["n"], found["answered"], found["rouge_l"]) == (2, 0.5, 0.5)


async def test_a_reply_cut_at_its_most_tokens_counts_as_far_as_it_goes() -> None:
    watch = Watch(ScriptedChat([[RIGHT, "另外", CutShort("at its most tokens")]]))

    found = await answers([asked()], watch)

    assert (found["answered"], watch.odd) == (1.0, 0)
    assert watch.generations == [Generation(f"{RIGHT}另外", "whole")]


def test_the_rows_are_those_for_validation_with_their_passages(tmp_path: Path) -> None:
    path = tmp_path / "sft.jsonl"
    rows = prepare(written(tmp_path, *(entry(n) for n in range(40))), path, today=TODAY)

    read = read_rows(path)

    wanted = [row for row in rows if row["split"] == "validation"]
    assert [row.reference for row in read] == [row["messages"][-1]["content"] for row in wanted]
    assert [row.is_answerable for row in read] == [not row["is_negative"] for row in wanted]
    for row in (one for one in read if one.is_answerable):
        assert any(row.reference.partition("[")[0] in passage for passage in row.passages)
    assert [message.text for message in read[0].prompt] == [
        message["content"] for message in wanted[0]["messages"][:-1]
    ]


@pytest.mark.parametrize(
    ("reply", "reference", "share"),
    [
        ("七天内可退", "七天内可退。", 1.0),
        ("七天内可退货", "七天内不可退货", 12 / 13),
        ("Within 15 days", "within 15 Days!", 1.0),
        ("15", "115", 0.0),  # a number is one word
        ("", "七天", 0.0),
        ("", "", 1.0),
    ],
)
def test_rouge_compares_characters_words_and_numbers(
    reply: str, reference: str, share: float
) -> None:
    assert rouge_l(reply, reference) == pytest.approx(share)


def test_bleu_without_its_package_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.answers.find_spec", lambda _: None)

    assert bleu(["七天内可退"], ["七天内可退"]) is None


@pytest.mark.finetune
def test_bleu_knows_chinese() -> None:
    pytest.importorskip("sacrebleu", reason="sacrebleu is not installed (extra bleu)")

    assert bleu(["七天内可以无理由退货。"], ["七天内可以无理由退货。"]) == 100
    assert 20 < (bleu(["七天内可以无理由换货。"], ["七天内可以无理由退货。"]) or 0) < 90
