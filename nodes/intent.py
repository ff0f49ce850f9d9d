"""Understand the customer's message: reset the turn, guard, rewrite, embed once, classify."""

import logging
from collections.abc import Callable
from typing import cast

import numpy as np
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import SCHEMA_VERSION, Locale, Route, State
from nodes.rules.injection import detect
from nodes.rules.pending import Meaning, resolve
from nodes.rules.rewrite import stand_alone
from nodes.rules.turns import history, last_message, obedient
from nodes.settle import settle
from nodes.speech import note
from tools.classify import IntentClassifier
from tools.embed import Embedder
from tools.errors import KefuError
from tools.llm import ChatModel
from tools.text.normalise import is_blank, language, normalise
from tools.text.pii import mask
from tools.text.signals import signals as read_signals

logger = logging.getLogger(__name__)

CLASSIFIED_CHARS = 500  # head of a message that is embedded and classified
UNREAD = {"empty", "too_long", "injection"}  # signals of a message that no model is asked about


async def intent(
    state: State,
    runtime: Runtime[Context],
    *,
    classifier: IntentClassifier,
    embedder: Embedder | None,
    now_s: Callable[[], float],
    model: ChatModel | None = None,
) -> State:
    """Start the turn and say what the customer wants."""
    message = last_message(state["messages"])
    text = normalise(message.text)
    turn = _fresh(state, turn_id=str(message.id), started_at=now_s(), said=text)
    turn["signals"] = _signals(text, runtime.context.max_message_chars)
    meaning = resolve(text, state.get("pending"))
    turn["locale"] = _locale(text, state, meaning, runtime.context)
    turn["question"] = mask(
        _stand_alone(state, meaning.question or text, runtime.context.max_message_chars)
    )
    turn["vector"], level = await _embed(turn["question"], embedder)
    turn["level"] = level
    name = embedder.name if embedder else ""
    turn |= await _understood(meaning.question or text, turn, meaning, classifier, name, model)
    turn["pending"] = meaning.keep
    note(
        runtime,
        "intent",
        question=turn["question"],
        intent=turn["intent"],
        confidence=round(turn["intent_confidence"], 3),
        signals=turn["signals"],
    )
    return turn


def _fresh(state: State, *, turn_id: str, started_at: float, said: str) -> State:
    """Return every per-turn key at its start."""
    return {
        "schema_version": SCHEMA_VERSION,
        "owner": state.get("owner", "bot"),
        "turn_id": turn_id,
        "started_at": started_at,
        "said": said,
        "passages": [],
        "outcome": "skipped",
        "citations": [],
        "level": 0,
        "llm_calls": 0,
        "first_token_ms": 0.0,
    }


def _locale(text: str, state: State, meaning: Meaning, context: Context) -> Locale:
    """Return the language to answer in; a bare "1" or "yes" goes on in the language before."""
    if is_blank(text) or meaning.intent or meaning.question is not None:
        return state.get("locale", context.locale)
    return language(text)


def _signals(text: str, max_chars: int) -> list[str]:
    found = [str(signal) for signal in read_signals(text)]
    if is_blank(text):
        found.append("empty")
    if len(text) > max_chars:
        found.append("too_long")
    if detect(text[:max_chars]) is not None:
        found.append("injection")
    if mask(text) != text:
        found.append("personal_data")
    return found


def _stand_alone(state: State, text: str, max_chars: int) -> str:
    """Return the question with what it leaves out; only what was taken up before counts."""
    turns = [turn for turn in history(state["messages"]) if len(turn.content) <= max_chars]
    return stand_alone(text[:CLASSIFIED_CHARS], obedient(turns)).text


async def _embed(question: str, embedder: Embedder | None) -> tuple[list[float], int]:
    """Return the question's vector and the level: 1 and no vector when the embedder is down."""
    if embedder is None or not question:
        return [], 0 if embedder else 1
    try:
        vectors = await embedder.questions([question])
    except KefuError:
        logger.warning("embedder down, searching by words only", exc_info=True)
        return [], 1
    return [float(x) for x in vectors[0]], 0


async def _understood(
    text: str,
    turn: State,
    meaning: Meaning,
    classifier: IntentClassifier,
    embedder: str,
    model: ChatModel | None,
) -> State:
    """Return intent, route and tool, from what was pending, the classifier or the model."""
    if meaning.intent:
        return {
            "intent": meaning.intent,
            "route": meaning.route,
            "intent_confidence": 1.0,
            "tool": meaning.keep.get("tool", ""),
            "chances": {},
        }
    vector = np.array(turn["vector"], np.float32) if turn["vector"] else None
    head = text[:CLASSIFIED_CHARS]
    found = classifier.classify(head, vector, embedder=embedder)
    calls = 0
    if UNREAD.isdisjoint(turn["signals"]):
        found, calls = await settle(head, found, classifier, model)
    return {
        "intent": found.intent,
        "route": cast(Route, found.route),  # load_taxonomy checks it
        "intent_confidence": found.confidence,
        "tool": found.tool,
        "chances": found.probabilities | classifier.by_route(found.probabilities),
        "llm_calls": turn["llm_calls"] + calls,
    }
