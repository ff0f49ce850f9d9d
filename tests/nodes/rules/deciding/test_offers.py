from pathlib import Path

import pytest

from graph.settings import ROOT
from graph.state import Pending
from nodes.rules.deciding.offers import Rule, due, load_offers, stalled
from tests.fakes.turn import at, decided
from tools.errors import ConfigError

RULES = (Rule("angry"), Rule("repeated"), Rule("stalled", 3))


def test_the_shipped_table_can_be_read() -> None:
    assert load_offers(ROOT / "data" / "offers.yaml") == RULES


@pytest.mark.parametrize(
    ("signals", "is_repeat", "stalled_count", "why"),
    [
        (["angry"], False, 0, "angry"),
        ([], True, 1, "repeated"),
        ([], False, 3, "stalled"),
        (["angry"], True, 3, "angry"),
        (["urgent"], False, 2, None),
    ],
)
def test_the_first_rule_that_holds_offers_a_person(
    signals: list[str], is_repeat: bool, stalled_count: int, why: str | None
) -> None:
    state = at(signals=signals, decision=decided("answer", "likely_match"))

    assert due(RULES, state, is_repeat=is_repeat, stalled_count=stalled_count) == why


@pytest.mark.parametrize(
    "changes",
    [
        {"is_offered": True},
        {"pending": Pending(kind="confirm", tool="cancel_order")},
        {"pending": Pending(kind="offer")},
        {"decision": decided("handoff", "human")},
    ],
)
def test_nothing_is_offered_twice_or_while_the_bot_waits_for_something(changes: object) -> None:
    state = at(**{"signals": ["angry"], "decision": decided("answer", "x"), **changes})  # type: ignore[dict-item]

    assert due(RULES, state, is_repeat=True, stalled_count=9) is None


def test_another_try_after_a_reply_that_missed_the_point_is_no_progress_yet() -> None:
    state = at(decision=decided("answer", "x"), denied=["nz-1"], stalled_count=1)

    assert stalled(state, is_repeat=False) == 2


@pytest.mark.parametrize(
    "text",
    [
        "when: angry",
        "- when: bored",
        "- when: stalled\n  turns: 0",
        "- when: stalled\n  turns: yes",
        "- when: angry\n  then: call",
        "- [",
    ],
)
def test_a_table_that_cannot_be_understood_is_named_with_its_line(
    tmp_path: Path, text: str
) -> None:
    table = tmp_path / "offers.yaml"
    table.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"offers\.yaml: .*expected"):
        load_offers(table)


def test_a_missing_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: expected a list of rules"):
        load_offers(tmp_path / "none.yaml")
