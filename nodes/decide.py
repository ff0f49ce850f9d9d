"""Choose what the turn does: answer, act, clarify, hand over or fall back. Arithmetic only."""

from collections.abc import Callable

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Decision, Part, State
from nodes.rules.deciding.chances import Policy
from nodes.rules.hearing.harm import ALARMS
from nodes.rules.hearing.smells import speaks_of_danger
from nodes.rules.policy import Limits, decide_parts, decide_turn
from nodes.speech import note

HEARD = {"handoff", "clear_match"}  # action or reason that already answers an alarm
SLOW = ("act", "clarify", "fallback")  # actions that help nobody in front of a smoking machine
VAGUE = ("near_matches", "likely_match")  # reasons of answers that may be about something else
UNSURE = ("no_knowledge", "uncertain", "other_product")  # reasons: what was found is not enough


async def decide(
    state: State, runtime: Runtime[Context], *, policy: Callable[[], Policy], has_shop: bool = True
) -> State:
    """Put the decision into the state, with its confidence and reason.

    Where there is no shop, that errand's own question is: how it is done is all that can be told.
    Danger and alarms (nodes/rules/hearing/harm.py) bring a person whatever else was decided,
    unless an entry says just what was asked. Of a question beside an errand only whether it can be
    answered is decided here; the errand is the turn.
    """
    context = runtime.context
    asked_back = state.get("clarify_count", 0)
    limits = Limits(context.max_clarify, asked_back, has_shop and bool(context.user_id))
    parts: list[Part] = []
    beside = state.get("beside", "")
    if state.get("parts"):
        decision, parts = decide_parts(state, policy(), limits)
    elif beside:
        decision = decide_turn(
            {**state, "question": state["said"], "passages": []}, policy(), limits
        )
    else:
        decision = decide_turn(state, policy(), limits)
    is_danger = "danger" in state["signals"] and "injection" not in state["signals"]
    if is_danger and (decision["action"] in SLOW or _is_beside_it(decision, state)):
        decision = {**decision, "action": "handoff", "reason": "danger", "options": []}
    alarm = next((s for s in ALARMS if s in state["signals"]), "")
    is_attack = "injection" in state["signals"]
    if alarm and not is_attack and not {decision["action"], decision["reason"]} & HEARD:
        decision, parts = {**decision, "action": "handoff", "reason": alarm, "options": []}, []
    if decision["reason"] == "human" and (is_danger or alarm):
        decision = {**decision, "reason": alarm or "danger"}  # what the desk marks as urgent
    if not has_shop and decision["action"] == "act":
        beside = beside or state["question"]
    note(runtime, "decide", **decision)
    is_short = state["outcome"] == "found" and decision["reason"] in UNSURE
    return {
        "decision": decision,
        "outcome": "insufficient" if is_short else state["outcome"],
        "parts": parts,
        "beside": beside if beside and _can_answer(state, policy(), limits) else "",
    }


def _is_beside_it(decision: Decision, state: State) -> bool:
    """Say whether the best entry for somebody in danger was not written for that danger."""
    if decision["reason"] not in VAGUE or not state["passages"]:
        return False
    best = state["passages"][0]
    return not speaks_of_danger(f"{best['question']}\n{best['matched']}", state["said"])


def _can_answer(state: State, policy: Policy, limits: Limits) -> bool:
    """Say whether the question beside an errand is answered by the best of what was found."""
    asked: State = {**state, "route": "knowledge", "intent": "knowledge", "chances": {}}
    decision = decide_turn(asked, policy, limits)
    return decision["action"] == "answer" and decision["reason"] != "near_matches"
