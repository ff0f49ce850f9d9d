import pytest

from nodes.clarify import clarify
from tests.fakes.kefu import NOW
from tests.fakes.turn import Stage, at, decided


async def test_offers_the_candidates_by_number_and_waits_for_a_choice() -> None:
    stage = Stage()
    state = at(said="保修多久", decision=decided("clarify", "which_product", "吸尘器", "电水壶"))

    update = await clarify(state, stage.runtime, now_s=NOW.timestamp)

    assert stage.shown.endswith("\n1. 吸尘器\n2. 电水壶")
    assert update["messages"][0].text == stage.shown
    assert update["pending"] == {
        "kind": "choice",
        "question": "保修多久",
        "options": ["吸尘器", "电水壶"],
    }


@pytest.mark.parametrize(("before", "now"), [({}, 1), ({"clarify_count": 1}, 2)])
async def test_counts_how_often_it_asked_in_a_row(before: dict[str, int], now: int) -> None:
    state = at(decision=decided("clarify", "vague"), **before)

    update = await clarify(state, Stage().runtime, now_s=NOW.timestamp)

    assert update["clarify_count"] == now


async def test_without_candidates_it_asks_openly_and_waits_for_nothing() -> None:
    stage = Stage()

    update = await clarify(
        at(decision=decided("clarify", "vague")), stage.runtime, now_s=NOW.timestamp
    )

    assert "哪方面的事" in stage.shown
    assert update["pending"] == {}


async def test_says_how_long_a_message_was_when_it_was_too_long() -> None:
    stage = Stage()
    state = at(said="长" * 5000, decision=decided("clarify", "too_long"))

    await clarify(state, stage.runtime, now_s=NOW.timestamp)

    assert "5000 字" in stage.shown


async def test_asks_in_the_language_of_the_customer() -> None:
    stage = Stage()
    state = at(said="", locale="en", decision=decided("clarify", "empty"))

    await clarify(state, stage.runtime, now_s=NOW.timestamp)

    assert stage.shown.startswith("I see no question")


@pytest.mark.parametrize("options", [[], ["怎么关闭自动续费？", "怎么取消订阅？"]])
async def test_says_sorry_where_the_reply_before_missed_the_point(options: list[str]) -> None:
    stage = Stage()

    await clarify(
        at(decision=decided("clarify", "denied", *options)), stage.runtime, now_s=NOW.timestamp
    )

    assert stage.shown.startswith("抱歉，刚才没有答到点上")
    assert all(option in stage.shown for option in options)


async def test_says_that_what_it_offers_is_about_another_model() -> None:
    stage = Stage()
    state = at(said="S10 重吗", decision=decided("clarify", "other_product", "S20 Pro 重吗"))

    await clarify(state, stage.runtime, now_s=NOW.timestamp)

    assert "型号" in stage.shown
    assert stage.shown.endswith("\n1. S20 Pro 重吗")


async def test_a_number_that_was_not_offered_gets_those_that_were() -> None:
    stage = Stage()
    state = at(said="3", decision=decided("clarify", "no_such_option", "退款", "退货"))

    update = await clarify(state, stage.runtime, now_s=NOW.timestamp)

    assert "2 个" in stage.shown
    assert stage.shown.endswith("\n1. 退款\n2. 退货")
    assert update["pending"]["options"] == ["退款", "退货"]


@pytest.mark.parametrize(
    ("options", "is_told"),
    [
        (["What are points worth?", "积分怎么算？"], True),
        (["S10", "What are points worth?"], False),
    ],
)
async def test_tells_who_writes_english_that_options_are_in_chinese(
    options: list[str], is_told: bool
) -> None:
    stage = Stage()
    state = at(said="points", locale="en", decision=decided("clarify", "vague", *options))

    await clarify(state, stage.runtime, now_s=NOW.timestamp)

    assert ("in Chinese only" in stage.shown) is is_told
    assert stage.shown.endswith(f"\n1. {options[0]}\n2. {options[1]}")
