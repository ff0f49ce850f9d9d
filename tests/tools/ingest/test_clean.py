"""What is removed from texts, and what must stay."""

import pytest

from tools.ingest.clean import clean, running_lines


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("退\u200b货\ufeff", "退货"),
        ("a\x00b\x07c\x1bd\x85", "abcd"),
        ("价\u00a0格\u2009低", "价 格 低"),
        ("一\r\n二\r三\x0c四", "一\n二\n三\n四"),
        ("看\u202e不见\u2066的", "看不见的"),
        ("藏\U000e0041\U000e0042", "藏"),
        ("⽀付⽅式", "支付方式"),
        ("制表\t保留\n换行", "制表\t保留\n换行"),
    ],
)
def test_what_nobody_sees_goes(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "“引号”，‘单’。；：？！（括号）【】《书名》、——……～",
        "ＡＢＣ１２３％",
        "👨‍👩‍👧",
        "½ ① ㎡ ℃ ￥",
    ],
)
def test_chinese_punctuation_and_signs_stay(text: str) -> None:
    assert clean(text) == text


def test_lines_repeated_at_the_edge_of_most_pages_are_found() -> None:
    pages = [
        ["手册", f"第{char}章", "相同的正文", f"结束{char}", f"第 {number} 页"]
        for number, char in enumerate("甲乙丙丁")
    ]

    assert running_lines(pages) == {"手册", *(f"第 {number} 页" for number in range(4))}


def test_two_pages_have_no_running_lines() -> None:
    assert running_lines([["手册", "一"], ["手册", "二"]]) == set()
