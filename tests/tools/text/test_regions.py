import pytest

from tools.text.regions import province, with_provinces


def test_finds_the_province_a_question_names() -> None:
    assert province("寄到新疆要几天") == "新疆"


def test_the_last_of_two_provinces_is_what_the_question_is_about() -> None:
    assert province("从上海发到西藏多久") == "西藏"


def test_no_province_is_the_empty_string() -> None:
    assert province("几天能到") == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("寄到喀什运费多少", "新疆"), ("从拉萨发到成都多久", "四川"), ("林芝能上门安装吗", "西藏")],
)
def test_a_city_stands_for_its_province(text: str, name: str) -> None:
    assert province(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "没开封能退吗",
        "最大连接数是多少",
        "三明治机怎么洗",
        "怎么变成都是英文",
        "面包头",
        "控制台中没有",
    ],
)
def test_what_only_looks_like_a_city_is_none(text: str) -> None:
    assert province(text) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("日喀则买东西要几天", "西藏日喀则买东西要几天"),
        ("西藏拉萨和日喀则", "西藏拉萨和日喀则"),
        ("上海到喀什", "上海到新疆喀什"),
        ("几天能到", "几天能到"),
    ],
)
def test_a_city_is_said_with_its_province_unless_that_is_named(text: str, said: str) -> None:
    assert with_provinces(text) == said
