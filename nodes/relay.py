"""A person owns the thread: pass the message on and stay silent."""

import logging
from collections.abc import Callable

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Decision, State
from nodes.intent import fresh
from nodes.replies import say
from nodes.rules.errands.turns import last_message
from nodes.speech import message, note, show
from tools.desk.desk import Desk
from tools.errors import StoreUnavailable
from tools.text.normalise import language, normalise, tells_language

logger = logging.getLogger(__name__)


async def relay(
    state: State, runtime: Runtime[Context], *, desk: Desk, now_s: Callable[[], float]
) -> State:
    """Bring the message to the desk; speak only to say that it could not be delivered."""
    said = last_message(state["messages"])
    text = normalise(said.text)
    known = language(text) if any(map(str.isalpha, text)) else runtime.context.locale
    turn: State = {
        **fresh(state, turn_id=str(said.id), started_at=now_s(), said=text),
        "question": text,
        "locale": language(text) if tells_language(text) else state.get("locale", known),
        "intent": "",
        "intent_confidence": 0.0,
        "signals": [],
        "decision": Decision(action="relay", confidence=1.0, reason="person_owns", options=[]),
    }
    try:
        is_kept = await desk.add_desk_message(
            state.get("ticket_id", ""),
            "customer",
            said.text,
            tenant=runtime.context.tenant,
            turn_id=turn["turn_id"],
        )
    except StoreUnavailable:
        logger.exception("message could not be passed to the desk")
        is_kept = False
    note(runtime, "relay", ticket=state.get("ticket_id", ""), delivered=is_kept)
    if not is_kept:
        reply = say(turn["locale"], "relay_failed")
        show(runtime, reply)
        turn |= {"level": 4, "messages": [message(turn, reply)]}
    return turn
