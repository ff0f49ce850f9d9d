"""English as typed in a chat."""

import pytest

from tools.text.english import written
from tools.text.normalise import spoken


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("whats ur return policy lol", "What is your return policy?"),
        ("hw do i cansel my subscripton", "How do I cancel my subscription?"),
        ("r u open on sunday", "Are you open on sunday?"),
        ("WHERE IS MY REFUND", "Where is my refund?"),
        ("Whats the warrenty", "What is the warranty?"),
        ("dont wanna wait, its 4 days n no refund", "Don't want to wait, its 4 days and no refund"),
        ("and if it's broken", "And if it's broken"),
        ("How long does it take?", "How long does it take?"),
    ],
)
def test_a_typed_message_is_written_as_entries_are(typed: str, printed: str) -> None:
    assert written(typed) == printed


@pytest.mark.parametrize("text", ["S20 Pro", "E05", "refund", "lol", "", "R", "i.n@r.com"])
def test_codes_addresses_and_lone_words_stay(text: str) -> None:
    assert written(text) == text


def test_nothing_but_an_aside_stays() -> None:
    assert written("lol omg") == "Lol omg"


def test_the_capital_names_of_a_shouted_message_stay() -> None:
    assert written("IS THE W4 OK WITH WELL WATER") == "Is the W4 ok with well water?"


def test_chinese_with_a_few_english_words_is_no_english() -> None:
    assert spoken("r u ok 是啥意思") == "r u ok 是什么意思"


def test_writing_twice_changes_nothing_more() -> None:
    once = written("pls tell me whats ur policy, i cant find it")

    assert written(once) == once
