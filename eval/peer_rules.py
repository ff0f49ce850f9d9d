"""How others decide whether to answer, as short rules on what Kefu's search found.

Re-stated from their public code and pages, with their default numbers; nothing of theirs runs
here. All get Kefu's own search, vectors and reading of the message, so that only the decision
differs, and the reply is the best passage in its own words, as without a model.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from graph.state import State
from tools.search.types import Passage

RAGFLOW_AT = 0.2  # similarity_threshold
RAGFLOW_VECTOR = 0.3  # vector_similarity_weight; the rest is for words
WEKNORA_VECTOR_AT, WEKNORA_KEYWORD_AT, WEKNORA_RERANK_AT = 0.2, 0.3, 0.3
CAPTAIN_AT = 0.55  # cosine; distance 0.45, proposed in chatwoot#15285
CAPTAIN_CLARIFIES = 1
FIN_LOOP = 3  # turns without progress after which a person is offered

_DONT_KNOW = re.compile(r"^\s*(?:sorry,?\s*i don'?t know|抱歉，?我?不知道)", re.IGNORECASE)


class Rule(NamedTuple):
    """A rule, and the number it compares with its threshold; without one there is none to vary."""

    source: str
    decides: Callable[[State], str]  # -> action
    score: Callable[[State], float] | None


def ragflow(state: State) -> str:
    """Answer if any passage is similar enough, else say the set reply.

    api/db/services/dialog_service.py: hybrid similarity from 0.2, `empty_response` else.
    """
    return "answer" if _ragflow_score(state) >= RAGFLOW_AT else "fallback"


def _ragflow_score(state: State) -> float:
    return max(map(_ragflow_mix, state["passages"]), default=0.0)


def _ragflow_mix(passage: Passage) -> float:
    return RAGFLOW_VECTOR * passage["dense"] + (1 - RAGFLOW_VECTOR) * passage["words"]


def weknora(state: State) -> str:
    """Answer if a passage passes the vector's or the words' threshold, and then the reranker's.

    config/config.yaml. The reranker is stood in for by the mean of both similarities. With its
    default fallback (`model`) it would answer from the model's own knowledge instead of refusing.
    """
    kept = [
        passage
        for passage in state["passages"]
        if passage["dense"] >= WEKNORA_VECTOR_AT or passage["words"] >= WEKNORA_KEYWORD_AT
    ]
    return "answer" if _weknora_score(kept) >= WEKNORA_RERANK_AT else "fallback"


def _weknora_score(passages: Sequence[Passage]) -> float:
    return max(((p["dense"] + p["words"]) / 2 for p in passages), default=0.0)


def qnabot(state: State) -> str:
    """Answer whatever was found unless the reply says that it does not know.

    lambda/fulfillment, `llm.js`: a regex on the reply leads to the item `no_hits`. A passage in
    its own words never says so, which is what qnabot-plugin-samples#8 complains about.
    """
    if not state["passages"]:
        return "fallback"
    return "fallback" if _DONT_KNOW.search(state["passages"][0]["answer"]) else "answer"


def captain(state: State) -> str:
    """Answer a near FAQ entry; else ask at most once for a missing detail; else offer a person.

    enterprise/lib/captain/prompts/assistant.liquid: an explicit wish goes to a person at once. A
    detail is missing where the best hits are about several products.
    """
    if state["route"] == "handoff":
        return "handoff"
    if cosine(state) >= CAPTAIN_AT:
        return "answer"
    products = {passage["product"] for passage in state["passages"][:5]}
    may_ask = state.get("clarify_count", 0) < CAPTAIN_CLARIFIES
    return "clarify" if len(products) > 1 and may_ask else "fallback"


def fin(state: State) -> str:
    """Answer, except: a wish for a person goes to one, anger and a loop of turns get an offer.

    fin.ai help 12399729. Its answer itself is refused by a model that is not public; what is
    re-stated is the published rule for leaving the answering. The loop is of conversations: on
    single messages it never comes to it.
    """
    if state["route"] == "handoff":
        return "handoff"
    is_stuck = state.get("stalled_count", 0) >= FIN_LOOP
    if state["route"] == "offer" or "angry" in state["signals"] or is_stuck:
        return "fallback"
    return "answer" if state["passages"] else "fallback"


def cosine(state: State) -> float:
    """Return the best cosine of a passage with the question; 0 of none."""
    return max((passage["dense"] for passage in state["passages"]), default=0.0)


RULES = {
    "RAGFlow": Rule("hybrid similarity >= 0.2", ragflow, _ragflow_score),
    "WeKnora": Rule("0.2 / 0.3 / 0.3", weknora, lambda state: _weknora_score(state["passages"])),
    "QnABot": Rule("regex: does not know", qnabot, None),
    "Captain": Rule("cosine >= 0.55, one question back", captain, cosine),
    "Fin": Rule("wish, anger, loop of three", fin, None),
}


def cosine_rule(threshold: float) -> Rule:
    """Return the plain rule: answer from `threshold` of the best passage's cosine."""

    def decides(state: State) -> str:
        return "answer" if cosine(state) >= threshold else "fallback"

    return Rule(f"cosine >= {threshold:.3f}", decides, cosine)
