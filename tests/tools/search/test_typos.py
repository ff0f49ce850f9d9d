"""Mistyped English words: which neighbours are looked for, and when none are."""

from collections import defaultdict

import pytest

from tools.search.asked import Asked, asked
from tools.search.synonyms import NONE, Synonyms
from tools.search.typos import KEPT, WEIGHT, WORDS, instead, neighbours, words_of


def looked_for(question: str, **held: int) -> dict[str, float]:
    doubtful = words_of(question)
    counts = defaultdict(int, held)
    near = neighbours(doubtful, {term: counts[term] for term in doubtful})
    return instead(near, held)


@pytest.mark.parametrize("typed", ["refnud", "refud", "refundd", "refumd", "Ｒefnud"])
def test_one_wrong_letter_finds_the_word(typed: str) -> None:
    assert looked_for(f"my {typed}!", refund=3) == {"refund": WEIGHT}


def test_two_wrong_letters_find_nothing() -> None:
    assert looked_for("refnudd", refund=3) == {}


def test_an_ending_does_not_hide_the_word() -> None:
    assert looked_for("shiping", shipp=1) == {"shipp": WEIGHT}
    assert looked_for("addres", addres=1) == {"addres": WEIGHT}


def test_a_word_that_is_held_has_no_neighbours() -> None:
    assert looked_for("quite", quite=1, quiet=9) == {}


@pytest.mark.parametrize("question", ["crad", "model13", "s20prp", "12345", "refnud1", "退款", ""])
def test_short_words_and_words_with_digits_have_no_neighbours(question: str) -> None:
    assert words_of(question) == {}


def test_the_most_frequent_neighbours_are_kept() -> None:
    held = {"bxlls": 1, "cells": 2, "dells": 3, "bills": 4, "balls": 5, "bulls": 6}

    assert [*looked_for("bells", **{word[:-1]: n for word, n in held.items()})] == [
        "bull",
        "ball",
        "bill",
    ][:KEPT]


def test_a_bounded_number_of_words_is_corrected() -> None:
    words = [f"{letter * 5}" for letter in "abcdefgh"]

    assert len(neighbours(words_of(" ".join(words)), dict.fromkeys(words, 0))) == WORDS


def test_a_word_of_the_synonyms_is_not_taken_for_mistyped() -> None:
    known = Synonyms([["terminate", "cancel"]], 0.4)

    assert asked("terminate refnud", "bigrams", known).doubtful == {"refnud": "refnud"}
    assert "terminate" in asked("terminate", "bigrams", NONE).doubtful


def test_what_the_question_says_itself_is_not_added() -> None:
    wanted = Asked(["card"], {"cart": 0.4}, {})

    assert wanted.besides({"card": WEIGHT, "cart": WEIGHT, "care": WEIGHT}).others == {
        "care": WEIGHT,
        "cart": 0.4,
    }
