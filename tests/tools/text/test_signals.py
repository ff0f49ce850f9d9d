"""Signals by grammar: kinds of sentences, not sentences."""

import time

import pytest

from tools.text.signals import Signal, signals, without_refusal


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "能不能转人工",
        "为什么不给我转人工",
        "不要机器人，要人工",
        "叫你们经理来",
        "我要和真人说话",
        "轉接真人客服",
        "转接售后人工坐席",
        "有没有真人",
        "客服在吗",
        "人呢",
        "有管事的吗",
        "有没有活的",
        "叫你们管事儿的出来",
        "is anyone there??",
        "你们的人都去哪了",
        "转人工要等多久啊，快给我转",
        "转human",
        "speak to a manager",
        "I don't want to talk to a bot",
        "representative",
        "退款怎么还没到，气死了，给我人工",
        *("不用换货找客服", "不要转移话题找客服来", "别换来换去了找客服", "我没找到人工客服"),
        *("特别想要人工", "我不要机器人", "why don't you transfer me to a human"),
    ],
)
def test_hears_an_explicit_wish_for_a_person(text: str) -> None:
    assert "wants_person" in signals(text)


@pytest.mark.parametrize(
    "text",
    [
        *("我要投诉，客服态度太差了", "师傅乱收费，我要投诉他", "再不退款我就去投诉你们"),
        *("我想向消协投诉", "投诉你们", "I want to file a formal complaint"),
        *("refund me or I'll call my lawyer", "fix it or I'm going to the consumer council"),
        *("We will take this to court", "I'm going to report you to the authorities", "I'll sue"),
    ],
)
def test_who_complains_formally_wants_a_person(text: str) -> None:
    assert "wants_person" in signals(text)


@pytest.mark.parametrize(
    "text",
    [
        *("怎么投诉快递员", "投诉走什么流程", "我的投诉处理到哪了", "投诉电话是多少"),
        *("不想投诉，就想知道怎么退", "我不是要投诉", "域名被人投诉了怎么办", "我要投诉记录"),
        *("I will take it to a service point", "I'm going to the post office with the parcel"),
        *("I'll report it to my boss", "we will talk to the consumer electronics team"),
    ],
)
def test_who_asks_about_complaints_does_not(text: str) -> None:
    assert "wants_person" not in signals(text)


@pytest.mark.parametrize(
    "text",
    [
        "不用转人工",
        "别给我转人工",
        "先不用人工客服了",
        "不用找客服",
        "no need to talk to an agent",
        "no need for a human",
        *("我没说要人工", "谁让你转人工的", "取消转人工", "暂时不找客服", "不是要人工"),
    ],
)
def test_hears_that_a_person_is_refused(text: str) -> None:
    assert signals(text) == ["refuses_person"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("不用找客服，你告诉我怎么退货就行", "你告诉我怎么退货就行"),
        ("别转人工了 你就说保修几年", "你就说保修几年"),
        ("no need for a human. how long is the warranty?", "how long is the warranty?"),
        ("不用转人工", "不用转人工"),
        ("怎么退货，转人工", "怎么退货，转人工"),
        ("怎么退货", "怎么退货"),
    ],
)
def test_what_is_asked_beside_a_refusal_of_a_person_is_all_that_is_left(
    text: str, rest: str
) -> None:
    assert without_refusal(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        *("人工客服几点上班", "转人工要等多久", "转人工收费吗", "人工客服周末休息吗"),
        *("你们晚上有人工吗", "周日有人工客服吗", "凌晨还有没有人工", "早上七点有人工在线吗"),
    ],
)
def test_takes_questions_about_the_service_for_questions(text: str) -> None:
    assert signals(text) == ["about_person"]


@pytest.mark.parametrize(
    "text",
    [
        "机器人怎么连WiFi",
        "不想要机器人了可以退吗",
        "人工智能课程多少钱",
        "人工费怎么算",
        "有没有负责安装的",
        "有没有活动的优惠",
        "is anyone home required for delivery",
        "备案需要负责人身份证吗",
        "给经理账号开权限",
        "安排售后人员上门安装",
        "how do I install the monitoring agent",
        "垃圾邮件怎么设置",
        "空气炸锅急速预热怎么用",
        "滚筒洗衣机怎么清洗",
        "紧急联系人怎么改",
        "",
    ],
)
def test_products_and_papers_are_no_signals(text: str) -> None:
    assert signals(text) == []


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("你们就是骗子", "angry"),
        ("这什么破玩意，退货!!!", "angry"),
        ("this is ridiculous", "angry"),
        ("很急，明天要用", "urgent"),
        ("please fix it asap", "urgent"),
        ("马上给我处理", "urgent"),
        ("好的谢谢", "thanks"),
        ("Thank you!", "thanks"),
    ],
)
def test_hears_mood(text: str, signal: Signal) -> None:
    assert signal in signals(text)


@pytest.mark.parametrize("unit", ["转", "人工", "别再", "请给我", "找个", "a b ", "want ", "，"])
def test_its_cost_grows_no_faster_than_the_text(unit: str) -> None:
    def cost_s(times: int) -> float:
        began = time.thread_time()
        signals(unit * times)
        return time.thread_time() - began

    assert min(cost_s(40_000) for _ in range(3)) < 12 * min(cost_s(10_000) for _ in range(3)) + 0.01
