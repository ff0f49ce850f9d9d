"""Answer from the passages: quote a clear match, else one streamed, checked model call."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Citation, Decision, Pending, State
from nodes.asking import asking
from nodes.draft import Draft, Ungrounded
from nodes.prompts import render
from nodes.replies import COMPANY, say
from nodes.rules.deciding.evidence import Evidence, cited
from nodes.rules.deciding.parts import is_clear, quoted, told
from nodes.rules.deciding.same import shared
from nodes.rules.errands.turns import own_words
from nodes.speech import elapsed_ms, message, note, show, show_again
from tools.answer_cache import AnswerCache, Kept
from tools.errors import BadReply, ConfigError, ModelUnavailable
from tools.llm import ChatModel
from tools.text.pii import mask

logger = logging.getLogger(__name__)

ATTEMPTS = 2  # generations per turn: the second one is told what was wrong with the first


async def answer(
    state: State,
    runtime: Runtime[Context],
    *,
    model: ChatModel | None,
    now: Callable[[], datetime],
    company: str = COMPANY.name,
    cache: AnswerCache | None = None,
    is_judging: bool = False,
) -> State:
    """Say what the passages say, with citations; without a model, in their own words.

    With `is_judging` the model reads every sentence once more before it is shown.
    """
    found = told(state)
    evidence = list({item.id: item for items in found.values() for item in items}.values())
    if not evidence:  # nothing is left of the passages once orders to the model are cut out
        return _nothing(state, "no_knowledge")
    if "" not in found:  # the others are answered by what is said about them below
        state = {**state, "question": " ".join(found)}
    teller = _Teller(state, runtime, now)
    asked = (
        shared(state, runtime.context, evidence, teller.today, company=company) if cache else None
    )
    written = _Written("", [], is_down=model is None or not model.is_available())
    if model is not None and not is_clear(state, found):
        if cache and asked and (kept := cache.get(asked)):
            written = _Written(kept.text, kept.citations, is_cached=True)
            teller.say(kept.text)
        elif not written.is_down:
            prompt = asking(state, found, teller.today, company)
            draft = Draft(
                model,
                evidence,
                teller.say,
                locale=state["locale"],
                asked=mask(own_words(state["messages"])),
                is_judging=is_judging,
            )
            text, calls, is_down = await _generate(draft, teller, prompt)
            written = _Written(text, cited(text, evidence), calls, is_down)
            if cache and asked and text and len(prompt) == 2 and not state.get("summary"):
                cache.put(asked, Kept(text, written.citations))  # nothing of another talk is in it
    update = _reply(state, found, teller, written)
    if "messages" in update:
        cites = [citation["id"] for citation in update["citations"]]
        note(runtime, "answer", llm_calls=written.calls, cached=written.is_cached, citations=cites)
    return update


class _Written(NamedTuple):
    """What a model wrote, for this question or before for one that means the same."""

    text: str  # "" = nothing that may be shown
    citations: list[Citation]
    calls: int = 0
    is_down: bool = False
    is_cached: bool = False


def _reply(
    state: State, found: dict[str, list[Evidence]], teller: "_Teller", written: _Written
) -> State:
    """Return the reply: what was `written`, else the passages; and which questions have none."""
    options = state["decision"]["options"]  # what else may have been meant
    text, citations = written.text, written.citations
    if text:  # a model's answer to what is near: the best one need not be offered again
        options = options[1:] if state["decision"]["reason"] == "near_matches" else options
    else:
        text, citations = quoted(state, found)
        if not text:
            return _nothing(state, "nothing_more", written.calls)
        options = _as_numbered(state, citations) or options
        teller.say(text)
    for line in _gaps(state, found):
        text += f"\n{line}"
        teller.say(f"\n{line}")
    return {
        "decision": {**state["decision"], "options": options},
        "messages": [message(state, text)],
        "pending": Pending(kind="choice", options=options) if options else Pending(),
        "citations": citations,
        "level": max(state["level"], 2) if written.is_down else state["level"],
        "llm_calls": state["llm_calls"] + written.calls,
        "cached": written.is_cached,
        "first_token_ms": teller.first_ms,
    }


def _nothing(state: State, reason: str, calls: int = 0) -> State:
    """Return what leaves the turn to fallback, after `calls` of the model that brought nothing."""
    nothing = {"action": "fallback", "reason": reason, "options": []}
    decision = cast(Decision, {**state["decision"], **nothing})
    return {"decision": decision, "llm_calls": state["llm_calls"] + calls}


def _as_numbered(state: State, citations: Sequence[Citation]) -> list[str]:
    """Return the near passages that are shown side by side, as they are numbered; else []."""
    if state["decision"]["reason"] != "near_matches" or len(citations) == 1:
        return []
    titles = {passage["id"]: passage["question"] for passage in state["passages"]}
    return [titles[citation["id"]] for citation in citations]


def _gaps(state: State, found: Mapping[str, object]) -> list[str]:
    """Return what follows the answer: a line for every question without one."""
    gaps = [part["asked"] for part in state.get("parts", []) if part["question"] not in found]
    return [say(state["locale"], "partial_gap", question=question) for question in gaps]


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
    draft: Draft, teller: _Teller, prompt: Sequence[BaseMessage]
) -> tuple[str, int, bool]:
    """Return the checked answer ("" = quote instead), the calls made, and whether it is down."""
    messages = list(prompt)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await draft.written(messages), attempt + draft.judged, False
        except Ungrounded as exc:
            logger.info("answer not grounded", extra={"attempt": attempt, "faults": exc.faults})
            teller.take_back()
            retry = render("retry", sentence=exc.sentence, faults="、".join(exc.faults))
            messages.append(HumanMessage(retry))
        except (ModelUnavailable, BadReply, ConfigError) as exc:
            logger.warning("model gave no answer, quoting", exc_info=True)
            teller.take_back()
            return "", attempt + draft.judged, not isinstance(exc, BadReply)
    return "", ATTEMPTS + draft.judged, False
