import pytest

from nodes.ahead import asked_in


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("我说错了，是预售的那种", "是预售的那种"),
        ("哎说岔了，是我自己拿到网点修", "是我自己拿到网点修"),
        ("打错了 应该是吸尘器报的", "应该是吸尘器报的"),
        ("口误，是花呗", "是花呗"),
        ("写错了，是不是要重开", "写错了，是不是要重开"),
        ("地址打错了，能改吗", "地址打错了，能改吗"),
        ("说错了，不是炸锅，是除湿机", "说错了，不是炸锅，是除湿机"),
    ],
)
def test_that_one_misspoke_is_no_part_of_what_is_asked(text: str, asked: str) -> None:
    assert asked_in(text) == asked
