"""Say a preset reply (预设话术): small talk, no knowledge, or a part of Kefu is down."""

import logging
from collections.abc import Callable

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Pending, State
from nodes.profile import DOWN, settled
from nodes.replies import say
from nodes.speech import elapsed_ms, message, note, show, thread_of
from tools.desk.desk import Desk
from tools.errors import StoreUnavailable
from tools.profiles import Profiles

logger = logging.getLogger(__name__)

_NAMESAKES = (  # reasons whose preset reply is called as they are
    *("greeting", "thanks", "goodbye", "chitchat", "identity", "injection", "offer", "stuck"),
    *("search_down", "nothing_more", "nothing_waits", "done_already", "done_for_good"),
    "claims_promise",
)
_PRESETS = {
    **{name: name for name in _NAMESAKES},
    **{"declines_person": "offer_declined", "taken_back": "act_declined"},
}
_ABOUT_PROFILE = ("forget_me", "forgets", "keeps", "consents", "refuses")
# Replies that ask whether a person shall take over.
_OFFERS = ("no_knowledge", "nothing_more", "offer", "stuck", "done_for_good", "claims_promise")
_GAPS = ("no_knowledge", "nothing_more", "stuck")


async def fallback(
    state: State,
    runtime: Runtime[Context],
    *,
    desk: Desk,
    now_s: Callable[[], float],
    profiles: Profiles | None = None,
) -> State:
    """Speak from the preset replies; note what the knowledge could not answer."""
    reason = state["decision"]["reason"]
    name = _PRESETS.get(reason, "no_knowledge")
    is_repeat = bool(state.get("is_offered")) and reason in ("no_knowledge", "nothing_more")
    if reason == "thanks" and "thanks" not in state["signals"]:
        name = "noted"  # 哦, 算了: nothing to be thanked for
    pending = Pending()
    if reason in _ABOUT_PROFILE:
        name, pending = (
            await settled(state, runtime.context, profiles) if profiles else (DOWN, pending)
        )
    text = say(state["locale"], "no_knowledge_again" if is_repeat else name)
    show(runtime, text)
    note(runtime, "fallback", reason=reason)
    if reason in _GAPS and state["question"]:
        await _keep_gap(state, runtime, desk)
    offers = reason in _OFFERS
    return {
        "messages": [message(state, text)],
        "pending": Pending(kind="offer", question=state["question"]) if offers else pending,
        "is_offered": state.get("is_offered", False) or offers,
        "first_token_ms": elapsed_ms(state, now_s()),
    }


async def _keep_gap(state: State, runtime: Runtime[Context], desk: Desk) -> None:
    """Note the question for the knowledge editors; the customer's turn does not depend on it."""
    try:
        await desk.add_gap(
            state["question"],
            state["decision"]["reason"],
            tenant=runtime.context.tenant,
            thread_id=thread_of(runtime),
            user_id=runtime.context.user_id,
        )
    except StoreUnavailable:
        logger.warning("gap could not be kept", exc_info=True)
