"""End the turn: counters, trimmed history with a summary, and the reply's metadata."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, RemoveMessage
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Locale, Pending, Reply, State
from nodes.profile import learned
from nodes.reasons import left_open
from nodes.replies import say
from nodes.rules.deciding.offers import Rule, When, due, stalled
from nodes.rules.errands.turns import repeats
from nodes.rules.injection import detect, strip_orders
from nodes.speech import elapsed_ms, reply_id, show, thread_of
from tools.profiles import Profiles
from tools.text.pii import mask
from tools.text.tokens import count_tokens, most_tokens

SUMMARY_CHARS = 600
LINE_CHARS = 80
MARKS_TOKENS = 4  # role and separators of the chat template, for each message


async def remember(
    state: State,
    runtime: Runtime[Context],
    *,
    now_s: Callable[[], float],
    profiles: Profiles | None = None,
    is_asking: bool = False,
    offers: Sequence[Rule] = (),
) -> State:
    """Keep what the next turn needs, and put the metadata on the reply."""
    reply = _reply(state, thread_of(runtime), elapsed_ms(state, now_s()))
    last = state["messages"][-1]
    changes: list[Any] = []  # messages and removals, as the reducer takes them
    is_reply = last.id == reply_id(state["turn_id"])
    is_answer = is_reply and state["decision"]["action"] in ("answer", "act")
    is_repeat = is_answer and repeats(state["messages"][:-1], last.text)
    stalled_count = stalled(state, is_repeat=is_repeat)
    left = left_open(state)  # goes before an offer, as all that is waited for
    why = None if left else due(offers, state, is_repeat=is_repeat, stalled_count=stalled_count)
    asked = await learned(state, runtime, profiles, is_asking=is_asking and not (why or left))
    if is_reply:
        if line := _last_line(state["locale"], why, asked, left, is_repeat=is_repeat):
            end = f"\n\n{line}"
            show(runtime, end)
            last = last.model_copy(update={"content": last.text + end})
        kept = {**last.additional_kwargs, "kefu": reply}
        changes.append(last.model_copy(update={"additional_kwargs": kept}))
    forgotten = _beyond(state["messages"], runtime.context.history_tokens)
    changes += [RemoveMessage(id=str(m.id)) for m in forgotten]
    action = reply["action"]
    is_progress = action in ("answer", "act", "handoff")
    offer = Pending(kind="offer", question=state["question"], options=reply["options"])
    return {
        "messages": changes,
        "pending": asked or left or (offer if why else state.get("pending", {})),
        "is_offered": state.get("is_offered", False) or bool(why),
        "is_consent_settled": bool(asked or reply["reason"] == "forgets")
        or state.get("is_consent_settled", False),
        "summary": _summary(state.get("summary", ""), forgotten),
        "clarify_count": 0 if is_progress else state.get("clarify_count", 0),
        "stalled_count": stalled_count,
        "reply": reply,
    }


def _last_line(
    locale: Locale, why: When | None, asked: Pending | None, left: Pending, *, is_repeat: bool
) -> str:
    """Return the preset text that ends the reply; "" for none."""
    if why:
        return say(locale, f"offer_{why}")
    if asked:
        return say(locale, "profile_consent")
    if left:
        return say(locale, f"act_open_{left['tool']}", order=left["args"]["order_id"])
    return say(locale, "repeated") if is_repeat else ""


def _reply(state: State, thread_id: str, took_ms: float) -> Reply:
    decision = state["decision"]
    return {
        "thread_id": thread_id,
        "turn_id": state["turn_id"],
        "action": decision["action"],
        "confidence": decision["confidence"],
        "reason": decision["reason"],
        "intent": state["intent"],
        "level": state["level"],
        "citations": state["citations"],
        "options": decision["options"],
        "llm_calls": state["llm_calls"],
        "cached": state.get("cached", False),
        "took_ms": took_ms,
        "first_token_ms": state["first_token_ms"],
    }


def _beyond(messages: Sequence[AnyMessage], limit: int) -> list[AnyMessage]:
    """Return the oldest messages that do not fit into `limit` tokens, whole turns only."""
    if sum(most_tokens(message.text) + MARKS_TOKENS for message in messages) <= limit:
        return []
    total = 0
    for index in range(len(messages) - 1, -1, -1):
        total += count_tokens(messages[index].text) + MARKS_TOKENS
        if total > limit:
            rest = messages[index + 1 :]
            starts = [i for i, m in enumerate(rest) if isinstance(m, HumanMessage)]
            cut = index + 1 + (starts[0] if starts else 0)
            last_turn = max(i for i, m in enumerate(messages) if isinstance(m, HumanMessage))
            return list(messages[: min(cut, last_turn)])
    return []


def _summary(before: str, forgotten: Sequence[AnyMessage]) -> str:
    """Return the summary with the forgotten messages' first words added, newest kept, masked."""
    if not forgotten:
        return before
    lines = [before] if before else []
    for message in forgotten:
        is_customer = isinstance(message, HumanMessage)
        if is_customer and detect(message.text):
            continue  # a summary stands in the system prompt
        said = strip_orders(message.text)  # a product's or an entry's name may hold one
        text = mask(" ".join(said.split()))[:LINE_CHARS]
        lines.append(f"{'顾客' if is_customer else '客服'}：{text}")
    return "\n".join(lines)[-SUMMARY_CHARS:]
