from dataclasses import replace

from eval.beyond import OTHER, examples
from eval.cases import Case
from eval.queries import Label
from tests.fakes.turn import at, passage

HITS = [
    passage("三天。", id="a"),
    passage("三天。", id="twin", question="退款要几天？"),
    passage("两元。", id="b", question="运费多少？"),
    passage("见章程。", id="doc", kind="doc"),
]


def case(label: Label, relevant: str = "") -> Case:
    state = at(question="钱多久退", passages=HITS)
    one = Case(state, {}, {}, None, None, label, "g", "dev")
    return replace(one, relevant=frozenset([relevant] if relevant else []))


def seen(one: Case) -> list[tuple[str, bool, float]]:
    found = examples(one)
    return [(each.passages[0]["id"], each.is_beyond, each.weight) for each in found]


def test_a_question_is_read_beside_its_own_entry_and_the_best_other_one() -> None:
    assert seen(case("answerable", "a")) == [("a", False, 1.0), ("b", True, OTHER)]


def test_a_question_without_an_answer_is_read_beside_the_best_hit() -> None:
    assert seen(case("indomain_no_answer")) == [("a", True, 1.0)]


def test_what_no_passage_should_settle_is_not_learnt_from() -> None:
    assert seen(case("account_specific")) == []
