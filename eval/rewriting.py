"""A conversation's last question, found as it stands, by the rules and by the model."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from eval.dialogue import Dialogue, Finder, figures, messages, rank
from eval.watch import Watch, measured
from nodes.prompts import render
from tools.errors import BadReply
from tools.search.base import Progress
from tools.text.normalise import normalise

TALK_CHARS = 500  # of each earlier message
TALK_MESSAGES = 8
QUESTION_CHARS = 500
QUESTION_TOKENS = 128


class Found(NamedTuple):
    """The places at which one dialogue's last question finds what it is about."""

    question: str  # by the rules
    rewritten: str  # by the model
    last_turn: int | None
    rules: int | None
    model: int | None


async def rewriting(
    dialogues: Sequence[Dialogue], finder: Finder, watch: Watch, progress: Progress
) -> dict[str, Any]:
    """Return the keys of `python -m eval dialogue` for the rules, and beside them those without.

    The model does not rewrite in the product; this says what it would find if it did.
    """

    async def ask(row: Dialogue) -> Found:
        rewritten = await _rewritten(row, watch)
        _, alone = await finder.find([HumanMessage(row["query"])])
        question, ruled = await finder.find(messages(row))
        _, modelled = await finder.find([HumanMessage(rewritten)])
        places = (rank(ids, row) for ids in (alone, ruled, modelled))
        return Found(question, rewritten, *places)

    result = await measured(dialogues, ask, watch, progress)
    if not result.done:
        return result.note()
    found = [places for _, places in result.done]
    return {
        **result.note(),
        **figures([places.rules for places in found]),
        "last_turn": figures([places.last_turn for places in found]),
        "by_model": figures([places.model for places in found]),
        "outcomes": [
            {"qid": row["qid"], "query": row["query"], **places._asdict()}
            for row, places in result.done
        ],
    }


async def _rewritten(row: Dialogue, watch: Watch) -> str:
    """Return the model's question; the customer's own where the model gives none in time."""
    names = {"user": "顾客", "assistant": "客服"}
    talk = [f"{names[turn.role]}：{turn.content[:TALK_CHARS]}" for turn in row["history"]]
    prompt: list[BaseMessage] = [
        SystemMessage(render("rewrite", talk="\n".join(talk[-TALK_MESSAGES:]))),
        HumanMessage(row["query"]),
    ]
    try:
        pieces = [piece async for piece in watch.stream(prompt, max_tokens=QUESTION_TOKENS)]
    except BadReply:
        return row["query"]
    return normalise("".join(pieces)).strip()[:QUESTION_CHARS] or row["query"]
