"""Decide what to do with a turn: a rule table where no knowledge is needed, else the evidence."""

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

from graph.state import Decision, Part, State
from nodes.rules.deciding.chances import Policy, at_its_bar, chance_right
from nodes.rules.deciding.features import agreement, aim, cover, features, said_itself, spread
from nodes.rules.deciding.near import is_wording, near
from nodes.rules.errands.errands import is_in_vain
from nodes.rules.errands.heard import is_outburst, is_still_so, is_unhelped, says_no_more
from nodes.rules.errands.orders import order_numbers
from nodes.rules.errands.pending import BEYOND
from nodes.rules.errands.turns import last_cited, told_at_shop
from nodes.rules.hearing.asked import asks_how, asks_whether_still, is_of_another
from nodes.rules.hearing.leaning import asks_itself, says_something
from nodes.rules.injection import speaks_to_assistant
from tools.search.types import Passage
from tools.text.normalise import fold, language

MAX_OPTIONS = 4
SURELY_OWN = 0.7  # chance of an account question from which the knowledge is not asked, at least
STILL_OWN = 0.5  # the same, of a follow-up to what the shop has told
SURELY_ANGRY = 0.7  # chance of a message that only complains
RELATED_AT = 0.4  # cover from which the hits are offered to choose from for a vague message
VAGUE_AT = 0.2  # chance of a vague message from which it is asked back, at least
NEAR, STEEP = 0.63, 15.0  # where, and how soon, what an entry says outweighs these two
SPREAD_AT = 0.6  # share of the best hits about different products from which it is asked which
ELSEWHERE_AT = 0.5  # chance of an off-domain message from which nothing is asked back
KNOWN_AT = 0.9  # cover from which a message is about the knowledge, whatever the chances say
SURE_AT = 0.6  # chance from which it is answered although several products are near


class Limits(NamedTuple):
    """How far a conversation may go before a person is offered."""

    max_clarify: int
    clarify_count: int
    is_signed_in: bool = False  # so that the shop's tools can tell about the customer's own


def decide_turn(state: State, policy: Policy, limits: Limits) -> Decision:
    """Return the decision for a turn whose intent and passages are known.

    What only sounds like an attempt is answered where one entry says just what was asked: that is
    quoted, and no model reads the message.
    """
    if "unproven" in state["signals"] and state["passages"] and not state.get("parts"):
        found = _from_knowledge(state, policy, limits)
        if found["reason"] == "clear_match" and state["passages"][0]["kind"] == "faq":
            return found
    return _without_knowledge(state, limits) or _from_knowledge(state, policy, limits)


def decide_parts(state: State, policy: Policy, limits: Limits) -> tuple[Decision, list[Part]]:
    """Return the decision for a message of several questions, and its parts with their reasons.

    What can be answered is answered. Where nothing can be, a question back goes before giving up,
    and the parts are gone: it is about one of them.
    """
    parts: list[Part] = []
    decisions: list[Decision] = []
    for part in state["parts"]:
        decision = decide_turn({**state, **part_state(part)}, policy, limits)
        is_answered = decision["action"] == "answer"
        parts.append({**part, "reason": decision["reason"] if is_answered else ""})
        decisions.append(decision)
    answers = [decision for decision in decisions if decision["action"] == "answer"]
    if not answers:
        asked = [decision for decision in decisions if decision["action"] == "clarify"]
        return (asked or decisions)[0], []
    return _decision("answer", min(d["confidence"] for d in answers), "several"), parts


def part_state(part: Part) -> State:
    """Return the keys of State that a part has of its own."""
    own = {key: value for key, value in part.items() if key not in ("asked", "reason")}
    return cast(State, own)


