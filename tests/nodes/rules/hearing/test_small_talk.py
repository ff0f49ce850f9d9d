import time

import pytest

from nodes.rules.hearing.small_talk import talk, unless_misheard
from tools.classify import Classification


def heard(intent: str, route: str = "chat") -> Classification:
    return Classification(intent, 0.92, {intent: 0.92}, route, "")


@pytest.mark.parametrize(
    "said",
    [
        *(
            "好的再见",
            "拜拜啦",
            "886",
            "那我先撤了",
            "改天再来找你聊",
            "没有别的问题了",
            "我再考虑考虑",
        ),
        *("晚安", "好，挂了", "没什么要问的了", "先去忙了", "那就这样吧"),
        *("bye for now", "see ya", "nothing else, thanks", "have a good one, talk later"),
    ],
)
def test_a_farewell_is_one_by_its_words(said: str) -> None:
    assert unless_misheard(heard("goodbye"), said).intent == "goodbye"


@pytest.mark.parametrize(
    "said", ["不会有事吧", "那退吧", "换掉吧", "dianhua duoshao", "发了", "那行退吧"]
)
def test_what_only_sounds_like_a_farewell_does_not_end_the_talk(said: str) -> None:
    found = unless_misheard(heard("goodbye"), said)

    assert (found.intent, found.route, found.probabilities["vague"]) == ("vague", "vague", 1.0)


@pytest.mark.parametrize(
    "said", ["前天下午", "是上周五", "大概三点半吧", "十一月", "今天早上", "下个月底"]
)
@pytest.mark.parametrize("intent", ["goodbye", "greeting", "chitchat"])
def test_what_only_tells_a_time_is_no_small_talk(said: str, intent: str) -> None:
    assert unless_misheard(heard(intent), said).route == "vague"


@pytest.mark.parametrize("said", ["早上好", "下午好啊", "晚上好"])
def test_a_greeting_by_the_time_of_day_stays_one(said: str) -> None:
    assert unless_misheard(heard("greeting"), said).intent == "greeting"


def test_what_is_no_small_talk_is_left_as_it_was_heard() -> None:
    assert unless_misheard(heard("human", "handoff"), "昨天").intent == "human"


@pytest.mark.parametrize(
    "said",
    [
        *(
            "你是不是机器人啊",
            "您是真人还是AI",
            "跟我聊的是机器人吗",
            "对面是活人吗",
            "你不是真人吧",
            "你是活人客服不",
        ),
        *(
            "我在和机器人聊天吗",
            "你是AI吧",
            "are you a real person?",
            "are you an AI",
            "human or bot?",
        ),
    ],
)
def test_who_asks_with_whom_they_talk_is_understood(said: str) -> None:
    assert talk(said) == "identity"


@pytest.mark.parametrize(
    "said",
    ["有人在吗", "还在吗？", "你好有人没", "在不在呀", "喂，在吗", "亲在么", "吱一声", "理我一下"],
)
def test_who_asks_whether_anybody_is_there_is_greeted(said: str) -> None:
    assert talk(said) == "greeting"


@pytest.mark.parametrize(
    "said",
    [
        *("扫地机器人坏了吗", "是机器人的问题吗", "这款机器人是自动集尘吗", "你们的机器人怎么样"),
        *("你们是人工审核吗", "现在是人工发货吗", "是人为损坏吗", "有人上门安装吗", "还在保修期吗"),
        *("有货吗", "在哪里下单", "家里没人在怎么送", "is the robot vacuum real leather"),
        *("你是说机器人可以拖地吗", "我的快递还在吗", "退款有人处理吗"),
    ],
)
def test_questions_about_goods_and_service_are_none(said: str) -> None:
    assert talk(said) == ""


def test_takes_no_longer_than_a_message_is_long() -> None:
    begun = time.perf_counter()

    for said in ("是" * 4000, "昨天" * 2000, "再" * 4000, "你" * 4000):
        unless_misheard(heard("goodbye"), said)
        talk(said)

    assert time.perf_counter() - begun < 1.0
