from nodes.decide import decide
from tests.fakes.kefu import POLICY
from tests.fakes.turn import Stage, at, passage

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
