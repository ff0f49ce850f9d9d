import pytest

from nodes.rules.features import TRANSLATED, features
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
