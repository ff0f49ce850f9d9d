import unicodedata

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.text.normalise import fold, is_blank, is_code, language, normalise, spoken


def test_removes_invisible_characters_and_collapses_spaces() -> None:
    assert normalise("  退\u200b款\ufeff \t\n 多久\x00到账\u3000？ ") == "退款 多久到账 ？"


def test_makes_letters_and_digits_half_width_but_keeps_chinese_punctuation() -> None:
    assert normalise("Ｓ２０，多少钱？（含税）") == "S20，多少钱？（含税）"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("text", ["", "  ", "？？？", "...", "\u200b\n", "——"])
def test_punctuation_alone_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["退", "1", "ok?", "👍"])
def test_a_letter_a_digit_or_a_picture_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("怎么退货", "zh"),
        ("ECS Linux Nginx Docker 502 报错", "zh"),
        ("S20 Pro 保修多久", "zh"),
        ("How do I return the 扫拖机器人 I bought last week", "en"),
        ("where is my order", "en"),
        ("12345", "zh"),
        ("😀", "zh"),
    ],
)
def test_names_the_language_to_answer_in(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize("text", ["E02", "e-404", "S20 Pro", "V8, A9?", "12345", "iPhone15 Pro"])
def test_a_code_is_no_sentence(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["跳E02", "E02 error", "is it S20", "hi", "wifi", "", "?"])
def test_a_word_of_a_language_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_folding_ignores_case_width_and_script() -> None:
    assert fold("Ｓ２０　Pro 退貨流程與發票？") == "s20 pro 退货流程与发票?"


PARTS = ["瞭", "乾", "覆", "么", "麼", "發", "著", "\U0002b2b8", "上鍊", "不瞭解", "覆命"]
PARTS += ["退", "Ａ", "ａ\u0301", "１", " \u3000", "，", "x"]


@settings(deadline=None)  # the first text loads the dictionaries
@given(st.lists(st.sampled_from(PARTS)))
def test_folding_is_what_opencc_makes_of_texts_with_traditional_characters(
    parts: list[str],
) -> None:
    plain = unicodedata.normalize("NFKC", normalise("".join(parts))).lower()
    convert = opencc.OpenCC("t2s").convert
    is_traditional = any(convert(char) != char for char in plain)

    folded = fold("".join(parts))

    assert folded == (convert(plain) if is_traditional else plain)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("发票咋开", "发票怎么开"),
        ("漏水了咋整", "漏水了怎么办"),
        ("啥时候发货啊", "什么时候发货啊"),
        ("点解冇货", "为什么没有货"),
        ("充电要好久嘛", "充电要多久嘛"),
        ("莫得反应", "没有反应"),
        ("好久没更新了", "好久没更新了"),
        ("要好久没开机了怎么办", "要好久没开机了怎么办"),
        ("没要好久就到了", "没要好久就到了"),
        ("我只要好久之前买的那单", "我只要好久之前买的那单"),
        ("这个要好久才能到", "这个要多久才能到"),
        ("运费怎么算", "运费怎么算"),
    ],
)
def test_spoken_question_words_become_written_ones(text: str, plain: str) -> None:
    assert spoken(text) == plain
