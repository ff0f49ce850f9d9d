import time

import pytest

from nodes.rules.errands.heard import (
    as_far_as_sure,
    is_aside,
    is_outburst,
    is_still_so,
    is_unhelped,
    is_unwanted,
    of_both,
    says_no_more,
)
from nodes.rules.hearing.rewrite_words import ASKS
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
    assert is_unwanted(said, [], told) is is_so


@pytest.mark.parametrize(
    "said",
    [
        "试过了，还是转",
        "重启过了还是连不上",
        "没用",
        "跟原来一个样",
        "我看了，没用",
        "检查过了还是不行",
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
        "还是算了",
        "我看了说明书，电池在哪里",
    ],
)
def test_other_messages_with_such_words_are_no_complaint(said: str) -> None:
    assert not is_unhelped(said)


def test_what_is_barely_a_case_for_a_person_is_no_handoff() -> None:
    barely, surely = (heard("handoff", chance, "escalation") for chance in (0.39, 0.54))
    wish = heard("handoff", 0.4, "human")

    assert as_far_as_sure(barely).route == "offer"
    assert as_far_as_sure(surely) == surely
    assert as_far_as_sure(wish, "要人") == wish
    assert as_far_as_sure(wish, "get someone else") == wish


@pytest.mark.parametrize("said", ["我要预约", "我想约课", "帮我挂个号", "我要办理入住"])
def test_what_is_barely_a_wish_or_small_talk_and_names_nobody_is_looked_up(said: str) -> None:
    for route, intent in (("handoff", "human"), ("chat", "chitchat")):
        assert as_far_as_sure(heard(route, 0.41, intent), said).route == "knowledge"
        assert as_far_as_sure(heard(route, 0.54, intent), said).route == route


def test_a_question_that_is_barely_small_talk_is_looked_up() -> None:
    barely, surely = heard("chat", 0.41, "greeting"), heard("chat", 0.75, "chitchat")

    assert as_far_as_sure(barely, "When are you open?").route == "knowledge"
    assert as_far_as_sure(barely, "Good day to you") == barely
    assert as_far_as_sure(surely, "what are you?") == surely


@pytest.mark.parametrize(
    ("said", "chance", "route"),
    [
        ("R u open on holidays?", 0.65, "knowledge"),
        ("come on, just 5%", 0.9, "knowledge"),
        ("return", 0.52, "knowledge"),
        ("come on, please", 0.9, "chat"),
        ("bye", 0.9, "chat"),
        ("good day to you", 0.52, "chat"),
        ("88", 0.9, "chat"),
        ("好的，3 号见", 0.6, "chat"),
    ],
)
def test_what_is_no_small_talk_is_looked_up(said: str, chance: float, route: str) -> None:
    assert as_far_as_sure(heard("chat", chance, "goodbye"), said).route == route


def test_an_errand_said_whole_leans_on_nothing() -> None:
    refund = heard("account", 0.9, "refund_status")

    assert of_both(refund, heard("account", 0.95, "account_info"), is_at_shop=True).intent == (
        "account_info"
    )
    assert of_both(QUESTION, heard("account", 0.95, "logistics"), is_at_shop=False).intent == (
        "logistics"
    )
    assert of_both(refund, heard("account", 0.7, "account_info"), is_at_shop=True) == refund


@pytest.mark.parametrize("said", ["我看了，没用", "没用", "都不管用啊", "it didn't help."])
def test_who_says_only_that_it_did_not_help_says_no_more(said: str) -> None:
    assert says_no_more(said)


@pytest.mark.parametrize("said", ["试过了，还是没到", "没用过", "换了滤芯没用，会不会是泵坏了"])
def test_who_tells_what_is_wrong_says_more(said: str) -> None:
    assert not says_no_more(said)


