"""Codes and model names: which other spellings a question gains, and which it never gains."""

import pytest

from tools.search.asked import asked
from tools.search.spelling import MOST, PART, WHOLE, spellings
from tools.search.synonyms import NONE
from tools.text.segment import terms


def gained(question: str) -> dict[str, float]:
    return spellings(question, terms(question))


@pytest.mark.parametrize("question", ["S20Pro", "S20 Pro", "s20-pro", "S 20 pro", "Ｓ２０ Pro"])
@pytest.mark.parametrize("text", ["S20Pro", "S20 Pro", "s20-pro", "S 20 pro"])
def test_a_model_name_finds_every_spelling(question: str, text: str) -> None:
    wanted = asked(f"我的{question}怎么充电", "bigrams", NONE)

    held = set(terms(text))
    assert held <= {*wanted.tokens, *wanted.others}


@pytest.mark.parametrize("question", ["E-02", "E02", "e 02"])
@pytest.mark.parametrize("text", ["E-02", "E02", "e 02"])
def test_an_error_code_finds_every_spelling(question: str, text: str) -> None:
    assert set(terms(text)) <= {*terms(question), *gained(question)}


def test_a_joined_code_counts_for_every_term_it_joins_and_its_parts_less() -> None:
    assert gained("E02") == {"e": PART, "02": PART}
    assert gained("E-02") == {"e02": 2 * WHOLE}
    assert gained("S20Pro")["s20"] == WHOLE


def test_digits_stay_as_they_are_and_together() -> None:
    assert {"2", "0", "e2", "e20"}.isdisjoint(gained("E-02"))
    assert gained("v2.0") == {"v": PART, "2.0": PART}


@pytest.mark.parametrize("question", ["How do I pay?", "20 元 3 天", "E，02", "20-30", ""])
def test_what_is_no_code_gains_nothing(question: str) -> None:
    assert gained(question) == {}


def test_a_number_of_many_parts_is_not_cut() -> None:
    assert gained("a1b2c3d4e5f6") == {}


def test_a_question_gains_a_bounded_number_of_spellings() -> None:
    assert len(gained(" ".join(f"a{number}" for number in range(200)))) == MOST
