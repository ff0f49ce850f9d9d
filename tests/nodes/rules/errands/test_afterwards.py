import time

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from graph.state import Pending
from nodes.rules.errands.afterwards import (
    CLAIMS,
    DONE_ALREADY,
    DONE_FOR_GOOD,
    NOTHING_WAITS,
    TAKEN_BACK,
    meant,
)

CONFIRM = Pending(kind="confirm", tool="refund_request", args={"order_id": "NZ261117001030"})


def after(*reasons: str) -> list[AnyMessage]:
    """Return a conversation in which the bot replied with `reasons`."""
    return [
        message
        for reason in reasons
        for message in (
            HumanMessage("…"),
            AIMessage("…", additional_kwargs={"kefu": {"action": "act", "reason": reason}}),
        )
    ]


@pytest.mark.parametrize("said", ["确认", "好的确认", "那就确认吧", "嗯，确认", "confirm"])
def test_a_yes_to_nothing_is_told_so(said: str) -> None:
    assert meant(said, None, after("declined")).intent == NOTHING_WAITS
    assert meant(said, None, []).intent == NOTHING_WAITS
    assert meant(said, CONFIRM, []).intent == "confirms"


@pytest.mark.parametrize("said", ["没错就是取消", "确认", "对，退", "是的，确认取消"])
def test_who_says_once_more_what_is_done_starts_nothing_new(said: str) -> None:
    assert meant(said, None, after("needs_confirmation", "written")).intent == DONE_ALREADY


@pytest.mark.parametrize(
    "said",
    [
        *("好的，再取消一个", "对了，还要退S10", "没错，取消净化器那单", "退", "好的"),
        *("我要取消另一单", "确认一下到账时间", "好的，什么时候退", "对 NZ261121012049 也取消"),
        *("是的，还要退", "对，也退了"),
    ],
)
def test_who_wants_more_after_a_write_is_heard(said: str) -> None:
    assert meant(said, None, after("written")).intent == ""


@pytest.mark.parametrize(
    "said", ["等等我不取消了", "哎不退了", "反悔了，不退了", "don't cancel it"]
)
def test_what_is_done_is_not_said_to_be_undone(said: str) -> None:
    assert meant(said, None, after("written")).intent == DONE_FOR_GOOD
    assert meant(said, None, after("written", "order_status")).intent == DONE_FOR_GOOD
    assert meant(said, None, after("needs_order", "likely_match")).intent == TAKEN_BACK
    assert meant(said, None, after("refused_already_shipped")).intent == TAKEN_BACK
    assert meant(said, None, after("refund_status")).intent == ""  # of a refund asked for before


@pytest.mark.parametrize("said", ["我再看看", "留着用吧", "为什么不退"])
def test_what_speaks_of_no_write_takes_none_back(said: str) -> None:
    assert meant(said, None, after("written")).intent == ""


@pytest.mark.parametrize(
    "said",
    [
        *("你刚才说可以退全款的", "你们客服昨天答应我赔200", "你说送了啊", "你答应了的"),
        *("你们明明承诺给我补差价", "客服之前说会给我免运费的", "主播说会送滤芯"),
        *("You said I would get a full refund", "you promised me a discount"),
    ],
)
@pytest.mark.parametrize("pending", [None, CONFIRM])
def test_who_claims_a_promise_is_heard(said: str, pending: Pending | None) -> None:
    assert meant(said, pending, []).intent == CLAIMS


@pytest.mark.parametrize(
    "said",
    [
        *("你们说免费安装的，怎么还收费", "你们可以退吗", "客服说会退款，到现在没收到"),
        *("你们说送货上门的", "你刚才说的第二点", "客服说可以用醋洗", "我说了要退", "你们保修几年"),
        *(
            "你说能退，那就退了吧",
            "您说可以退款，那我退吧",
            "你们说会减少噪音",
            "你刚才说可以取消退款",
        ),
        *(
            "你说要退货先申请",
            "你们承诺7天无理由退货，我要退V8",
            "you said I can get a refund, so please do",
        ),
        *("说好明天到的", "you said to restart it", "我答应我妈退了"),
    ],
)
def test_what_else_was_said_claims_no_promise(said: str) -> None:
    assert meant(said, None, []).intent != CLAIMS


@pytest.mark.parametrize(
    "said",
    [
        "再不到我投诉了",
        "赶紧退，不然我打12315",
        "再不处理我就找律师",
        "再不退我就报警",
        "refund me or I will sue",
    ],
)
def test_who_threatens_is_heard(said: str) -> None:
    assert meant(said, CONFIRM, []).intent == "escalation"
    assert meant(said, CONFIRM, []).route == "handoff"


@pytest.mark.parametrize(
    "said",
    [
        "门锁再不充电就报警",
        "小心轻放，否则报警",
        "不然的话机器会一直报警",
        "再不到怎么投诉",
        "不然就算了",
        "我投诉过了",
        "or should I complain?",
    ],
)
def test_who_asks_threatens_with_nothing(said: str) -> None:
    assert meant(said, None, []).intent != "escalation"


@pytest.mark.parametrize(
    "piece", ["再不", "or ", "你", "你说", "客服说会", "答应", "了", "确认", "对", "you said "]
)
def test_long_messages_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for count in (1, 5, 11, 29, 40, 20_000):
        meant(piece * count + "x", None, after("written"))
        meant((piece * count)[:59] + "x", None, after("declined"))

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "said",
    [
        *(
            "那就消协见",
            "咱们法庭见",
            "我准备去找记者了",
            "已经联系律师了",
            "只能打12345了",
            "我要报警了",
        ),
        *("不退我就发到小红书", "没人处理那我就发抖音", "现在就打12315投诉"),
    ],
)
def test_who_goes_to_the_press_or_the_law_is_heard_after_any_question(said: str) -> None:
    assert meant(said, None, after("near_matches")).intent == "escalation"


@pytest.mark.parametrize(
    "said",
    [
        *("我家门锁一直报警", "机器报警了", "我不想找律师", "我不会打12315的", "12315电话是多少"),
        *(
            "可以找媒体合作吗",
            "我在抖音上买的",
            "没注册就发不了微博",
            "请律师看的合同要盖章",
            "打电话没人接",
        ),
    ],
)
def test_who_only_speaks_of_them_makes_no_threat(said: str) -> None:
    assert meant(said, None, after("near_matches")).intent != "escalation"