def _without_knowledge(state: State, limits: Limits) -> Decision | None:
    """Return the decision that no passage can change, or None."""
    if decision := _of_no_use(state, limits):
        return decision
    confidence = state["intent_confidence"]
    match state["route"]:
        case "handoff":
            return _decision("handoff", confidence, state["intent"])
        case "account" if _goes_on(state):
            return _decision("act", confidence, state["tool"])
        case "account" if confidence >= SURELY_OWN and _is_own(state, limits):
            return _decision("act", confidence, state["tool"] or state["intent"])
        case "offer" if confidence >= SURELY_ANGRY and _is_mere_anger(state):
            return _decision("fallback", confidence, "offer")  # whatever entry is near
        case "chat":
            return _decision("fallback", confidence, state["intent"])
    if state["outcome"] == "failed":
        return _decision("fallback", 0.0, "search_down")
    if _has_not_helped(state):
        return _decision("fallback", 1.0, "offer")
    return None


def _of_no_use(state: State, limits: Limits) -> Decision | None:
    """Return what to do about a message that can't be read, or picks what was not offered."""
    asked = [s for s in ("injection", "empty", "too_long") if s in state["signals"]]
    if asked == ["injection"]:
        return _decision("fallback", 1.0, "injection")
    is_beyond = state["intent"] == BEYOND and state["route"] == "vague"
    if not asked and not is_beyond:
        return None
    if limits.clarify_count >= limits.max_clarify:
        return _stuck(1.0)
    if asked:
        return _decision("clarify", 1.0, asked[-1])
    return _decision("clarify", 1.0, BEYOND, state["pending"]["options"])


def _is_mere_anger(state: State) -> bool:
    """Say whether a complaint names nothing that the knowledge could help with."""
    is_all = is_outburst(state["said"], state["signals"])
    return is_all or cover(state["passages"]) < KNOWN_AT


def _has_not_helped(state: State) -> bool:
    """Say whether what was advised has not helped, and nothing else is found than just that."""
    said, advised = state["said"], last_cited(state["messages"])
    is_same = not advised.isdisjoint(passage["id"] for passage in state["passages"][:1])
    if is_unhelped(said):
        return is_same or (bool(advised) and says_no_more(said))
    return is_same and is_still_so(said, state["question"])


def _is_own(state: State, limits: Limits) -> bool:
    """Say whether a message is so surely about the customer's own account that no entry matters.

    Where the tools can do nothing, or not for one who is not signed in, an entry that says nearly
    what was asked goes before, and any that answers what only adds a fact, or asks whether
    something can still be done.
    """
    is_more = (
        told_at_shop(state["messages"]) == state["tool"] and state["question"] != state["said"]
    )
    asked = state.get("own") or state["question"]  # "how come?" leans on it
    can_tell = limits.is_signed_in and not is_in_vain(state["tool"], state["said"])
    is_open = asks_whether_still(asked) or bool(state.get("own") and not asks_itself(asked))
    if not is_more and (asks_how(asked) or (is_open and not can_tell)):
        return False
    bar = 0.0 if can_tell else _outweighed(agreement(state["passages"]))
    return state["intent_confidence"] >= bar


def _is_mere_fragment(state: State, limits: Limits) -> bool:
    """Say whether a stranger's follow-up only sounds a little like an account question.

    It says too little to be sure by itself, and the tools could tell them nothing.
    """
    is_sure = state["intent_confidence"] >= SURELY_OWN
    is_follow_up = bool(state.get("own")) and not state.get("parts")
    return is_follow_up and not is_sure and not limits.is_signed_in


def _goes_on(state: State) -> bool:
    """Say whether it gives an order's number, or leans, "how come?", on what the shop has told."""
    told = told_at_shop(state.get("messages", []))
    is_same = bool(told) and told == state["tool"] and state["question"] != state["said"]
    is_told = is_same and state["intent_confidence"] >= STILL_OWN
    return is_told or bool(order_numbers(state["said"]))


def _outweighed(near: float) -> float:
    """Return the chance of another reading of the message that `near` an entry outweighs.

    Fitted on data/eval/pairs.jsonl and the dev queries: vague messages against short questions by
    how much of the entry's wording they say, account questions by how far the two agree.
    """
    return 1 / (1 + math.exp(-STEEP * (near - NEAR)))


