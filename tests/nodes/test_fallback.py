import pytest

from nodes.fallback import fallback
from tests.fakes.kefu import NOW
from tests.fakes.turn import Stage, at, decided
from tools.desk.desk import Desk
from tools.errors import StoreUnavailable


class ClosedDesk:
    """A desk whose database is locked."""

    async def add_gap(self, *args: object, **kwargs: object) -> None:
        raise StoreUnavailable("locked")


@pytest.mark.parametrize("reason", ["no_knowledge", "nothing_more"])
async def test_offers_a_person_when_the_knowledge_has_no_answer(desk: Desk, reason: str) -> None:
    stage = Stage()

    update = await fallback(
        at(said="有分店吗", decision=decided("fallback", reason)),
        stage.runtime,
        desk=desk,
        now_s=NOW.timestamp,
    )

    assert stage.shown.endswith("要为您转接人工客服吗？")
    assert update["pending"] == {"kind": "offer", "question": "有分店吗"}
    assert update["is_offered"] is True


@pytest.mark.parametrize("reason", ["no_knowledge", "nothing_more"])
async def test_keeps_what_could_not_be_answered_for_the_editors(desk: Desk, reason: str) -> None:
    state = at(said="有分店吗", decision=decided("fallback", reason))

    await fallback(state, Stage(tenant="acme").runtime, desk=desk, now_s=NOW.timestamp)

    [gap] = (await desk.held_of_thread("th1", tenant="acme"))["gaps"]
    assert (gap["question"], gap["reason"]) == ("有分店吗", reason)


async def test_a_message_without_a_question_leaves_no_gap(desk: Desk) -> None:
    state = at(said="", decision=decided("fallback", "stuck"))

    await fallback(state, Stage().runtime, desk=desk, now_s=NOW.timestamp)

    assert (await desk.held_of_thread("th1", tenant="default"))["gaps"] == []


async def test_still_speaks_when_the_gap_can_not_be_kept() -> None:
    stage = Stage()

    await fallback(
        at(decision=decided("fallback", "no_knowledge")),
        stage.runtime,
        desk=ClosedDesk(),  # type: ignore[arg-type]
        now_s=NOW.timestamp,
    )

    assert stage.shown.startswith("很抱歉")


async def test_the_second_offer_in_an_episode_is_worded_differently(desk: Desk) -> None:
    stage = Stage()
    state = at(decision=decided("fallback", "no_knowledge"), is_offered=True)

    await fallback(state, stage.runtime, desk=desk, now_s=NOW.timestamp)

    assert "也没有查到" in stage.shown


@pytest.mark.parametrize(
    ("reason", "words"),
    [("search_down", "知识库暂时查询不了"), ("greeting", "您好"), ("injection", "不能照做")],
)
async def test_each_reason_has_its_own_words_and_waits_for_nothing(
    desk: Desk, reason: str, words: str
) -> None:
    stage = Stage()

    update = await fallback(
        at(decision=decided("fallback", reason)), stage.runtime, desk=desk, now_s=NOW.timestamp
    )

    assert words in stage.shown
    assert update["pending"] == {}


@pytest.mark.parametrize(
    ("reason", "signals", "begins"),
    [
        ("thanks", ["thanks"], "不客气"),
        ("thanks", [], "好的，"),
        ("identity", [], "我是智能客服助手，不是真人。"),
    ],
)
async def test_small_talk_is_answered_as_it_was_meant(
    reason: str, signals: list[str], begins: str, desk: Desk
) -> None:
    stage = Stage()
    state = at(said="…", signals=signals, decision=decided("fallback", reason))

    await fallback(state, stage.runtime, desk=desk, now_s=NOW.timestamp)

    assert stage.shown.startswith(begins)
