"""How text is cut into search terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.segment import Segmenter, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("退货", ["退", "货", "退货"]),
        ("退货吗", ["退", "货", "吗", "退货", "货吗"]),
        ("退，货", ["退", "货"]),  # no pair across punctuation
        ("V8充电", ["v8", "充", "电", "充电"]),
        ("E03 4.5L", ["e03", "4.5", "l"]),
        ("S20-Pro", ["s20", "pro"]),
        ("Refunds, refunding; REFUNDED", ["refund", "refund", "refund"]),
        ("policies", ["polic"]),
        ("gas", ["gas"]),  # too short for an ending
        ("退貨", ["退", "货", "退货"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("退\u200b货", ["退", "货", "退货"]),
        ("？！😀 \x00", []),
        ("", []),
    ],
)
def test_characters_and_pairs_and_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("退货吗", ["退货", "货吗"]), ("退", ["退"]), ("V8 退货", ["v8", "退货"])],
)
def test_pairs_alone_where_words_are_asked_for(text: str, expected: list[str]) -> None:
    assert terms(text, "words") == expected


@given(st.text(max_size=60), st.sampled_from(["bigrams", "words"]))
def test_terms_are_safe_to_quote_in_a_query(text: str, segmenter: Segmenter) -> None:
    for term in terms(text, segmenter):
        assert term
        assert all(char.isalnum() or char == "." for char in term)
        assert not term.startswith(".")


@given(st.text(alphabet="退货运费abc123 ，", max_size=30))
def test_a_part_of_a_text_has_no_terms_that_the_text_lacks(text: str) -> None:
    assert set(terms(text)) <= set(terms(f"{text}。{text}"))
