"""What one passage says of a product or place is not said of another."""

import pytest

from nodes.rules.sense.anothers import borrowed

FAN = "F6 报 E05 怎么办？\nF6 的 E05 是电机堵转，请拔掉电源等 20 分钟，取出扇叶里的异物再开机。"
KETTLE = "T3 报 E05 怎么办？\nT3 的 E05 是干烧保护，请加水到最低线，等 5 分钟自动恢复。"
GENERAL = "送到网点修要几天？\n网点维修一般 3 个工作日，从签收次日算起，要先在 App 预约时段。"
TIBET = (
    "西藏送到网点修要几天？\n西藏网点配件要从外地调运，网点维修一般 8 个工作日，"
    "拉萨和日喀则有网点。"
)
MEMBERS = "会员\n金卡会员每年可以预约 2 次免费清洗，专属客服优先接入。"


@pytest.mark.parametrize(
    ("sentence", "sources"),
    [
        ("T3 报 E05 是电机堵转，请取出扇叶里的异物。", [FAN, KETTLE]),
        ("您的 T3 报 E05，请拔掉电源等 20 分钟，取出扇叶里的异物。", [FAN, KETTLE]),
        ("F6 报 E05 就加水到最低线，等它自动恢复。", [FAN, KETTLE]),
        ("您在拉萨送到授权网点维修，一般 3 个工作日就能修好。", [GENERAL, TIBET]),
        ("西藏的网点维修一般 3 个工作日。", [GENERAL, TIBET]),
    ],
)
def test_what_is_another_s_is_noticed(sentence: str, sources: list[str]) -> None:
    assert borrowed(sentence, sources)


@pytest.mark.parametrize(
    ("sentence", "sources"),
    [
        ("F6 报 E05 是电机堵转，请取出扇叶里的异物。", [FAN, KETTLE]),
        ("T3 报 E05 是干烧保护，等 5 分钟自动恢复[2]。", [FAN, KETTLE]),
        ("T3 是干烧保护，F6 则是电机堵转，请取出扇叶里的异物。", [FAN, KETTLE]),
        ("拉萨的网点维修一般 8 个工作日，其他地方 3 个工作日。", [GENERAL, TIBET]),
        ("拉萨有网点，要先在 App 预约时段，从签收次日算起。", [GENERAL, TIBET]),
        ("网点维修一般 3 个工作日。", [GENERAL, TIBET]),
        ("金卡会员送到网点维修，一般 3 个工作日。", [GENERAL, MEMBERS]),
        ("T3 保修 1 年。", ["保修\n整机保修 1 年。", KETTLE]),
        ("T3 报 E05 是电机堵转。", [FAN]),
        (
            "T3 是干烧保护，而 F6 是电机堵转，请取出扇叶里的异物。",
            [FAN, f"{KETTLE}F6 的另见别处。"],
        ),
        ("", [FAN, KETTLE]),
        ("T3 报 E05 是电机堵转。", []),
    ],
)
def test_what_is_its_own_or_everyone_s_passes(sentence: str, sources: list[str]) -> None:
    assert borrowed(sentence, sources) == []
