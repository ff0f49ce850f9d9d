import pytest

from nodes.rules.deciding.companies import companies, is_of_any, mentions
from tests.fakes.turn import passage


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("腾讯云的服务器怎么重装系统", {"腾讯云"}),
        ("GoDaddy上买的域名怎么续费", {"godaddy"}),
        ("京东的单子你们能查吗，顺丰送的", {"京东", "顺丰"}),
        ("how do I cancel my Netflix plan", {"netflix"}),
    ],
)
def test_companies_are_heard_by_their_names(question: str, named: set[str]) -> None:
    assert companies(question) == named


@pytest.mark.parametrize(
    "question", ["小米粥老是溢出来", "烤箱调到一百度", "审核申通过了吗", "lawsuit", "怎么退货"]
)
def test_ordinary_words_are_no_companies(question: str) -> None:
    assert not companies(question)


def test_an_entry_mentions_what_title_or_answer_says() -> None:
    entry = passage("可以用淘宝账号登录。", question="怎么登录？")

    assert mentions(entry, "淘宝")
    assert not mentions(entry, "京东")


def test_an_entry_may_speak_of_others_without_a_name() -> None:
    assert is_of_any(passage("不在价保范围。", question="别的平台便宜，能补差价吗？"))
    assert not is_of_any(passage("七天内可以。", question="能补差价吗？"))
