"""Whether two questions may share one answer, and whether an answer may be shared at all."""

import re
from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from graph.context import Context
from graph.state import State
from nodes.prompts import digest
from nodes.rules.deciding.evidence import Evidence
from nodes.rules.hearing.rewrite_words import FILLER
from tools.answer_cache import Asked
from tools.text.normalise import HAN, fold
from tools.text.pii import mask

_TOKEN = re.compile(rf"[{HAN}]|[a-z0-9]+(?:\.[0-9]+)?|%")
_DENIALS = "不没无未非别"
_NUMERALS = "零一二两三四五六七八九十百千万半"
_TIME_BOUND = re.compile(
    "今天|今日|今晚|今年|明天|后天|昨天|前天|刚刚|刚才|这会儿?|这周|本周|下周|上周|这个?月|本月|下个?月|上个?月"
    "|现在|目前|眼下|最近|几点了"
    r"|\b(?:today|tonight|tomorrow|yesterday|now|currently|this (?:week|month|year)"
    r"|(?:next|last) (?:week|month))\b"
)


def shared(
    state: State,
    context: Context,
    evidence: Sequence[Evidence],
    today: str,
    *,
    company: str,
) -> Asked | None:
    """Return the question as the cache knows it; None where the answer is nobody else's."""
    if not is_shared(state):
        return None
    question, said = state["question"], mask(state["said"])
    words = gist(question, evidence)
    if said != question and (more := gist(said, evidence)) != words:
        question, words = f"{question}\n{more}", f"{words}\n{more}"  # the model reads them, too
    made_from = [context.tenant, context.region, context.channel, state["locale"], today, company]
    made_from += [digest("answer"), digest("retry"), evidence[0].id]
    made_from += sorted(f"{item.id}\0{item.title}\0{item.read}" for item in evidence)
    return Asked(
        key=sha256("\0\0".join(made_from).encode()).hexdigest(),
        question=question,
        gist=words,
        vector=np.array(state["vector"], np.float32) if state["vector"] else None,
    )


def is_shared(state: State) -> bool:
    """Say whether the answer is the same for every customer who may see the passages today.

    Own orders and accounts, personal data, moods and words like 今天 are nobody else's business.
    """
    routes = {part["route"] for part in state.get("parts", [])} or {state["route"]}
    is_timeless = not _TIME_BOUND.search(fold(f"{state['said']} {state['question']}"))
    return routes == {"knowledge"} and not state["signals"] and is_timeless


def gist(question: str, evidence: Sequence[Evidence]) -> str:
    """Return what of `question` can change the answer, in order.

    Figures, Latin names, numerals and denials always can; other words only where the evidence
    knows them: of 金卡 and 银卡 both stand there, of 麻烦 and 请问 neither.
    """
    known = {char for item in evidence for char in fold(f"{item.title}{item.read}")}
    plain = FILLER.sub(_denial, fold(question))
    always = f"{_DENIALS}{_NUMERALS}%"
    return " ".join(
        token
        for token in _TOKEN.findall(plain)
        if token in known or token in always or token.isascii()
    )


def _denial(filler: re.Match[str]) -> str:
    return filler[0] if filler[0] in _DENIALS else ""
