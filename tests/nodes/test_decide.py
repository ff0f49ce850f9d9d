from typing import cast

import pytest

from graph.state import State
from nodes.decide import decide
from tests.fakes.kefu import POLICY
from tests.fakes.turn import Stage, at, passage
from tools.text.signals import Signal

NO_FIT = {"words": 0.0, "fit": 0.0}


async def test_tells_the_channel_what_it_chose_and_why() -> None:
    stage = Stage()

    update = await decide(at(passages=[], outcome="nothing"), stage.runtime, policy=lambda: POLICY)

    assert stage.pieces[-1]["detail"] == update["decision"]
    assert update["decision"]["reason"] == "no_knowledge"


async def test_passages_that_do_not_suffice_are_another_outcome_than_none() -> None:
    weak = passage("与问题无关。", question="门店几点开门？", **NO_FIT)

    found = await decide(
        at(passages=[weak], outcome="found"), Stage().runtime, policy=lambda: POLICY
    )
    none = await decide(at(outcome="nothing"), Stage().runtime, policy=lambda: POLICY)

    assert (found["outcome"], none["outcome"]) == ("insufficient", "nothing")


async def test_takes_the_limit_of_questions_from_the_context() -> None:
    vague = at(said="怎么弄", route="vague", chances={"vague": 0.9})
    again = {**vague, "clarify_count": 1}

    first = await decide(vague, Stage(max_clarify=1).runtime, policy=lambda: POLICY)
    patient = await decide(again, Stage(max_clarify=2).runtime, policy=lambda: POLICY)
    hasty = await decide(again, Stage(max_clarify=1).runtime, policy=lambda: POLICY)

    assert first["decision"]["action"] == patient["decision"]["action"] == "clarify"
    assert (hasty["decision"]["action"], hasty["decision"]["reason"]) == ("fallback", "stuck")


@pytest.mark.parametrize(
    "change",
    [
        {"said": "冒烟了", "route": "vague", "chances": {"vague": 0.9}},  # would be asked back
        {"said": "有股焦味", "outcome": "nothing"},  # nothing is known
        {"said": "冒烟了", "route": "account", "intent_confidence": 0.9, "tool": "refund_status"},
    ],
)
async def test_danger_waits_for_no_question(change: State) -> None:
    danger = at(signals=["danger"], **change)
    no_danger, attack = {**danger, "signals": []}, {**danger, "signals": ["danger", "injection"]}

    decided = [
        (await decide(state, Stage(user_id="u001").runtime, policy=lambda: POLICY))["decision"]
        for state in (danger, cast(State, no_danger), cast(State, attack))
    ]

    assert (decided[0]["action"], decided[0]["reason"]) == ("handoff", "danger")
    assert decided[0]["options"] == []
    assert {decision["action"] for decision in decided[1:]} & {"handoff", "answer"} == set()


@pytest.mark.parametrize(
    ("signals", "reason"),
    [
        ([], "human"),
        (["danger"], "danger"),
        (["danger", "hurt"], "hurt"),
    ],
)
async def test_a_wish_for_a_person_out_of_danger_is_urgent_at_the_desk(
    signals: list[Signal], reason: str
) -> None:
    wish = at(said="冒烟了，我要投诉", route="handoff", intent="human", signals=signals)

    decision = (await decide(wish, Stage().runtime, policy=lambda: POLICY))["decision"]

    assert (decision["action"], decision["reason"]) == ("handoff", reason)


async def test_danger_that_the_knowledge_answers_is_answered() -> None:
    known = passage("请先断电，离远一些。", question="机器冒烟怎么办？")
    state = at(said="机器冒烟怎么办？", passages=[known], outcome="found", signals=["danger"])

    update = await decide(state, Stage().runtime, policy=lambda: POLICY)

    assert update["decision"]["action"] == "answer"


async def test_who_is_in_danger_is_not_shown_what_may_be_about_something_else() -> None:
    smell = passage("新机有轻微胶味，通风会散。", question="净化器有异味怎么回事？")
    smoke = passage("油滴到底部会冒少量白烟。", question="炸锅冒白烟正常吗？")
    near = passage("先看水箱满没满。", id="p2", question="除湿机不除湿怎么办？")

    actions = [
        (
            await decide(
                at(said="除湿机冒烟了", passages=[best, near], outcome="found", signals=["danger"]),
                Stage().runtime,
                policy=lambda: POLICY,
            )
        )["decision"]["action"]
        for best in (smell, smoke)
    ]

    assert actions == ["handoff", "answer"]


async def test_who_was_hurt_is_not_told_of_whatever_is_near() -> None:
    near = passage("推开电池盖，4 节一起换新的。", question="门锁怎么换电池？")
    known = passage("请马上就医。", question="孩子吞了电池怎么办？")
    state = at(said="孩子吞了电池怎么办？", outcome="found", signals=["hurt"], route="knowledge")

    about_it, just_that = [
        (
            await decide(
                cast(State, {**state, "passages": [found]}), Stage().runtime, policy=lambda: POLICY
            )
        )["decision"]
        for found in (near, known)
    ]

    assert (about_it["action"], about_it["reason"]) == ("handoff", "hurt")
    assert just_that["action"] == "answer"


async def test_a_message_with_an_order_s_number_is_about_that_order() -> None:
    near = passage("备注最多 50 字。", question="下单时可以备注吗？")
    change: State = {"route": "account", "tool": "order_status", "intent_confidence": 0.5}
    state = at(said="订单NZ261121012049的备注是什么", passages=[near], outcome="found", **change)

    update = await decide(state, Stage(user_id="u001").runtime, policy=lambda: POLICY)

    assert (update["decision"]["action"], update["decision"]["reason"]) == ("act", "order_status")
