from tools.text.regions import province


def test_finds_the_province_a_question_names() -> None:
    assert province("寄到新疆要几天") == "新疆"


def test_the_last_of_two_provinces_is_what_the_question_is_about() -> None:
    assert province("从上海发到西藏多久") == "西藏"


def test_no_province_is_the_empty_string() -> None:
    assert province("几天能到") == ""
