import importlib
import unicodedata

import pytest

from tools.text.tokens import count_embedded, count_tokens, most_tokens


def test_counts_nothing_for_an_empty_text() -> None:
    assert count_tokens("") == 0


def test_counts_as_qwen_does() -> None:
    assert count_tokens("hello world") == 2


@pytest.mark.parametrize(
    "text",
    ["您好，退货要几天？", "It's 3.5 kg,  isn't it?\n\n  OK", "第12345号 (A-7)\r\n\t😀", "ｆｕ"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_agrees_with_the_makers_own_code(text: str) -> None:
    tokenizer = importlib.import_module("dashscope.tokenizers").get_tokenizer("qwen-plus")

    assert count_tokens(text) == len(tokenizer.encode(unicodedata.normalize("NFC", text)))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("hello world", 2),  # as Qwen
        ("自签收之日起七日内可退。", 12),  # Qwen makes 9
        ("ＳＳＬ证书", 5),
        ("安装 SSL 证书", 5),
    ],
)
def test_a_chinese_character_is_a_token_of_the_embedder(text: str, tokens: int) -> None:
    assert count_embedded(text) == tokens


def test_control_words_are_plain_text() -> None:
    assert count_tokens("<|im_start|>") > 1


def test_survives_half_a_surrogate_pair() -> None:
    assert count_tokens("好\ud83d") > 0


def test_counts_a_run_of_spaces_that_overflows_the_encoder() -> None:
    assert count_tokens(" " * 1_000_000 + "x") > 1


@pytest.mark.parametrize(
    "text",
    ["", "退款多久到账？", "refund 退款 🧾", "e\u0301" * 9, "\ud800", "𠮷", f"{'123' * 9}元"],
)
def test_never_counts_more_than_the_most(text: str) -> None:
    assert max(count_tokens(text), count_embedded(text)) <= most_tokens(text)
