import pytest

pytest.importorskip("dashscope")
from tools.text.tokens import count_tokens


def test_counts_nothing_for_an_empty_text() -> None:
    assert count_tokens("") == 0


def test_counts_as_qwen_does() -> None:
    assert count_tokens("hello world") == 2


def test_control_words_are_plain_text() -> None:
    assert count_tokens("<|im_start|>") > 1


def test_survives_half_a_surrogate_pair() -> None:
    assert count_tokens("好\ud83d") > 0


def test_counts_a_very_long_text() -> None:
    assert count_tokens("好的，" * 50_000) >= 50_000
