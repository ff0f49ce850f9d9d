"""What the model is asked: the rules, the passages, the talk before, and the customer's words."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from graph.state import State
from nodes.prompts import render
from nodes.rules.deciding.evidence import Evidence, format_evidence, format_summary
from nodes.rules.errands.turns import history, obedient
from tools.text.normalise import code_of, spoken
from tools.text.pii import mask
from tools.text.regions import with_provinces

HISTORY_MESSAGES = 4
PAST_CHARS = 500  # of each earlier message; a long one would crowd the passages out
ASKED_CHARS = 2000  # of the message that is answered
LANGUAGES = {"zh": "中文", "en": "English"}
_DAYS = "一二三四五六日"
_TAG = re.compile(r"<(?=\s*/?\s*(?:资料|摘要))")


def asking(
    state: State, found: Mapping[str, Sequence[Evidence]], today: str, company: str
) -> list[BaseMessage]:
    """Return the messages that ask for an answer from what was `found` for each question."""
    evidence = list({item.id: item for items in found.values() for item in items}.values())
    turns = obedient(history(state["messages"], HISTORY_MESSAGES))
    past = [
        (HumanMessage if turn.role == "user" else AIMessage)(_safe(turn.content, PAST_CHARS))
        for turn in turns
    ]
    system = system_prompt(evidence, state["locale"], today, company, state.get("summary", ""))
    seen = "\n".join(turn.text for turn in past)
    return [SystemMessage(system), *past, HumanMessage(_question(state, found, seen))]


def system_prompt(
    evidence: Sequence[Evidence], locale: str, today: str, company: str, summary: str = ""
) -> str:
    """Return the rules with everything that stands beside them; `today` is an ISO date."""
    return render(
        "answer",
        passages=format_evidence(evidence),
        today=f"{today}（星期{_DAYS[date.fromisoformat(today).weekday()]}）",
        summary=format_summary(summary),
        language=LANGUAGES[locale],
        company=company,
    )


def _question(state: State, found: Mapping[str, object], seen: str) -> str:
    """Return what is to be answered, in the customer's words; `seen` is the talk before.

    What the search was given is made for it: parts joined to what they lean on, a city with its
    province. It is added where message and talk do not tell: 2, or 那个呢 of long ago.
    """
    parts = state.get("parts", [])
    if "" not in found and len(found) < len(parts):  # the others are answered without the model
        return "\n".join(found)
    said, question = _safe(state["said"], ASKED_CHARS), state["question"]
    if parts or question in (said, mask(code_of(with_provinces(spoken(state["said"]))))):
        return said
    is_told = all(part in f"{seen}\n{said}" for part in question.split())
    return said if state.get("own") and is_told else f"{said}\n（{question}）"


def _safe(text: str, most: int) -> str:
    """Return what was said, without personal data and without the tags of passages."""
    return _TAG.sub("＜", mask(text)[:most])
