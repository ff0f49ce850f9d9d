"""Understand the customer's message: reset the turn, guard, rewrite, embed once, classify."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import SCHEMA_VERSION, Locale, Pending, State
from nodes.ahead import as_read, asked_in
from nodes.profile import recall
from nodes.rules.afterwards import AFTERWARDS, meant
from nodes.rules.errands import WRITES
from nodes.rules.facts import asks_to_forget
from nodes.rules.heard import as_far_as_sure, is_aside, is_outburst, of_both
from nodes.rules.injection import detect
from nodes.rules.leaning import is_settled
from nodes.rules.noticed import noticed, with_orders
from nodes.rules.pending import BEYOND, CHOSEN, Meaning, spelled_out
from nodes.rules.pieces import pieces
from nodes.rules.reasons import beside_the_yes, given_up
from nodes.rules.rewrite import split_questions, stand_alone, stand_alone_each
from nodes.rules.sure import sure_errand
from nodes.rules.topics import Turn
from nodes.rules.turns import (
    denied,
    history,
    last_message,
    narrows,
    obedient,
    told_at_shop,
    topical,
)
from nodes.rules.wishes import beside
from nodes.settle import settle
from nodes.speech import note
from nodes.wants import asks_knowledge, expected, hear, several, wanted
from tools.classify import IntentClassifier
from tools.embed import Embedder
from tools.errors import KefuError
from tools.llm import ChatModel
from tools.profiles import Profile, Profiles
from tools.text.normalise import is_blank, is_code, language
from tools.text.pii import mask

logger = logging.getLogger(__name__)

MAX_PARTS = 3  # questions of one message that are answered one by one
NAME_CHARS = 8
TAKEN_UP = 24  # messages before that a turn may lean on: what it is about was often said early
OWN_SHARE = 0.5  # of a follow-up's own words in its vector; 0.35 to 1 find more than 0
WAITED = ("confirm", "slot")  # kinds of what is pending that "seen" and "done" do not settle
UNREAD = {"empty", "too_long", "injection"}  # signals of a message that no model is asked about


async def intent(
    state: State,
    runtime: Runtime[Context],
    *,
    classifier: IntentClassifier,
    embedder: Embedder | None,
    now_s: Callable[[], float],
    model: ChatModel | None = None,
    profiles: Profiles | None = None,
) -> State:
    """Start the turn and say what the customer wants."""
    message = last_message(state["messages"])
    text = as_read(message.text)
    turn = _fresh(state, turn_id=str(message.id), started_at=now_s(), said=text)
    attempt = detect(text[: runtime.context.max_message_chars])
    turn["signals"] = noticed(text, runtime.context.max_message_chars)
    turn["signals"] += ["injection"] if attempt else []
    turn["profile"] = await recall(runtime.context, profiles)
    meaning = meant(text, state.get("pending"), state["messages"])
    turn["locale"] = _locale(text, state, meaning, runtime.context, turn["profile"])
    if turn["profile"] and asks_to_forget(text):
        meaning = Meaning("forget_me", "chat")
    asked = asked_in(meaning.question or text)
    turns = _taken_up(state, runtime.context.max_message_chars)
    rewrite = stand_alone(asked, turns)
    turn["question"], turn["other"] = mask(rewrite.text), mask(rewrite.other)
    is_denial = rewrite.denies and not meaning.intent and meaning.question is None
    is_other = is_denial and not narrows(rewrite.other, state["messages"])
    turn["denied"] = denied(state["messages"]) if is_other else []
    parts = {} if meaning.question or meaning.intent else _parts(asked, turns)
    long = [] if meaning.question or meaning.intent or parts else _pieces(message.text, turn)
    own = turn["own"] = mask(asked) if rewrite.is_follow_up and not rewrite.denies else ""
    aside = mask(beside(asked)) if runtime.context.user_id and not meaning.intent else ""
    wider = mask(rewrite.wider) if own else ""
    texts = [turn["question"], turn["other"], own, wider, aside, *parts, *long]
    vectors, turn["level"] = await _embed(texts, embedder)
    whole = vectors[turn["question"]]
    turn["vector"] = _leaning(whole, vectors[own]) if own else whole
    turn["other_vector"] = vectors[turn["other"]]
    turn["wider"] = [(wider, _leaning(vectors[wider], vectors[own]))] if wider else []
    turn["pieces"], name = [(p, vectors[p]) for p in long], embedder.name if embedder else ""
    turn["signals"] = with_orders(turn, vectors[own] or whole, attempt, bool(meaning.intent), name)
    if meaning.intent:
        turn |= expected(meaning)
    elif tool := sure_errand(asked, turn, state["messages"], runtime.context.user_id):
        turn |= _alone(mask(asked), whole)
        turn |= expected(Meaning(tool, "account", keep=Pending(tool=tool)))
        if aside and tool in WRITES and asks_knowledge(aside, vectors[aside], classifier, name):
            turn |= _alone(aside, vectors[aside]) | {"beside": aside}
            parts = {}
    elif is_denial and rewrite.is_follow_up and not rewrite.other:  # and nothing is said instead
        turn |= expected(Meaning("denies"))
    elif passing := _in_passing(asked, turn, state):
        turn |= _alone(mask(asked), whole) | expected(passing)
    elif _is_bare_name(asked) and not rewrite.is_follow_up:
        turn |= expected(Meaning("vague", "vague")) | {"chances": {"vague": 1.0}}
    else:
        heard = turn["question"] if _is_bare_name(asked) else asked
        found = as_far_as_sure(hear(heard, whole, classifier, name), asked)
        if own:
            alone = hear(heard, vectors[own], classifier, name)
            found = of_both(found, alone, is_at_shop=bool(told_at_shop(state["messages"])))
            turn |= _alone(own, vectors[own]) if is_aside(alone) else {}
        if not parts and UNREAD.isdisjoint(turn["signals"]):
            found, turn["llm_calls"] = await settle(asked, found, classifier, model)
        turn |= wanted(found, classifier)
    turn |= several(turn, parts, vectors, classifier, name) if parts else {}
    turn["pending"], turn["unconfirmed"] = meaning.keep, Pending()
    turn |= beside_the_yes(turn, state) if meaning.intent in ("", CHOSEN, BEYOND) else {}
    turn["let_be"] = given_up(turn, state)
    note(
        runtime,
        "intent",
        question=turn["question"],
        intent=turn["intent"],
        confidence=round(turn["intent_confidence"], 3),
        signals=turn["signals"],
        parts=[part["question"] for part in turn["parts"]],
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
        "beside": "",
        "other": "",
        "other_vector": [],
        "wider": [],
        "denied": [],
        "parts": [],
        "pieces": [],
        "passages": [],
        "outcome": "skipped",
        "citations": [],
        "level": 0,
        "llm_calls": 0,
        "cached": False,
        "first_token_ms": 0.0,
    }


def _locale(
    text: str, state: State, meaning: Meaning, context: Context, profile: Profile
) -> Locale:
    """Return the language to answer in; a bare "1", "yes" or "E02" keeps the language before."""
    is_expected = meaning.intent not in ("", *AFTERWARDS) or meaning.question is not None
    if is_blank(text) or is_code(text) or is_expected:
        known: Locale = "en" if profile.get("language", context.locale) == "en" else "zh"
        return state.get("locale", known)
    return language(text)


def _in_passing(asked: str, turn: State, state: State) -> Meaning | None:
    """Return the meaning of a message that only lets off steam, or ends the matter."""
    if is_outburst(asked, turn["signals"]):
        return Meaning("dissatisfied", "offer")
    is_waiting = state.get("pending", {}).get("kind") in WAITED
    return Meaning("thanks", "chat") if is_settled(asked) and not is_waiting else None


def _is_bare_name(text: str) -> bool:
    """Say whether the message is a model or error code alone, too short for an order's number."""
    return is_code(text) and len(text) <= NAME_CHARS and not text.isdecimal()


