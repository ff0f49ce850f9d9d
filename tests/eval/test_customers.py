"""The simulated customers themselves: what they say next, and how they write it."""

from random import Random

import pytest

from eval.goals import Check, Goal
from eval.noise import burst, noisy
from eval.personas import Customer, Heard, Line
from eval.script import Persona, read_script
from graph.settings import ROOT
from tools.errors import ConfigError

SCRIPT = read_script(ROOT / "data" / "eval" / "simulation.yaml")
ORDER = "NZ261117001030"


def customer(goal: Goal, **traits: object) -> Customer:
    values = {"patience": 3, "thanks": 1.0, "notices": 1.0, "accepts": 1.0, "gives_up": "person"}
    persona = Persona.model_validate({"name": "test", **values, **traits})
    return Customer(persona, goal, SCRIPT.phrases, Random(1))


def goal(name: str = "known", **values: object) -> Goal:
    return Goal(name, ["退款多久到账", "退款几天到"], Check("cites", ["a"]), **values)  # type: ignore[arg-type]


def heard(action: str = "answer", reason: str = "", *options: str, is_met: bool = False) -> Heard:
    return Heard(action, reason, options, "bot", is_met)


@pytest.mark.parametrize(
    ("reply", "move"),
    [
        (heard("act", "needs_confirmation"), "yes"),
        (heard("act", "needs_address"), "slot"),
        (heard("fallback", "no_knowledge"), "accept"),
        (heard("clarify", "vague", "甲？", "退款多久到账？"), "choose"),
        (heard("clarify", "vague", "甲？", "乙？"), "again"),
        (heard("clarify", "vague"), "again"),
        (heard("answer", is_met=True), "thanks"),
    ],
)
def test_answers_what_the_bot_asks(reply: Heard, move: str) -> None:
    asker = customer(goal(titles={"退款多久到账？"}, address="杭州市文三路 90 号"))

    said = asker.next(reply)

    assert said is not None
    assert said.move == move


def test_names_the_order_by_place_or_number() -> None:
    options = ["NZ260000000001 甲", f"{ORDER} 乙"]
    said = {
        customer(goal(order=ORDER)).next(heard("act", "needs_order", *options)),
        Customer(SCRIPT.personas[0], goal(order=ORDER), SCRIPT.phrases, Random(3)).next(
            heard("act", "needs_order", *options)
        ),
    }

    assert said <= {Line("第2个", "choose"), Line(ORDER, "slot")}


def test_who_backs_out_says_no_and_wants_nothing_done() -> None:
    wish = goal("cancel_order")

    said = customer(wish, backs_out=1.0).next(heard("act", "needs_confirmation"))

    assert said is not None
    assert said.move == "no"
    assert wish.check == Check("reason", ["declined"])


@pytest.mark.parametrize(("gives_up", "moves"), [("person", ["wish"]), ("leave", [])])
def test_patience_ends_in_a_wish_for_a_person_or_in_leaving(
    gives_up: str, moves: list[str]
) -> None:
    asker = customer(goal(), patience=1, gives_up=gives_up)

    said = asker.next(heard("answer"))

    assert [said.move] * bool(said) == moves if said else moves == []
    assert asker.end == ("" if moves else "gave_up")
    assert not asker.is_patient


def test_who_does_not_notice_takes_a_wrong_answer_for_help() -> None:
    asker = customer(goal(), notices=0.0)

    said = asker.next(heard("answer"))

    assert said is not None
    assert (said.move, asker.end) == ("thanks", "thanked")


def test_noise_leaves_numbers_and_order_numbers_alone() -> None:
    text = f"查下订单{ORDER}的快递，怎么还没到？"

    for kind in (*SCRIPT.noise, "impatience"):
        assert ORDER in noisy(text, [kind], SCRIPT, Random(1))


def test_noise_writes_known_words_the_other_way() -> None:
    written = {noisy("退款怎么还没到", ["typos"], SCRIPT, Random(seed)) for seed in range(20)}

    assert "退宽怎莫还没到" in written


def test_a_recogniser_writes_no_marks() -> None:
    assert "，" not in noisy("你好，退款呢？", ["voice"], SCRIPT, Random(1))


def test_a_burst_is_a_greeting_and_every_clause_in_order() -> None:
    greeting, *clauses = burst("我买的锅坏了，怎么修", SCRIPT, Random(1))

    assert greeting in SCRIPT.phrases["greet"]
    assert clauses == ["我买的锅坏了，", "怎么修"]


@pytest.mark.parametrize("text", ["", "version: 2", "version: 1\npersonas: []", "{", "a: [b"])
def test_a_bad_script_is_named(text: str, tmp_path: object) -> None:
    path = ROOT.__class__(str(tmp_path)) / "customers.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"customers\.yaml: no usable customers"):
        read_script(path)
