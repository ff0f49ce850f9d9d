"""Remember a customer across conversations, as far as they agreed; forget them when told so.

The nodes call these: `intent` reads at the start of a turn, `fallback` takes the customer's yes or
no, `remember` asks once and keeps what was told.
"""

import logging
from typing import cast

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Pending, State
from nodes.rules.hearing.facts import facts, topic
from tools.errors import StoreUnavailable
from tools.profiles import Profile, Profiles

logger = logging.getLogger(__name__)

DOWN = "profile_down"


async def recall(context: Context, profiles: Profiles | None) -> Profile:
    """Return what is known of the customer; {} for guests, and while the store is down."""
    if profiles is None or not context.user_id:
        return {}
    try:
        return await profiles.read(context.user_id, tenant=context.tenant)
    except StoreUnavailable:
        logger.warning("profile not read", exc_info=True)
        return {}


async def settled(state: State, context: Context, profiles: Profiles) -> tuple[str, Pending]:
    """Do what the customer said about their profile; return the reply's name and what it asks."""
    user_id, tenant = context.user_id, context.tenant
    try:
        match state["decision"]["reason"]:
            case "forget_me":
                return "profile_forget", Pending(kind="forget")
            case "forgets":
                await profiles.forget(user_id, tenant=tenant)
                return "profile_forgotten", Pending()
            case "consents":
                told = cast(Profile, state["pending"].get("args", {}))
                await profiles.write(user_id, {**told, "consent": "yes"}, tenant=tenant)
                return "profile_kept", Pending()
            case "refuses":
                await profiles.write(user_id, {"consent": "no"}, tenant=tenant)
                return "profile_refused", Pending()
    except StoreUnavailable:
        logger.warning("profile not changed", exc_info=True)
        return DOWN, Pending()
    return "profile_as_it_was", Pending()


async def learned(
    state: State, runtime: Runtime[Context], profiles: Profiles | None, *, is_asking: bool
) -> Pending | None:
    """Keep what the turn told where the customer agreed.

    Returns what is pending where they are to be asked whether they agree: once, when an answer
    leaves nothing open but what else may have been meant, and there is a fact to keep. None
    otherwise.
    """
    context, known = runtime.context, state.get("profile", {})
    if profiles is None or not context.user_id or "injection" in state["signals"]:
        return None
    told = facts(state["said"], state["passages"])
    is_answer = state["decision"]["action"] == "answer"
    open_ = state.get("pending", {})
    is_open = open_.get("kind", "choice") != "choice" or state.get("is_consent_settled", False)
    may_ask = is_asking and is_answer and not known and not is_open
    try:
        if known.get("consent") == "yes" and state["decision"]["reason"] != "forgets":
            now: Profile = {**known, **told, "language": state["locale"]}
            if is_answer:
                now["topic"] = topic(state["question"])
            if now != known:
                await profiles.write(context.user_id, now, tenant=context.tenant)
        elif told and may_ask:
            await profiles.write(context.user_id, {"consent": "asked"}, tenant=context.tenant)
            return Pending(kind="consent", args=dict(told), options=open_.get("options", []))
    except StoreUnavailable:
        logger.warning("profile not kept", exc_info=True)
    return None
