"""A sentence brings no name, place or day of its own."""

import pytest

from nodes.rules.checking.strangers import strangers

CONSOLE = (
    "怎样限制有效期？\n通过 AssumeRole 接口的 DurationSeconds 参数，在 RAM 控制台的"
    "「基本信息」查看。西藏由北辰承运。"
)
TERMS = "Law\nThese terms are governed under California law. Use the S10 with Wi-Fi."


@pytest.mark.parametrize(
    ("sentence", "stranger"),
    [
        ("用 ExpireSeconds 参数限制。", "ExpireSeconds"),
        ("建议用 Firefox 打开 RAM 控制台。", "Firefox"),
        ("在「安全设置」里查看。", "安全设置"),
        ("大件由迅达承运。", "迅达"),
        ("拉萨和西宁都能送。", "西宁"),
        ("明天就能查看。", "明天"),
    ],
)
def test_names_what_no_source_has(sentence: str, stranger: str) -> None:
    assert strangers(sentence, [CONSOLE]) == [stranger]


@pytest.mark.parametrize(
    "sentence",
    [
        "您可以用 durationseconds 参数限制有效期[1]。",
        "在 App 的「基本信息」里能看到，最长 2 GB。",
        "寄到拉萨由北辰承运。",  # a city of a province that is told
        "有问题由我们处理，见 https://example.com/Any。",
        "You can use the Console and any API you like.",  # every source is Chinese
    ],
)
def test_lets_pass_what_is_told_and_what_everybody_says(sentence: str) -> None:
    assert strangers(sentence, [CONSOLE]) == []


def test_in_english_a_capital_makes_the_name() -> None:
    assert strangers("That's fine: they fall under New York law.", [TERMS]) == ["New", "York"]
    assert strangers("Disputes fall under California law. Please use WiFi.", [TERMS]) == []