@pytest.mark.parametrize(
    ("said", "question", "is_so"),
    [
        ("还是慢", "净水器出水慢 还是慢", True),
        ("还是很慢。", "净水器出水慢 还是很慢。", True),
        ("还是漏", "净水器出水慢 还是漏", False),
        ("还是S10", "S10 和 S20 买哪个 还是S10", False),
        ("还是慢吗？", "净水器出水慢 还是慢吗？", False),
    ],
)
def test_the_same_complaint_with_still_is_heard(said: str, question: str, is_so: bool) -> None:
    assert is_still_so(said, question) is is_so


@pytest.mark.parametrize("said", ["快点", "能不能快点啊", "你们快点行不行", "hurry up!"])
def test_mere_haste_says_nothing_of_its_cause(said: str) -> None:
    assert is_outburst(said, [])


@pytest.mark.parametrize(
    ("said", "shown", "is_so"),
    [
        ("垃圾", ["angry"], True),
        ("垃圾", [], False),
        ("什么垃圾吸尘器，用两天就坏了", ["angry"], False),
        ("垃圾，转人工", ["angry", "wants_person"], False),
        ("人呢？？？？", ["angry", "wants_person"], False),
        ("快点发货", [], False),
        ("怎么清洗快点", [], False),
        ("什么垃圾公司", ["angry"], True),
        ("你们太让人失望了", ["angry"], True),
        ("服务太差了！！！", ["angry"], True),
        ("this is ridiculous", ["angry"], True),
        ("妈的，快点", ["angry"], True),
        ("漏电了！！！", ["angry"], False),
        ("坑人，漏电了", ["angry"], False),
        ("垃圾，退钱", ["angry"], False),
        ("退！！！", ["angry"], False),
        ("E05！！！", ["angry"], False),
        ("it's smoking!!!", ["angry"], False),
    ],
)
def test_anger_that_names_its_cause_or_wants_a_person_is_more(
    said: str, shown: list[str], is_so: bool
) -> None:
    assert is_outburst(said, shown) is is_so


@pytest.mark.parametrize("piece", ["还是", "快点", "没用", "你们", "，", "吧"])
def test_long_messages_are_heard_in_no_time(piece: str) -> None:
    said = piece * 10_000
    started = time.process_time()

    is_outburst(said, ["angry"])
    is_still_so(said, said)
    says_no_more(said)

    assert time.process_time() - started < 1


def test_a_wish_for_a_person_or_danger_goes_before_unwanted_goods() -> None:
    assert not is_unwanted("转人工，不要了", ["wants_person"], "logistics")
    assert not is_unwanted("漏电了，不要了", [], "logistics")


def test_what_would_be_if_is_looked_up_not_told_from_the_records() -> None:
    parcel = Classification("logistics", 0.8, {}, "account", "logistics")

    assert as_far_as_sure(parcel, "要是周末还不到能退货吗").route == "knowledge"
    assert as_far_as_sure(parcel, "周末能到吗") == parcel


def test_a_change_that_was_let_be_is_wished_for_only_in_words_of_its_own() -> None:
    joined = Classification("cancel_order", 0.9, {}, "account", "cancel_order")
    alone = heard("knowledge", 0.6)

    assert of_both(joined, alone, is_at_shop=True, is_let_be=True) == alone
    assert of_both(joined, alone, is_at_shop=True) == joined
    assert of_both(joined, joined, is_at_shop=True, is_let_be=True) == joined


@pytest.mark.parametrize(
    "said",
    [
        "周日上午有医生坐诊没",
        "过年你们有人值班没有",
        "押金退了没",
        "报告出来了没有",
        "票订好没啊",
        "孩子能进不",
        "上课要钱不。",
        "你们那儿还收学生不",
        "这卡在别的店管用不",
    ],
)
def test_a_question_that_ends_in_or_not_is_none_of_small_talk(said: str) -> None:
    assert as_far_as_sure(heard("chat", 0.65, "greeting"), said).route == "knowledge"


@pytest.mark.parametrize(
    "said", ["当然不", "先不", "暂时不", "我偏不", "没有了", "没事了", "还没有"]
)
def test_who_says_no_asks_nothing(said: str) -> None:
    assert ASKS.search(said) is None
