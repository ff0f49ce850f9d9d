"""What a message wants, and each question of one that asks several: intent, route and tool."""

from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np

from graph.state import Part, Route, State
from nodes.rules.errands.heard import as_far_as_sure
from nodes.rules.errands.pending import Meaning
from nodes.rules.hearing.small_talk import unless_misheard
from nodes.rules.policy import SURELY_OWN
from tools.classify import Classification, IntentClassifier


class Ear(NamedTuple):
    """What messages are classified with."""

    classifier: IntentClassifier
    embedder: str  # name of what made the vectors; "" = there are none

    def hear(self, text: str, vector: list[float]) -> Classification:
        """Return what the classifier makes of a text; of its words alone where it has no vector."""
        unit = np.array(vector, np.float32) if vector else None
        return unless_misheard(self.classifier.classify(text, unit, embedder=self.embedder), text)


def asks_knowledge(aside: str, vector: list[float], ear: Ear) -> bool:
    """Say whether what is asked beside an errand is no other errand and no case for a person."""
    return as_far_as_sure(ear.hear(aside, vector), aside).route == "knowledge"


def expected(meaning: Meaning) -> State:
    """Return intent, route and tool from what was pending."""
    return {
        "intent": meaning.intent,
        "route": meaning.route,
        "intent_confidence": 1.0,
        "tool": meaning.keep.get("tool", ""),
        "chances": {},
    }


def wanted(found: Classification, classifier: IntentClassifier) -> State:
    """Return intent, route and tool from what the classifier makes of the message."""
    return {
        "intent": found.intent,
        "route": cast(Route, found.route),  # load_taxonomy checks it
        "intent_confidence": found.confidence,
        "tool": found.tool,
        "chances": found.probabilities | classifier.by_route(found.probabilities),
    }


def several(
    turn: State,
    questions: Mapping[str, str],
    vectors: Mapping[str, list[float]],
    ear: Ear,
) -> State:
    """Return the message's parts, small talk left out; nothing where it must be taken as a whole.

    A wish for a person or an errand at the shop is the whole turn's.
    """
    parts: list[Part] = []
    heard: list[State] = []
    for question, asked in questions.items():
        vector = vectors[question]
        found = wanted(ear.hear(question, vector), ear.classifier)
        if found["route"] != "chat":
            heard.append(found)
            part = {"asked": asked, "question": question, "vector": vector, **found}
            parts.append(cast(Part, part | {"passages": [], "outcome": "skipped", "reason": ""}))
    if len(parts) < 2 or any(map(_is_errand, [turn, *heard])):
        return {}
    return {**heard[0], "parts": parts, "other": "", "wider": []}


def _is_errand(heard: State) -> bool:
    is_sure = heard["intent_confidence"] >= SURELY_OWN
    return heard["route"] == "handoff" or (heard["route"] == "account" and is_sure)
