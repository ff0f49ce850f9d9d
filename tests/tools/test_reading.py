"""How far a question and an entry say the same, token by token."""

import numpy as np
import pytest

from tests.fakes.embed import letters
from tools.reading import Agreement, Reading, agreements, packed, stored, unpacked
from tools.search.passage import Hit
from tools.search.reread import reread

BY = "letters"


def agreement(question: str, *texts: str, wordings: int = 1) -> tuple[float, float] | None:
    """Return `meaning` and `aim` of a question and an entry of these texts."""
    entry = stored([letters(text) for text in texts], wordings=wordings, name=BY)
    found = agreements(letters(question), [entry], name=BY)[0]
    return (found.meaning, found.aim) if found else None


def test_an_entry_that_says_all_of_the_question_has_its_whole_meaning() -> None:
    assert agreement("退款", "退货退款", "三天") == pytest.approx((1, 2 / 3 + 0.0833), abs=0.01)


def test_what_the_entry_does_not_say_is_missing_from_the_meaning() -> None:
    found = agreement("退款海外", "退款", "退款")

    assert found is not None
    assert found == pytest.approx((0.5, 1))


def test_half_a_match_counts_more_than_half() -> None:
    one, half = (np.array([row], np.int8) for row in ([127, 0], [64, 110]))
    weights = np.array([255], np.uint8)
    entry = stored([Reading(half, weights)], wordings=1, name=BY)

    [found] = agreements(Reading(one, weights), [entry], name=BY)

    assert found == pytest.approx((0.5, 0.5, 0.5**0.5), abs=0.01)


def test_the_answer_adds_to_the_meaning_but_not_to_the_aim() -> None:
    assert agreement("退款海外", "退款", "海外") == pytest.approx((1, 1))
    assert agreement("海外", "退款", "海外") == pytest.approx((1, 0))


def test_the_closest_wording_tells_what_the_entry_aims_at() -> None:
    assert agreement("运费", "谁出钱", "运费", "答", wordings=2) == pytest.approx((1, 1))


def test_pieces_of_a_long_passage_do_not_add_up() -> None:
    assert agreement("退款海外", "标题", "退款", "海外", "头") == pytest.approx((0.5, 0))


def test_signs_count_for_nothing() -> None:
    assert agreement("退款？！", "退款。") == pytest.approx((1, 1))


@pytest.mark.parametrize(
    ("question", "texts"), [("？！", ["退款"]), ("", ["退款"]), ("退", ["！"])]
)
def test_where_nothing_is_said_there_is_no_agreement(question: str, texts: list[str]) -> None:
    assert agreement(question, *texts) is None


def test_an_empty_wording_is_passed_by() -> None:
    assert agreement("退款", "", "退款", "答", wordings=2) == pytest.approx((1, 1))


def test_readings_of_another_reader_and_none_at_all_are_not_compared() -> None:
    entry = stored([letters("退款")], wordings=1, name="another")

    assert agreements(letters("退款"), [entry, None, b""], name=BY) == [None, None, None]


@pytest.mark.parametrize("text", ["退款多久到账？", ""])
def test_a_packed_reading_comes_back_whole(text: str) -> None:
    reading = letters(text)
    again = unpacked(packed(reading))

    assert np.array_equal(again.weights, reading.weights)
    assert np.array_equal(again.states.ravel(), reading.states.ravel())


def test_hits_lose_what_they_say_less_of_the_question() -> None:
    hits = [Hit(1, 0.9, 0, 0), Hit(2, 0.8, 0, 0), Hit(3, 0.1, 0, 0), Hit(4, 0.85, 0, 0)]
    read = [Agreement(0, 0, 0.5), Agreement(0, 1, 0.9), Agreement(0, 0, 0.1), None]

    found = reread(hits, read, weight=1)

    assert [hit.num for hit in found] == [2, 1, 4, 3]
    assert [hit.score for hit in found] == pytest.approx([0.8, 0.5, 0.45, 0])
    assert [hit.agreement for hit in found] == [read[1], read[0], None, read[2]]
    assert reread(hits, [None] * 4, weight=1) == hits