def _from_knowledge(state: State, policy: Policy, limits: Limits) -> Decision:
    question, passages, chances = state["question"], state["passages"], state["chances"]
    has_vector = bool(state["vector"])
    own = "" if state.get("parts") else said_itself(state.get("own", ""), question)
    found = features(question, passages, chances, own)
    chance = chance_right(policy, found, has_vector=has_vector)
    policy = at_its_bar(policy, found)
    if passages and passages[0]["kind"] == "faq" and is_wording(question, passages[0]):
        return _decision("answer", max(chance, policy.clear_at), "clear_match")
    doubtful = min(state["intent_confidence"], SURELY_OWN)  # else it would not have come here
    is_account = state["route"] == "account" and not _is_mere_fragment(state, limits)
    if is_account and doubtful >= chance:
        return _decision("act", state["intent_confidence"], state["tool"] or state["intent"])
    covered, vague = cover(passages), chances.get("vague", 0.0)
    options = candidates(passages)
    is_elsewhere = found["offdomain"] >= ELSEWHERE_AT and covered < KNOWN_AT
    may_ask = limits.clarify_count < limits.max_clarify and not is_elsewhere
    related = options if covered >= RELATED_AT and says_something(question) else []
    if state["intent"] == "denies":
        return _decision("clarify", chance, "denied", related) if may_ask else _stuck(chance)
    is_open = spread(question, passages) >= SPREAD_AT
    bar = VAGUE_AT if is_open else max(VAGUE_AT, _outweighed(aim(passages)))
    if vague >= bar and chances.get("account", 0.0) < vague:
        return _decision("clarify", chance, "vague", related) if may_ask else _stuck(chance)
    shown = near(question, passages, policy.lead_at if has_vector else policy.words_lead_at)
    if is_open and len(shown) > 1 and policy.clarify_at <= chance < SURE_AT and may_ask:
        return _decision("clarify", chance, "which_product", options)
    of_named = [p for p in shown if not (is_of_another(question, p) or is_of_another(own, p))]
    is_other, shown = not of_named, of_named or shown
    if chance >= policy.answer_at and state["outcome"] == "found" and not is_other:
        return _answer(chance, shown, options[1:], policy)
    if is_account:
        return _decision("act", state["intent_confidence"], state["tool"] or state["intent"])
    if state["route"] == "offer":
        return _decision("fallback", chance, "offer")
    is_known = chance >= policy.clarify_at or covered >= KNOWN_AT
    if is_known and may_ask and len(options) > 1:
        reason = "other_product" if is_other else "uncertain"
        return _decision("clarify", chance, reason, options)
    return _unknown(chance, related, may_ask=may_ask and _is_lone_word(question))


def _unknown(chance: float, related: Sequence[str], *, may_ask: bool) -> Decision:
    if may_ask:
        return _decision("clarify", chance, "vague", related)
    return _decision("fallback", chance, "no_knowledge")


def _is_lone_word(question: str) -> bool:
    """Say whether an English question is a topic alone, warranty: too little to say no to."""
    return language(question) == "en" and question.strip(" ?!.").isalpha()


def _answer(
    chance: float, shown: Sequence[Passage], others: Sequence[str], policy: Policy
) -> Decision:
    """Return the decision to answer: from several near hits, or from the one that leads."""
    if len(shown) > 1:
        return _decision("answer", chance, "near_matches", [p["question"] for p in shown])
    if chance >= policy.clear_at:
        return _decision("answer", chance, "clear_match")
    return _decision("answer", chance, "likely_match", others)


def _stuck(chance: float) -> Decision:
    return _decision("fallback", chance, "stuck")


def candidates(passages: Sequence[Passage]) -> list[str]:
    """Return the questions of the best hits to choose from, each answer once."""
    known: dict[str, Passage] = {}
    for passage in passages:
        if passage["answer"] not in (p["answer"] for p in known.values()):
            known.setdefault(fold(passage["question"]), passage)
    fit = (p["question"] for p in known.values() if not speaks_to_assistant(p["question"]))
    return list(fit)[:MAX_OPTIONS]


def _decision(action: str, confidence: float, reason: str, options: Sequence[str] = ()) -> Decision:
    return {
        "action": action,  # type: ignore[typeddict-item]
        "confidence": round(confidence, 4),
        "reason": reason,
        "options": list(options),
    }
