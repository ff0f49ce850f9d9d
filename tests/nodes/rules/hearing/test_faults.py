import pytest

from nodes.rules.errands.heard import as_far_as_sure
from nodes.rules.hearing.faults import tells_fault
from tools.classify import Classification


@pytest.mark.parametrize(
    "said",
    [
        "my V8 shows E03",
        "my S10 shows E01",
        "the dishwasher displays E01",
        "error E05 on my S20 Pro",
        "My K5 keeps showing E02",
        "my robot won't charge",
        "my V8 stopped working",
        "my dishwasher is leaking",
        "the air fryer won't turn on",
        "my S10 keeps going in circles",
        "my rice cooker doesn't heat up",
        "my purifier smells weird",
        "my lock doesn't recognise my finger",
        "the V8 battery died after 10 minutes",
        "my V8 battery dies fast",
        "R3 E06 not heating",
        "my robot is stuck and beeping",
        "P7 blender not starting",
        "my dehumidifier isn't draining",
        "my app says device offline",
        "my S20 doesn't return to the dock",
        "A9 red light blinking",
        "my mop smells terrible",
        "我的V8显示E03",
        "我的洗碗机报E01",
    ],
)
def test_a_fault_of_a_device_is_heard(said: str) -> None:
    assert tells_fault(said)


@pytest.mark.parametrize(
    "said",
    [
        "where is my order",
        "my parcel hasn't arrived",
        "my V8 hasn't shipped yet",
        "cancel my V8 order",
        "I want to return my broken S10",
        "refund my dishwasher, it's broken",
        "my refund hasn't arrived",
        "how many points do I have",
        "where is my S20 Pro",
        "my order is stuck",
        "the tracking doesn't update for my order",
        "I never got my invoice",
        "what's the status of my repair",
        "my V8 order shows delivered but I have nothing",
        "when will my K5 arrive",
        "my payment doesn't go through",
        "my coupon doesn't show up in my account",
        "change the address of my order",
        "my account balance shows 0",
        "is my order paid",
        "我的V8显示E03，要退货",
        "E01这个订单到哪了",
        "can you replace my V8, it shows E03",
        "where is my V8, not here",
        "my bill is not right",
        "V8我不要了，E03",
        "E03能赔吗",
        "预约师傅 E03",
    ],
)
def test_what_names_an_order_is_none(said: str) -> None:
    assert not tells_fault(said)


def test_a_fault_is_looked_up_though_it_sounds_like_an_errand() -> None:
    errand = Classification("account_info", 0.72, {}, "account", "account_info")

    assert as_far_as_sure(errand, "my V8 shows E03").route == "knowledge"
    assert as_far_as_sure(errand, "how many points do I have") == errand


def test_a_fault_alone_is_no_case_for_a_person_unless_it_surely_sounds_so() -> None:
    case = Classification("escalation", 0.69, {}, "handoff", "")
    sure = case._replace(confidence=0.95)

    assert as_far_as_sure(case, "my V8 battery dies fast").route == "knowledge"
    assert as_far_as_sure(sure, "my V8 battery dies fast") == sure
    assert as_far_as_sure(case, "I will sue you") == case
