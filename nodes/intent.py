"""Understand the customer's message: reset the turn, guard, rewrite, embed once, classify."""

from collections.abc import Callable, Mapping

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Locale, Pending, State
from nodes.ahead import as_read
from nodes.profile import recall
from nodes.readings import UNREAD, Readings, alone, embed, read, searched
from nodes.reasons import beside_the_yes, given_up
from nodes.rules.errands.afterwards import AFTERWARDS, meant
from nodes.rules.errands.errands import WRITES
from nodes.rules.errands.heard import as_far_as_sure, is_aside, is_outburst, of_both
from nodes.rules.errands.pending import BEYOND, CHOSEN, OF_ERRAND, Meaning
from nodes.rules.errands.sure import sure_errand
from nodes.rules.errands.turns import last_message, last_reason, told_at_shop
from nodes.rules.hearing.facts import asks_to_forget
from nodes.rules.hearing.leaning import is_settled
from nodes.rules.hearing.noticed import noticed, with_orders
from nodes.rules.hearing.small_talk import talk
from nodes.rules.injection import detect
from nodes.settle import settle
from nodes.speech import note
from nodes.wants import Ear, asks_knowledge, expected, several, wanted
from tools.classify import IntentClassifier
from tools.embed import Embedder
from tools.llm import ChatModel
from tools.profiles import Profile, Profiles
from tools.text.normalise import is_blank, is_code, language, tells_language
from tools.text.pii import mask

NAME_CHARS = 8  # of a model or error code; a longer one may be an order's number
LET_BE = ("declined", "taken_back")  # reasons of replies to who does not want it any more


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
    """Start the turn: reset its keys, and say what the customer asks and wants."""
    most_chars = runtime.context.max_message_chars
    message = last_message(state["messages"])
    text = as_read(message.text)
    turn = fresh(state, turn_id=str(message.id), started_at=now_s(), said=text)
    attempt = detect(text[:most_chars])
    turn["signals"] = noticed(text, most_chars) + (["injection"] if attempt else [])
    turn["profile"] = await recall(runtime.context, profiles)
    meaning = meant(text, state.get("pending"), state["messages"])
    turn["locale"] = _locale(text, state, meaning, runtime.context, turn["profile"])
    if turn["profile"] and asks_to_forget(text):
        meaning = Meaning("forget_me", "chat")

    readings = read(message.text, meaning, state, turn, runtime.context)
    vectors, turn["level"] = await embed(readings, embedder)
    turn |= searched(readings, vectors)
    vector = vectors[readings.own] or vectors[readings.question]
    ear = Ear(classifier, embedder.name if embedder else "")
    turn["signals"] = with_orders(turn, vector, attempt, bool(meaning.intent), ear.embedder)

    if meaning.intent:
        turn |= expected(meaning)
    elif sure := _sure(readings, vectors, turn, state, runtime.context.user_id, ear):
        turn |= sure
    else:
        turn |= await _classified(readings, vectors, turn, state, ear, model)
    if readings.parts and not turn["beside"]:
        turn |= several(turn, readings.parts, vectors, ear)
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


def _sure(
    readings: Readings,
    vectors: Mapping[str, list[float]],
    turn: State,
    state: State,
    user_id: str,
    ear: Ear,
) -> State:
    """Return what a message wants by rule, whatever it would be classified as; {} for others."""
    asked, aside = readings.asked, readings.aside
    here = alone(mask(asked), vectors[readings.question])
    if tool := sure_errand(asked, turn, state["messages"], user_id):
        errand = expected(Meaning(tool, "account", keep=Pending(tool=tool)))
        if aside and tool in WRITES and asks_knowledge(aside, vectors[aside], ear):
            return here | errand | alone(aside, vectors[aside]) | {"beside": aside}
        return here | errand
    if readings.is_denial and readings.is_follow_up and not readings.other:  # and says no more
        return expected(Meaning("denies"))
    if passing := _in_passing(asked, turn, state):
        return here | expected(passing)
    if _is_bare_name(asked) and not readings.is_follow_up:
        return expected(Meaning("vague", "vague")) | {"chances": {"vague": 1.0}}
    return {}


async def _classified(
    readings: Readings,
    vectors: Mapping[str, list[float]],
    turn: State,
    state: State,
    ear: Ear,
    model: ChatModel | None,
) -> State:
    """Return what a message wants by the classifier, or the model where that is unsure."""
    asked, own = readings.asked, readings.own
    update: State = {}
    heard = readings.question if _is_bare_name(asked) else asked
    found = as_far_as_sure(ear.hear(heard, vectors[readings.question]), asked)
    if own:
        by_itself = ear.hear(heard, vectors[own])
        is_at_shop = bool(told_at_shop(state["messages"]))
        is_let_be = last_reason(state["messages"]) in LET_BE
        found = of_both(found, by_itself, is_at_shop=is_at_shop, is_let_be=is_let_be)
        update |= alone(own, vectors[own]) if is_aside(by_itself) else {}
    if not readings.parts and UNREAD.isdisjoint(turn["signals"]):
        found, update["llm_calls"] = await settle(asked, found, ear.classifier, model)
    return update | wanted(found, ear.classifier)


def fresh(state: State, *, turn_id: str, started_at: float, said: str) -> State:
    """Return every per-turn key at its start."""
    return {
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
    """Return the language to answer in; a bare "1", "ok" or "E02" keeps the language before."""
    is_expected = meaning.intent not in ("", *AFTERWARDS) or meaning.question is not None
    known: Locale = "en" if profile.get("language", context.locale) == "en" else "zh"
    if is_blank(text) or is_code(text) or is_expected or not any(map(str.isalpha, text)):
        return state.get("locale", known)
    return language(text) if tells_language(text) else state.get("locale", language(text))


def _in_passing(asked: str, turn: State, state: State) -> Meaning | None:
    """Return the meaning of a message that lets off steam, asks who is there or ends the matter."""
    if is_outburst(asked, turn["signals"]):
        return Meaning("dissatisfied", "offer")
    if "wants_person" not in turn["signals"] and (intent := talk(asked)):
        return Meaning(intent, "chat")
    is_waiting = state.get("pending", {}).get("kind") in OF_ERRAND  # 看到了 does not settle it
    return Meaning("thanks", "chat") if is_settled(asked) and not is_waiting else None


def _is_bare_name(text: str) -> bool:
    """Say whether the message is a model or error code alone, too short for an order's number."""
    return is_code(text) and len(text) <= NAME_CHARS and not text.isdecimal()
