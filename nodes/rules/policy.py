"""Decide what to do with a turn: a rule table where no knowledge is needed, else the evidence.

The chance that answering from the passages is right is a logistic function of four features of the
best hits, fitted on labelled queries by `python -m eval calibrate` and kept in data/policy.json.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from graph.state import Decision, State
from tools.errors import ConfigError
from tools.search.types import Passage
from tools.text.normalise import fold

VERSION = 1
REPAIR = "python -m eval calibrate"
MAX_OPTIONS = 4
FEATURES = ("fit", "cover", "margin", "offdomain")


class Policy(NamedTuple):
    """Weights and thresholds; chances are 0..1, weights are per unit of their feature."""

    bias: float
    weights: Mapping[str, float]
    words_bias: float  # the same without vectors: words alone
    words_weights: Mapping[str, float]
    answer_at: float  # chance from which the passages are answered from
    clarify_at: float  # chance from which asking back is worth it
    clear_at: float  # chance from which one entry is quoted without asking the model
    vague_at: float  # chance of a vague message from which it is asked back


class Limits(NamedTuple):
    """How far a conversation may go before a person is offered."""

    max_clarify: int
    clarify_count: int


def load_policy(path: Path) -> Policy:
    """Read a policy.

    Raises:
        ConfigError: if the file is missing, damaged or of another version.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("version") != VERSION:
            raise ConfigError(f"{path}: expected version {VERSION}; make it anew: {REPAIR}")
        raw.pop("fitted_on", None)
        policy = Policy(**raw)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ConfigError(f"{path}: no usable policy ({exc}); make it anew: {REPAIR}") from exc
    for weights in (policy.weights, policy.words_weights):
        if unknown := set(weights) - set(FEATURES):
            raise ConfigError(f"{path}: unknown features {sorted(unknown)}; make it anew: {REPAIR}")
    return policy


def features(passages: Sequence[Passage], offdomain: float) -> dict[str, float]:
    """Return the features of a result; all zero without passages.

    fit     how far the question is nearer to the best entry than that entry's neighbours are
    cover   share of the question's terms, by rarity, that the best entry holds
    margin  fused score of the best entry less that of the next one with another answer
    """
    if not passages:
        return dict.fromkeys(FEATURES, 0.0)
    best = passages[0]
    rivals = [p["score"] for p in passages[1:] if p["answer"] != best["answer"]]
    return {
        "fit": max(p["fit"] for p in passages[:3]),
        "cover": max(p["words"] for p in passages[:3]),
        "margin": best["score"] - max(rivals, default=0.0),
        "offdomain": offdomain,
    }


def chance_right(policy: Policy, found: Mapping[str, float], *, has_vector: bool) -> float:
    """Return the estimated chance, 0..1, that answering from the passages is right."""
    bias, weights = (
        (policy.bias, policy.weights) if has_vector else (policy.words_bias, policy.words_weights)
    )
    score = bias + sum(weight * found[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def decide_turn(state: State, policy: Policy, limits: Limits) -> Decision:
    """Return the decision for a turn whose intent and passages are known."""
    return _without_knowledge(state, limits) or _from_knowledge(state, policy, limits)


def _without_knowledge(state: State, limits: Limits) -> Decision | None:
    """Return the decision that no passage can change, or None."""
    asked = [s for s in ("injection", "empty", "too_long") if s in state["signals"]]
    if asked == ["injection"]:
        return _decision("fallback", 1.0, "injection")
    if asked:
        return _decision("clarify", 1.0, asked[-1])
    confidence = state["intent_confidence"]
    match state["route"]:
        case "handoff":
            return _decision("handoff", confidence, state["intent"])
        case "account":
            return _decision("act", confidence, state["tool"] or state["intent"])
        case "chat":
            return _decision("fallback", confidence, state["intent"])
    if state["outcome"] == "failed":
        return _decision("fallback", 0.0, "search_down")
    return None


def _from_knowledge(state: State, policy: Policy, limits: Limits) -> Decision:
    found = features(state["passages"], state["offdomain"])
    chance = chance_right(policy, found, has_vector=bool(state["vector"]))
    options = candidates(state["passages"])
    may_ask = limits.clarify_count < limits.max_clarify
    if state["route"] == "vague" and state["intent_confidence"] >= policy.vague_at:
        if may_ask:
            return _decision("clarify", chance, "vague", options if chance > 0.05 else [])
        return _decision("fallback", chance, "stuck")
    if chance >= policy.answer_at and state["outcome"] == "found":
        reason = "clear_match" if chance >= policy.clear_at else "likely_match"
        return _decision("answer", chance, reason)
    if state["route"] == "offer":
        return _decision("fallback", chance, "offer")
    if chance >= policy.clarify_at and may_ask and len(options) > 1:
        return _decision("clarify", chance, "uncertain", options)
    return _decision("fallback", chance, "no_knowledge")


def candidates(passages: Sequence[Passage]) -> list[str]:
    """Return the questions of the best hits to choose from, each answer once."""
    options: list[str] = []
    answers: set[str] = set()
    for passage in passages:
        if passage["answer"] not in answers and fold(passage["question"]) not in map(fold, options):
            options.append(passage["question"])
            answers.add(passage["answer"])
    return options[:MAX_OPTIONS]


def _decision(action: str, confidence: float, reason: str, options: Sequence[str] = ()) -> Decision:
    return {
        "action": action,  # type: ignore[typeddict-item]
        "confidence": round(confidence, 4),
        "reason": reason,
        "options": list(options),
    }
