import math

import pytest

from nodes.rules.deciding.features import LACKS, TRANSLATED, features, said_itself
from tests.fakes.turn import passage


@pytest.mark.parametrize(
    ("question", "answer", "lost"),
    [
        ("how long does a refund take", "退款三天到账。", TRANSLATED),
        ("how long does a refund take", "It takes three days.", 0.0),
        ("退款几天到账", "退款三天到账。", 0.0),
        ("退款几天到账", "It takes three days.", 0.0),
        ("V8 E03", "电机过热", 0.0),  # codes and names are no English
        ("wifi", "连接网络", 0.0),
    ],
)
def test_an_english_question_is_as_near_as_the_translation_would_be(
    question: str, answer: str, lost: float
) -> None:
    found = [{**passage(answer, id="a"), "dense": 0.8}]

    assert features(question, found, {})["dense"] == pytest.approx(0.8 + lost)


@pytest.mark.parametrize(
    ("own", "lacking"),
    [
        ("酸奶能做吗", 2),  # 酸 and 奶; 做 stands in the entry, the rest only asks
        ("蛋糕要多久", 0),
        ("", 0),
        ("can it make yoghurt", 0),  # in another language nothing can be told
    ],
)
def test_what_a_follow_up_says_itself_is_looked_for_in_the_hit(own: str, lacking: int) -> None:
    best = passage("蛋糕约 45 分钟。", question="R3 能煲汤、做蛋糕吗？")

    found = features(f"R3能蒸菜 {own}", [best], {}, own)

    assert found[LACKS] == pytest.approx(math.log1p(lacking))


def test_a_hit_about_another_model_than_the_follow_up_names_is_amiss() -> None:
    best = passage("约 4 小时。", question="V8 充电要多久？", product="V8")
    joined, own = "V8充满电要多久 那扫地机S10充满得几小时", "那扫地机S10充满得几小时"

    assert features(joined, [best], {})["amiss"] == 0
    assert features(joined, [best], {}, own)["amiss"] == 1


def test_words_that_were_put_anew_are_not_what_the_question_says() -> None:
    assert said_itself("多少钱", "破壁机能打多少 多少钱") == "多少钱"
    assert said_itself("金卡呢", "金卡生日有什么礼物") == ""
