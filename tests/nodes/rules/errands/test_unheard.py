import time

import pytest

from nodes.rules.errands.pending import is_unheard


@pytest.mark.parametrize(
    "said", ["你再说一遍？", "没看懂", "什么意思啊", "sorry, can you repeat that?"]
)
def test_who_did_not_hear_asks_for_the_same(said: str) -> None:
    assert is_unheard(said)


@pytest.mark.parametrize("said", ["再说吧", "整单退款是什么意思", "你说的什么", "再见"])
def test_who_says_more_does_not(said: str) -> None:
    assert not is_unheard(said)


@pytest.mark.parametrize("piece", ["什么", "请", "没看懂", "，", "sorry "])
def test_long_messages_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for count in (20, 10_000):
        is_unheard(piece * count + "x")

    assert time.process_time() - started < 1
