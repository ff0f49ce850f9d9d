"""Which words can change an answer."""

import pytest

from nodes.rules.evidence import Evidence
from nodes.rules.same import gist

EVIDENCE = [
    Evidence(
        "p", "faq", "金卡会员价保几天？", "金卡和钻石会员 15 天，银卡和普通会员 7 天，可以退差价。"
    )
]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("金卡价保多久", "请问金卡价保几天呢", True),
        ("金卡价保多久", "麻烦问一下，金卡价保多久？", True),
        ("金卡价保多久", "银卡价保多久", False),
        ("7天内能退差价吗", "15天内能退差价吗", False),
        ("七天内能退差价吗", "十五天内能退差价吗", False),
        ("可以退差价吗", "不可以退差价吗", False),
        ("S10能退差价吗", "S20能退差价吗", False),
        ("退7元差价", "退7%差价", False),
        ("钻石换银卡", "银卡换钻石", False),
    ],
)
def test_only_filling_words_may_differ(one: str, other: str, is_same: bool) -> None:
    assert (gist(one, EVIDENCE) == gist(other, EVIDENCE)) == is_same
