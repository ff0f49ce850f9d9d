import pytest

from nodes.rules.heard import as_far_as_sure, is_aside, is_unhelped, is_unwanted, of_both
from tools.classify import Classification


def heard(route: str, confidence: float, intent: str = "") -> Classification:
    return Classification(intent or route, confidence, {}, route, "")


ORDER, QUESTION = heard("account", 0.9), heard("knowledge", 0.8)


def test_anger_after_a_question_is_heard_by_itself() -> None:
    angry = heard("offer", 0.95, "dissatisfied")

    assert of_both(ORDER, angry, is_at_shop=True) == angry
    assert is_aside(angry)
    assert not is_aside(heard("chat", 0.6))


def test_a_question_is_no_errand_because_it_leans_on_one_unless_the_shop_has_told() -> None:
    assert of_both(ORDER, QUESTION, is_at_shop=False) == QUESTION
    assert of_both(ORDER, QUESTION, is_at_shop=True) == ORDER


def test_a_case_for_a_person_by_what_was_said_before_only_is_an_offer() -> None:
    barely, surely = heard("handoff", 0.35), heard("handoff", 0.8)

    assert of_both(barely, heard("chat", 0.3), is_at_shop=False).route == "offer"
    assert of_both(barely, heard("handoff", 0.4), is_at_shop=False) == barely
    assert of_both(surely, heard("chat", 0.3), is_at_shop=False) == surely


@pytest.mark.parametrize(
    ("said", "told", "is_so"),
    [
        ("算了我不想要了", "logistics", True),
        ("I don't want it anymore", "order_status", True),
        ("还要多久", "logistics", False),
        ("算了我不想要了", "invoice", False),
    ],
)
def test_goods_are_unwanted_after_the_shop_has_told_of_them(
    said: str, told: str, is_so: bool
) -> None:
    assert is_unwanted(said, told) is is_so


@pytest.mark.parametrize(
    "said",
    [
        "试过了，还是转",
        "重启过了还是连不上",
        "没用",
        "跟原来一个样",
        "还是老样子啊",
        "still not working",
    ],
)
def test_what_has_not_helped_is_heard(said: str) -> None:
    assert is_unhelped(said)


@pytest.mark.parametrize(
    "said",
    [
        "没用过可以退吗",
        "换完呢 灯还是红的",
        "还是想问下退款",
        "换了手机还能登录吗",
        "一样的型号有白色吗",
    ],
)
def test_other_messages_with_such_words_are_no_complaint(said: str) -> None:
    assert not is_unhelped(said)


def test_what_is_barely_a_case_for_a_person_is_no_handoff() -> None:
    barely, surely = (heard("handoff", chance, "escalation") for chance in (0.39, 0.54))
    wish = heard("handoff", 0.4, "human")

    assert as_far_as_sure(barely).route == "offer"
    assert as_far_as_sure(surely) == surely
    assert as_far_as_sure(wish) == wish
