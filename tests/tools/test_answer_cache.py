"""Which question an answer is found by, and how long."""

import numpy as np
import pytest

from tools.answer_cache import AnswerCache, Asked, Kept

ANSWER = Kept("3 个工作日[1]。", [])


def asked(question: str, *, key: str = "k", gist: str = "", x: float = 1.0) -> Asked:
    vector = np.array([x, (1 - x * x) ** 0.5], np.float32)
    return Asked(key, question, gist or question, vector)


def cache(*, size: int = 10, now: list[float] | None = None) -> AnswerCache:
    clock = now if now is not None else [0.0]
    return AnswerCache(size=size, ttl_s=60, near=0.97, now_s=lambda: clock[0])


def test_spelling_makes_no_other_question() -> None:
    kept = cache()
    kept.put(asked("S10 多少钱"), ANSWER)

    assert kept.get(asked("ｓ10 多少钱", gist="other")) is ANSWER


@pytest.mark.parametrize(
    ("again", "is_known"),
    [
        (asked("b", gist="g", x=0.98), True),
        (asked("b", gist="g", x=0.96), False),  # not near enough
        (asked("b", gist="h", x=1.0), False),  # another figure or name
        (asked("a", gist="g", key="other"), False),  # another tenant, day or knowledge
    ],
)
def test_another_wording_must_be_near_and_mean_the_same(again: Asked, is_known: bool) -> None:
    kept = cache()
    kept.put(asked("a", gist="g"), ANSWER)

    assert (kept.get(again) is ANSWER) == is_known


def test_an_answer_grows_old() -> None:
    now = [0.0]
    kept = cache(now=now)
    kept.put(asked("a"), ANSWER)

    now[0] = 59.0
    assert kept.get(asked("a")) is ANSWER
    now[0] = 60.0
    assert kept.get(asked("a")) is None


def test_what_was_not_asked_for_longest_makes_room() -> None:
    kept = cache(size=2)
    for name in ("a", "b"):
        kept.put(asked(name), ANSWER)
    kept.get(asked("a"))

    kept.put(asked("c"), ANSWER)

    assert [kept.get(asked(name)) is not None for name in "abc"] == [True, False, True]


def test_an_old_answer_hides_no_fresh_one() -> None:
    now = [0.0]
    kept = cache(now=now)
    kept.put(asked("a", gist="g"), Kept("old", []))
    now[0] = 59.0
    kept.put(asked("b", gist="g", x=0.98), ANSWER)

    now[0] = 60.0

    assert kept.get(asked("c", gist="g")) is ANSWER


def test_an_answer_given_again_counts_as_asked_for() -> None:
    kept = cache(size=2)
    for name in ("a", "b", "a", "c"):
        kept.put(asked(name), ANSWER)

    assert [kept.get(asked(name)) is not None for name in "abc"] == [True, False, True]
