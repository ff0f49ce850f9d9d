"""Which words can change an answer."""

import pytest

from graph.context import Context
from nodes.rules.deciding.evidence import Evidence
from nodes.rules.deciding.same import gist, shared
from tests.fakes.turn import at
from tools.answer_cache import Asked

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


def known_as(said: str, question: str = "金卡价保几天") -> Asked:
    state = {**at(said=said, question=question), "route": "knowledge", "vector": []}
    asked = shared(state, Context(), EVIDENCE, "2026-11-22", company="暖舟")  # type: ignore[arg-type]
    assert asked is not None
    return asked


def test_an_answer_is_shared_by_what_the_model_read_not_only_by_what_was_searched() -> None:
    plain = known_as("金卡价保几天")

    assert known_as("请问金卡价保几天呢") == plain
    for said in ("不是银卡，金卡价保几天", "金卡价保几天，我买了 9 天"):
        other = known_as(said)
        assert other.gist != plain.gist
        assert other.question != plain.question
