"""Answer from the passages: quote a clear match, else one streamed, checked model call."""

import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Decision, Pending, State
from nodes.prompts import render
from nodes.replies import COMPANY
from nodes.rules.evidence import (
    Evidence,
    cited,
    format_evidence,
    format_summary,
    gather,
    quote,
)
from nodes.rules.faithful import faults
from nodes.rules.sentences import split
from nodes.rules.turns import history, obedient
from nodes.speech import elapsed_ms, message, note, show, show_again
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
) -> State:
    """Say what the passages say, with citations; without a model, in their own words."""
    evidence = gather(state["passages"])
    if not evidence:  # nothing is left of the passages once orders to the model are cut out
        nothing = {"action": "fallback", "reason": "no_knowledge", "options": []}
        return {"decision": cast(Decision, {**state["decision"], **nothing})}
    is_clear = state["decision"]["reason"] == "clear_match" and evidence[0].kind == "faq"
    teller = _Teller(state, runtime, now)
    text, calls, is_down = "", 0, model is None or not model.is_available()
    if model is not None and not is_clear and not is_down:
        prompt = _prompt(state, evidence, teller.today, company)
        text, calls, is_down = await _generate(model, prompt, evidence, teller)
    if not text:
        text = quote(evidence[0], state["locale"])
        teller.say(text)
    citations = cited(text, evidence)
    note(runtime, "answer", llm_calls=calls, citations=[c["id"] for c in citations])
    options = state["decision"]["options"]  # what else may have been meant
    return {
        "messages": [message(state, text)],
        "pending": Pending(kind="choice", options=options) if options else Pending(),
        "citations": citations,
        "level": max(state["level"], 2) if is_down else state["level"],
        "llm_calls": state["llm_calls"] + calls,
        "first_token_ms": teller.first_ms,
    }


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
