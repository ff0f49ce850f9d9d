"""Answer from the passages: quote a clear match, else one streamed, checked model call."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Citation, Decision, Pending, State
from nodes.prompts import render
from nodes.replies import COMPANY, say
from nodes.rules.evidence import (
    Evidence,
    cited,
    format_evidence,
    format_summary,
)
from nodes.rules.faithful import faults
from nodes.rules.parts import is_clear, quoted, told
from nodes.rules.same import shared
from nodes.rules.sentences import split
from nodes.rules.turns import history, obedient, repeats
from nodes.speech import elapsed_ms, message, note, show, show_again
from tools.answer_cache import AnswerCache, Kept
from tools.errors import BadReply, ConfigError, ModelUnavailable
from tools.llm import ChatModel
from tools.text.pii import mask

logger = logging.getLogger(__name__)

ATTEMPTS = 2  # generations per turn: the second one is told what was wrong with the first
HISTORY_MESSAGES = 4
PAST_CHARS = 500  # of each earlier message; a long one would crowd the passages out
_LANGUAGES = {"zh": "中文", "en": "English"}


class Ungrounded(Exception):
    """A generated sentence says what its passages do not."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)


async def answer(
    state: State,
    runtime: Runtime[Context],
    *,
    model: ChatModel | None,
    now: Callable[[], datetime],
    company: str = COMPANY.name,
    cache: AnswerCache | None = None,
) -> State:
    """Say what the passages say, with citations; without a model, in their own words."""
    found = told(state)
    evidence = list({item.id: item for items in found.values() for item in items}.values())
    if not evidence:  # nothing is left of the passages once orders to the model are cut out
        nothing = {"action": "fallback", "reason": "no_knowledge", "options": []}
        return {"decision": cast(Decision, {**state["decision"], **nothing})}
    if "" not in found:  # the others are answered by what is said about them below
        state = {**state, "question": " ".join(found)}
    teller = _Teller(state, runtime, now)
    text, calls, is_down = "", 0, model is None or not model.is_available()
    options = state["decision"]["options"]  # what else may have been meant
    citations: list[Citation] = []
    asked = (
        shared(state, runtime.context, evidence, teller.today, company=company) if cache else None
    )
    is_cached = False
    if model is not None and not is_clear(state, found):
        if cache and asked and (kept := cache.get(asked)):
            text, citations, is_cached, is_down = kept.text, kept.citations, True, False
            teller.say(text)
        elif not is_down:
            prompt = _prompt(state, evidence, teller.today, company)
            text, calls, is_down = await _generate(model, prompt, evidence, teller)
            citations = cited(text, evidence)
            if cache and asked and text and len(prompt) == 2 and not state.get("summary"):
                cache.put(asked, Kept(text, citations))  # nothing of another talk is in it
    if text:  # a model's answer to what is near: the best one need not be offered again
        options = options[1:] if state["decision"]["reason"] == "near_matches" else options
    else:
        text, citations = quoted(state, found)
        teller.say(text)
    for line in _added(state, found, text):
        text += f"\n{line}"
        teller.say(f"\n{line}")
    note(
        runtime,
        "answer",
        llm_calls=calls,
        cached=is_cached,
        citations=[c["id"] for c in citations],
    )
    return {
        "decision": {**state["decision"], "options": options},
        "messages": [message(state, text)],
        "pending": Pending(kind="choice", options=options) if options else Pending(),
        "citations": citations,
        "level": max(state["level"], 2) if is_down else state["level"],
        "llm_calls": state["llm_calls"] + calls,
        "cached": is_cached,
        "first_token_ms": teller.first_ms,
    }


def _added(state: State, found: Mapping[str, object], text: str) -> list[str]:
    """Return what follows the answer: questions without one, and who helps if it was no help."""
    gaps = [part["asked"] for part in state.get("parts", []) if part["question"] not in found]
    lines = [say(state["locale"], "partial_gap", question=question) for question in gaps]
    if repeats(state["messages"], text):
        lines.append(say(state["locale"], "repeated"))
    return lines


class _Teller:
    """Shows sentences and remembers when the first one went out."""

    def __init__(
        self, state: State, runtime: Runtime[Context], now: Callable[[], datetime]
    ) -> None:
        self._state, self._runtime, self._now = state, runtime, now
        self._has_spoken = False
        self.first_ms = 0.0

    def say(self, sentence: str) -> None:
        if not self._has_spoken:
            self._has_spoken = True
            self.first_ms = elapsed_ms(self._state, self._now().timestamp())
        show(self._runtime, sentence)

    def take_back(self) -> None:
        if self._has_spoken:
            show_again(self._runtime)
            self._has_spoken = False

    @property
    def today(self) -> str:
        return self._now().date().isoformat()


async def _generate(
    model: ChatModel, prompt: Sequence[BaseMessage], evidence: Sequence[Evidence], teller: _Teller
) -> tuple[str, int, bool]:
    """Return the checked answer ("" = quote instead), the calls made, and whether it is down."""
    messages = list(prompt)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await _checked(model, messages, evidence, teller), attempt, False
        except Ungrounded as exc:
            logger.info("answer not grounded", extra={"attempt": attempt, "faults": exc.faults})
            teller.take_back()
            retry = render("retry", faults="；".join(exc.faults))
            messages.append(HumanMessage(retry))
        except (ModelUnavailable, BadReply, ConfigError) as exc:
            logger.warning("model gave no answer, quoting", exc_info=True)
            teller.take_back()
            return "", attempt, not isinstance(exc, BadReply)
    return "", ATTEMPTS, False


async def _checked(
    model: ChatModel,
    messages: Sequence[BaseMessage],
    evidence: Sequence[Evidence],
    teller: _Teller,
) -> str:
    """Stream one answer, releasing each sentence once it is checked.

    Raises:
        Ungrounded: at the first sentence that fails; the request is ended.
    """
    sources = [f"{item.title}\n{item.text}" for item in evidence]
    whole, buffer = "", ""
    async with aclosing(model.stream(messages)) as pieces:
        async for piece in pieces:
            sentences, buffer = split(buffer + piece)
            for sentence in sentences:
                whole += _passed(sentence, sources, teller)
    return whole + _passed(buffer, sources, teller)


def _passed(sentence: str, sources: Sequence[str], teller: _Teller) -> str:
    if not sentence:
        return ""
    if found := faults(sentence, sources):
        raise Ungrounded(found)
    teller.say(sentence)
    return sentence


def _prompt(
    state: State, evidence: Sequence[Evidence], today: str, company: str
) -> list[BaseMessage]:
    system = render(
        "answer",
        passages=format_evidence(evidence),
        today=today,
        summary=format_summary(state.get("summary", "")),
        language=_LANGUAGES[state["locale"]],
        company=company,
    )
    turns = obedient(history(state["messages"], HISTORY_MESSAGES))
    past = [
        (HumanMessage if turn.role == "user" else AIMessage)(mask(turn.content)[:PAST_CHARS])
        for turn in turns
    ]
    return [SystemMessage(system), *past, HumanMessage(state["question"])]
