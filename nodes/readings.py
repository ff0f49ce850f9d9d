"""The ways in which what a message asks can be read, and a vector for each."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from graph.context import Context
from graph.state import State
from nodes.ahead import asked_in
from nodes.rules.errands.pending import Meaning, spelled_out
from nodes.rules.errands.turns import denied, history, narrows, obedient, topical
from nodes.rules.errands.wishes import beside
from nodes.rules.hearing.topics import Turn
from nodes.rules.rewrite import split_questions, stand_alone, stand_alone_each
from nodes.rules.wording.condition_names import names_products
from nodes.rules.wording.pieces import pieces
from tools.embed import Embedder
from tools.errors import KefuError
from tools.text.pii import mask

logger = logging.getLogger(__name__)

MAX_PARTS = 3  # questions of one message that are answered one by one
TAKEN_UP = 24  # messages before that a turn may lean on: what it is about was often said early
OWN_SHARE = 0.5  # of a follow-up's own words in its vector; 0.35 to 1 find more than 0
UNREAD = {"empty", "too_long", "injection"}  # signals of a message that no model is asked about


class Readings(NamedTuple):
    """What a message asks. Texts are masked, but for `asked`; "" where there is no such reading."""

    asked: str  # in the message's own words
    question: str  # standing alone
    other: str  # standing alone in another way, where rules can't tell
    wider: str  # a follow-up, standing alone on a wider topic
    own: str  # a follow-up's own words
    aside: str  # a question beside a signed-in customer's errand
    parts: Mapping[str, str]  # two or three questions, each standing alone: how replies name it
    pieces: Sequence[str]  # of a long message, each searched by itself
    is_follow_up: bool
    is_denial: bool  # the reply before was not about what the customer meant
    denied: list[str]  # ids and titles that were shown and not meant


def read(message: str, meaning: Meaning, state: State, turn: State, context: Context) -> Readings:
    """Return what `message` asks, as it was typed; `meaning` is what it answers the bot.

    `state` is that before the turn, and `turn` what is known of the turn: `said` and `signals`.
    """
    asked = asked_in(meaning.question or turn["said"])
    turns = _taken_up(state, context.max_message_chars)
    rewrite = stand_alone(asked, turns)
    is_answer = bool(meaning.question or meaning.intent)
    is_denial = rewrite.denies and not meaning.intent and meaning.question is None
    is_other = is_denial and not narrows(rewrite.other, state["messages"])
    is_own = rewrite.is_follow_up and not (rewrite.denies or names_products(asked))
    own = mask(asked) if is_own else ""
    parts = {} if is_answer else _parts(asked, turns)
    is_whole = is_answer or bool(parts) or not UNREAD.isdisjoint(turn["signals"])
    return Readings(
        asked=asked,
        question=mask(rewrite.text),
        other=mask(rewrite.other),
        wider=mask(rewrite.wider) if own else "",
        own=own,
        aside=mask(beside(asked)) if context.user_id and not meaning.intent else "",
        parts=parts,
        pieces=[] if is_whole else [mask(piece) for piece in pieces(message)],
        is_follow_up=rewrite.is_follow_up,
        is_denial=is_denial,
        denied=denied(state["messages"]) if is_other else [],
    )


async def embed(
    readings: Readings, embedder: Embedder | None
) -> tuple[dict[str, list[float]], int]:
    """Return the unit vector of each text that is read, each embedded once, and the level.

    The level is 1, and all vectors are empty, when the embedder is down or there is none. "" has
    no vector.
    """
    r = readings
    texts = [r.question, r.other, r.own, r.wider, r.aside, *r.parts, *r.pieces]
    vectors: dict[str, list[float]] = {text: [] for text in texts}
    asked = [text for text in vectors if text]
    if embedder is None or not r.question:
        return vectors, 0 if embedder else 1
    try:
        found = await embedder.questions(asked)
    except KefuError:
        logger.warning("embedder down, searching by words only", exc_info=True)
        return vectors, 1
    return vectors | {t: v.tolist() for t, v in zip(asked, found, strict=True)}, 0


def searched(readings: Readings, vectors: Mapping[str, list[float]]) -> State:
    """Return what `retrieve` looks for; a follow-up's vectors lean to its own words."""
    r, own = readings, vectors[readings.own]
    return {
        "question": r.question,
        "vector": _leaning(vectors[r.question], own) if r.own else vectors[r.question],
        "own": r.own,
        "other": r.other,
        "other_vector": vectors[r.other],
        "wider": [(r.wider, _leaning(vectors[r.wider], own))] if r.wider else [],
        "pieces": [(piece, vectors[piece]) for piece in r.pieces],
        "denied": r.denied,
    }


def alone(question: str, vector: list[float]) -> State:
    """Return what `retrieve` looks for where a message turns out to lean on nothing."""
    return {"question": question, "vector": vector, "other": "", "other_vector": [], "wider": []}


def _taken_up(state: State, max_chars: int) -> list[Turn]:
    """Return the turns before that a message may lean on."""
    turns = history(spelled_out(topical(state["messages"])), TAKEN_UP)
    return obedient([turn for turn in turns if len(turn.content) <= max_chars])


def _parts(asked: str, turns: Sequence[Turn]) -> dict[str, str]:
    """Return up to MAX_PARTS questions of a message, standing alone, and how to name each.

    {} where it is just one.
    """
    questions = split_questions(asked)
    if not 1 < len(questions) <= MAX_PARTS:
        return {}
    alone = stand_alone_each(questions, turns)
    return {mask(q): mask(min(q, own, key=len)) for q, own in zip(alone, questions, strict=True)}


def _leaning(joined: list[float], own: list[float]) -> list[float]:
    """Return the unit vector of a follow-up joined with what it leans on, nearer to its own words.

    What was asked before is mostly longer, and its own passage would come first again.
    """
    both = np.array(joined) + OWN_SHARE * np.array(own)
    length = float(np.linalg.norm(both))
    return [float(x) / length for x in both] if length else joined
