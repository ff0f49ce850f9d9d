"""Entries that say the same."""

from itertools import combinations

import pytest

from tools.ingest.duplicates import SIMILAR, near_copies, without_copies
from tools.ingest.read import Found
from tools.search.types import Entry
from tools.text.normalise import language

ANSWER = "请打开我的订单，选择需要退货的商品，点击申请退货，填写原因后提交，客服会在一天之内审核。"


def found(name: str, answer: str = ANSWER, question: str = "怎么退货？", **facts: str) -> Found:
    entry = Entry(id=name, question=question, answer=answer, **facts)  # type: ignore[typeddict-item] # facts are fields
    return Found("kb.jsonl", f"kb.jsonl:{name}", entry)


def test_a_copy_is_left_out_and_named_with_both_places() -> None:
    copy = found("2", source="b.md", document="b")

    kept, copies = without_copies([found("1"), copy, found("3", "别的。")])

    assert [one.entry["id"] for one in kept] == ["1", "3"]
    assert [(c.first, c.second, c.similarity) for c in copies] == [
        ("kb.jsonl:1", "kb.jsonl:2", 1.0)
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"region": "上海"},
        {"audience": "internal"},
        {"effective_from": "2026-01-01"},
        {"effective_to": "2026-01-01"},
        {"product": "空调"},
    ],
)
def test_the_same_text_for_others_or_another_time_is_no_copy(facts: dict[str, str]) -> None:
    kept, copies = without_copies([found("1"), found("2", **facts)])

    assert (len(kept), copies) == (2, [])


def test_near_copies_are_found_and_others_are_not() -> None:
    entries = [
        found("1"),
        found(
            "2", "发票在订单完成后三天之内开出，发送到您填写的邮箱，请注意查收。", "发票怎么开？"
        ),
        found("3", ANSWER.replace("一天", "两天")),
    ]

    [pair] = near_copies(entries)

    assert (pair.first, pair.second) == ("kb.jsonl:1", "kb.jsonl:3")
    assert SIMILAR <= pair.similarity < 1


def test_a_word_more_in_a_short_chinese_entry_makes_no_other_one() -> None:
    first = "包年包月实例不支持直接卸载数据盘。", "包年包月实例的数据盘能卸载吗？"
    second = "包年包月ECS实例不支持直接卸载数据盘。", "包年包月ECS实例的数据盘能卸载吗？"

    assert len([*near_copies([found("1", *first), found("2", *second)])]) == 1


def test_english_answers_of_one_language_are_not_near_copies_for_that() -> None:
    letters = "Parcels leave our warehouse within two working days and arrive by the end of {}. "
    first = "".join(letters.format(day) for day in ("May", "June", "July"))
    second = "Returns are welcome for a month if the seal is whole and nothing has been worn. " * 3

    assert list(near_copies([found("1", first, "When?"), found("2", second, "Why?")])) == []


def test_a_word_more_that_turns_a_mixed_text_chinese_makes_no_other_one() -> None:
    command = "Run `kefu-client login --region cn-north-1 --profile default` "
    first, second = (f"{command}{said}" for said in ("之后", "之后再"))
    assert (language(first), language(second)) == ("en", "zh")

    assert len([*near_copies([found("1", first, "?"), found("2", second, "?")])]) == 1


def test_few_letters_among_many_spaces_are_compared_too() -> None:
    spaced = [found(name, f"b{' ' * 20}", "a") for name in "12"]

    assert [pair.similarity for pair in near_copies(spaced)] == [1.0]


def test_short_texts_are_never_near_copies() -> None:
    assert list(near_copies([found("1", "可以。"), found("2", "可以！")])) == []


def test_what_is_found_is_what_comparing_all_pairs_finds() -> None:
    words = [f"第{chr(0x4E00 + n)}步请核对{chr(0x5E00 + n)}号单据并签字。" for n in range(40)]
    texts = ["".join(words[at : at + 8 + at % 3]) for at in range(30)]
    texts += [text + "谢谢。" for text in texts[::3]]
    entries = [found(str(number), text) for number, text in enumerate(texts)]

    def shingles(one: Found) -> set[str]:
        text = f"{one.entry['question']}{one.entry['answer']}"
        return {text[at : at + 2] for at in range(len(text) - 1)}

    alike = {
        later.place
        for first, later in combinations(entries, 2)
        if len(shingles(first) & shingles(later))
        >= SIMILAR * len(shingles(first) | shingles(later))
    }

    assert {pair.second for pair in near_copies(entries)} == alike
    assert len(alike) >= 10