def _taken_up(state: State, max_chars: int) -> list[Turn]:
    """Return the turns before; only what was taken up counts."""
    turns = history(spelled_out(topical(state["messages"])), TAKEN_UP)
    return obedient([turn for turn in turns if len(turn.content) <= max_chars])


def _pieces(text: str, turn: State) -> list[str]:
    """Return what of a long message is searched by itself; [] where it is not read at all."""
    return [mask(p) for p in pieces(text)] if UNREAD.isdisjoint(turn["signals"]) else []


def _parts(asked: str, turns: Sequence[Turn]) -> dict[str, str]:
    """Return up to MAX_PARTS questions of a message, standing alone, and how to name each.

    {} where it is just one.
    """
    questions = split_questions(asked)
    if not 1 < len(questions) <= MAX_PARTS:
        return {}
    alone = stand_alone_each(questions, turns)
    return {mask(q): mask(min(q, own, key=len)) for q, own in zip(alone, questions, strict=True)}


async def _embed(
    texts: Sequence[str], embedder: Embedder | None
) -> tuple[dict[str, list[float]], int]:
    """Return the vector of each text, each embedded once, and the level.

    The level is 1, and all vectors are empty, when the embedder is down. "" has none.
    """
    vectors: dict[str, list[float]] = {text: [] for text in texts}
    asked = [text for text in vectors if text]
    if embedder is None or not texts[0]:
        return vectors, 0 if embedder else 1
    try:
        found = await embedder.questions(asked)
    except KefuError:
        logger.warning("embedder down, searching by words only", exc_info=True)
        return vectors, 1
    return vectors | {t: v.tolist() for t, v in zip(asked, found, strict=True)}, 0


def _leaning(joined: list[float], own: list[float]) -> list[float]:
    """Return the unit vector of a follow-up joined with what it leans on, nearer to its own words.

    What was asked before is mostly longer, and its own passage would come first again.
    """
    both = np.array(joined) + OWN_SHARE * np.array(own)
    length = float(np.linalg.norm(both))
    return [float(x) / length for x in both] if length else joined


def _alone(question: str, vector: list[float]) -> State:
    """Return what is asked by a message that leans on nothing."""
    return {"question": question, "vector": vector, "other": "", "other_vector": [], "wider": []}
