"""The lists of synonyms: which words a question gains, and what a bad file is told."""

from pathlib import Path

import pytest

from tools.errors import ConfigError
from tools.search.asked import asked
from tools.search.synonyms import MOST, NONE, Synonyms, read_synonyms
from tools.text.segment import terms


def added(question: str, *groups: list[str]) -> dict[str, float]:
    return asked(question, "bigrams", Synonyms(groups, 0.4)).others


def test_a_word_of_a_group_adds_the_pairs_of_the_others() -> None:
    assert added("多少钱", ["价格", "多少钱"]) == {"价格": 0.4}


def test_what_the_question_says_itself_is_not_added() -> None:
    assert added("价格多少钱", ["价格", "多少钱"]) == {}


def test_of_words_that_overlap_the_longest_counts() -> None:
    assert added("取消绑定", ["取消", "撤销"], ["取消绑定", "解绑"]) == {"解绑": 0.4}


def test_a_word_is_not_found_across_a_sign() -> None:
    assert added("我要退，款式不对", ["退款", "返还"]) == {}


def test_part_of_an_english_word_is_none() -> None:
    assert added("repayment", ["pay", "settle"]) == {}


@pytest.mark.parametrize("question", ["Cancelling it", "CANCELS", "ｃａｎｃｅｌ"])
def test_case_width_and_endings_do_not_matter(question: str) -> None:
    assert "terminate" in added(question, ["cancel", "cancell", "terminate"])


def test_traditional_characters_do_not_matter() -> None:
    assert added("退錢", ["退款", "退钱"]) == {"退款": 0.4}


def test_a_question_gains_a_bounded_number_of_terms() -> None:
    many = ["word", *(f"w{number}" for number in range(500))]

    assert len(added("word", many)) == MOST


def test_without_synonyms_a_question_stays_as_it_is() -> None:
    assert asked("多少钱", "bigrams", NONE) == (terms("多少钱"), {}, {})
    assert asked("多少钱", "bigrams", read_synonyms(None, 0)).others == {}


def test_the_general_list_is_read() -> None:
    assert "价格" in asked("多少钱", "bigrams", read_synonyms(None, 0.4)).others


def test_ones_own_file_comes_beside_the_general_list(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("- [小白, S20 Pro]  # a nickname\n", "utf-8")

    found = asked("小白多少钱", "bigrams", read_synonyms(own, 0.4)).others

    assert {"s20", "pro", "价格"} <= found.keys()


def test_an_empty_file_adds_nothing(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("# none yet\n", "utf-8")

    assert asked("小白", "bigrams", read_synonyms(own, 0.4)).others == {}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("- [退款, 退钱]\n- 退货\n", 2, "expected a list of groups of two or more words"),
        ("- [退款, 退钱]\n- [退货]\n", 2, "a group of 1 word"),
        ("- [退款, 退款]\n", 1, "a group of 1 word"),
        ("退款: 退钱\n", 1, "got map"),
        ("# a\n- [退款, {退: 钱}]\n", 2, "expected a word, got map"),
        ("- [退款,\n   '？！']\n", 2, "got '？！'"),
        (f"- [退款, {'退' * 41}]\n", 1, "1 to 40"),
        ("- [a, b]\n- [退款\n- x\n", 2, "expected a list of groups"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(text, "utf-8")

    with pytest.raises(ConfigError) as caught:
        read_synonyms(own, 0.4)

    assert str(caught.value).startswith(f"{own}:{line}: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"- [a\x00, b]\n"])
def test_a_file_that_can_not_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "own.yaml"
    if content is not None:
        own.write_bytes(content)

    with pytest.raises(ConfigError, match=r"own\.yaml: synonyms can't be read"):
        read_synonyms(own, 0.4)
