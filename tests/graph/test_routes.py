import pytest

from graph.routes import after_speaking, by_decision, by_need, by_owner
from graph.state import State
from tests.fakes.turn import at, decided


@pytest.mark.parametrize(
    ("state", "node"),
    [
        ({}, "intent"),
        ({"owner": "bot"}, "intent"),
        ({"owner": "queue"}, "relay"),
        ({"owner": "human"}, "relay"),
    ],
)
def test_the_owner_of_the_thread_decides_who_hears_the_message(state: State, node: str) -> None:
    assert by_owner(state) == node


@pytest.mark.parametrize("route", ["knowledge", "vague", "offer", "account"])
def test_what_the_knowledge_may_answer_is_looked_up(route: str) -> None:
    assert by_need(at(route=route)) == "retrieve"


@pytest.mark.parametrize(
    "changes",
    [
        {"route": "chat"},
        {"route": "handoff"},
        {"signals": ["injection"]},
        {"signals": ["empty"]},
        {"signals": ["too_long"]},
        {"pending": {"kind": "confirm"}},
    ],
)
def test_what_needs_no_knowledge_is_decided_at_once(changes: dict[str, object]) -> None:
    assert by_need(at(**changes)) == "decide"


def test_an_attempt_that_no_rule_knows_is_looked_up() -> None:
    assert by_need(at(signals=["injection", "unproven"])) == "retrieve"


@pytest.mark.parametrize("action", ["answer", "act", "clarify", "handoff", "fallback"])
def test_the_decision_names_the_next_node(action: str) -> None:
    assert by_decision(at(decision=decided(action, "x"))) == action


def test_relay_is_never_a_decision() -> None:
    with pytest.raises(ValueError, match="the owner does"):
        by_decision(at(decision=decided("relay", "x")))


@pytest.mark.parametrize(
    ("action", "node"),
    [("answer", "remember"), ("act", "remember"), ("handoff", "handoff"), ("fallback", "fallback")],
)
def test_a_speaker_that_can_not_answer_hands_on(action: str, node: str) -> None:
    assert after_speaking(at(decision=decided(action, "x"))) == node
