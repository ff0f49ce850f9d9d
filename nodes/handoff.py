"""Hand the conversation over to a person: a ticket, a new owner, and word to the customer."""

import logging
from collections.abc import Callable
from datetime import datetime

from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Pending, State
from nodes.replies import COMPANY, Company, say, urgent
from nodes.rules.hearing.harm import ALARMS
from nodes.speech import elapsed_ms, message, note, show, thread_of
from tools.desk.desk import Desk
from tools.errors import StoreUnavailable
from tools.text.pii import mask

logger = logging.getLogger(__name__)

SUMMARY_MESSAGES = 6
FIRST = ("danger", *ALARMS)  # signals of who is told what to do before anything else


async def handoff(
    state: State,
    runtime: Runtime[Context],
    *,
    desk: Desk,
    now: Callable[[], datetime],
    company: Company = COMPANY,
) -> State:
    """Open a ticket and change the owner; the customer is told only what really happened."""
    context = runtime.context
    # The person may come too late, or not at all.
    first = "".join(say(state["locale"], s) for s in FIRST if s in state["signals"])
    try:
        ticket = await desk.open_ticket(
            thread_of(runtime) or state["turn_id"],
            tenant=context.tenant,
            user_id=context.user_id,
            reason=state["decision"]["reason"],
            summary=summarise(state),
        )
    except StoreUnavailable:
        logger.exception("ticket could not be opened")
        text = first + urgent(state["locale"], "handoff_failed", company.hotline)
        show(runtime, text)
        return {
            "messages": [message(state, text)],
            "decision": {**state["decision"], "action": "fallback", "reason": "desk_down"},
            "level": 4,
            "first_token_ms": elapsed_ms(state, now().timestamp()),
        }
    number = ticket["ticket_id"]
    if company.has_people_at(now().time()):
        text = say(state["locale"], "handoff", ticket=number)
    else:
        text = say(state["locale"], "handoff_closed", ticket=number, hours=company.hours)
    text = first + text
    show(runtime, text)
    note(runtime, "handoff", ticket=number, reason=state["decision"]["reason"])
    return {
        "messages": [message(state, text)],
        "owner": "queue",
        "ticket_id": number,
        "pending": Pending(),
        "first_token_ms": elapsed_ms(state, now().timestamp()),
    }


def summarise(state: State) -> str:
    """Return what the person needs to know, masked: earlier summary and the last messages."""
    lines = [state["summary"]] if state.get("summary") else []
    profile = state.get("profile", {})
    known = [profile.get(name, "") for name in ("region", "level", "product", "topic")]
    if any(known):
        lines.append("顾客以前说过：" + "，".join(filter(None, known)))  # type: ignore[arg-type]
    for said in state["messages"][-SUMMARY_MESSAGES:]:
        lines.append(("顾客：" if isinstance(said, HumanMessage) else "客服：") + said.text[:500])
    return mask("\n".join(lines))
