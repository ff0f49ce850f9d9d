"""What the page takes from a browser's memory."""

import pytest

from ui.session import (
    KEPT_THREADS,
    SHOWN_TURNS,
    TURNS_TO_CUT,
    Session,
    fresh,
    latest,
    memory_of,
    turn_at,
)
from ui.views import Shown, asked

THREAD = {"id": "th1", "title": "退款"}


@pytest.mark.parametrize("found", [None, "x", [1], {"threads": 5}, {"threads": [5, {"id": 1}]}])
def test_what_is_no_memory_is_an_empty_one(found: object) -> None:
    assert memory_of(found) == {}


@pytest.mark.parametrize("locale", ["xx", "../../secret", ["zh"], None])
def test_a_language_that_is_none_is_forgotten(locale: object) -> None:
    assert memory_of({"locale": locale, "region": "新疆"}) == {"region": "新疆"}


def test_a_region_nobody_can_choose_is_forgotten() -> None:
    assert memory_of({"locale": "en", "region": "火星"}) == {"locale": "en"}


def test_half_a_character_becomes_a_mark() -> None:
    assert memory_of({"threads": [{"id": "a\ud83d", "title": "\ud83d"}]}) == {
        "threads": [{"id": "a?", "title": "?"}]
    }


def test_good_ones_are_kept_beside_bad_ones_up_to_the_limit() -> None:
    kept = memory_of({"locale": "en", "threads": [5, *[THREAD] * 100], "more": "x" * 100})

    assert kept == {"locale": "en", "threads": [THREAD] * KEPT_THREADS}


def test_a_vote_on_what_is_below_the_last_turn_is_a_vote_on_none() -> None:
    question, reply = Shown(role="user", content="退款"), Shown(role="assistant", content="好")

    assert turn_at(["t1"], [question, reply], 1) == "t1"
    assert turn_at(["t1"], [question, reply], 2) == ""  # "too fast"
    assert turn_at(["t1"], [question], 1) == "t1"  # the answer that grows


def test_of_a_message_of_megabytes_the_page_keeps_the_start() -> None:
    shown = asked("长" * 900_000)

    assert len(shown["content"]) < 21_000
    assert shown["content"].endswith("…")
    assert asked("长" * 20_000)["content"] == "长" * 20_000


@pytest.mark.parametrize("before", [0, 2])
def test_of_a_long_conversation_the_page_shows_the_latest_turns(before: int) -> None:
    turns = SHOWN_TURNS + TURNS_TO_CUT
    told = Shown(role="assistant", content="小王已接入")
    said = [*[told] * before]
    for number in range(turns):
        said += [Shown(role="user", content=f"问{number}"), told]
    session: Session = {**fresh(""), "shown": said, "turn_ids": [f"t{n}" for n in range(turns)]}
    almost: Session = {**session, "shown": said[:-2], "turn_ids": session["turn_ids"][:-1]}

    kept, is_cut = latest(session)

    assert latest(almost) == (almost, False)
    assert is_cut
    assert kept["shown"] == said[-2 * SHOWN_TURNS :]
    assert turn_at(kept["turn_ids"], kept["shown"], 1) == f"t{TURNS_TO_CUT}"
