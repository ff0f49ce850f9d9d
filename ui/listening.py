"""What people at the desk say while a customer has the conversation on the page."""

import logging
from collections.abc import Sequence

import gradio as gr
from langchain_core.messages import HumanMessage

from graph.app import Kefu
from graph.context import Context
from graph.state import State
from tools.errors import KefuError
from ui.handover import is_from_desk
from ui.health import standing_level
from ui.page import UNCHANGED, Page, Update
from ui.reopening import Reopening
from ui.runner import NotYours, Runner
from ui.session import Session, chosen, reopened
from ui.views import Shown, banner, from_desk
from ui.words import Locale, Words, words

logger = logging.getLogger(__name__)


class Listening:
    """The handler that looks every few seconds, while a person is asked for or is there."""

    def __init__(self, runner: Runner, kefu: Kefu, page: Page) -> None:
        self._runner, self._kefu, self._page = runner, kefu, page
        self._reopening = Reopening(runner, kefu)

    async def listen(
        self, session: Session | None, customer: str, locale: Locale, open_id: str | None = None
    ) -> Update:
        """Show what was said since the last look; see `ChatEvents.send` for `open_id`."""
        customer, _, locale = chosen(customer, "", locale)
        w = words(locale)
        context = Context(
            tenant=self._kefu.settings.tenant, channel="web", user_id=customer, locale=locale
        )
        now = session or await self._reopening.shown(open_id, context)
        try:
            state = await self._runner.state_of(now["thread_id"], context=context)
        except NotYours:
            return {self._page.pulse: gr.update(active=False)}
        except KefuError:  # the next look may succeed
            logger.warning("nothing heard of the desk", exc_info=True)
            return UNCHANGED
        now = joined(now, state, context)
        if now is session:
            return UNCHANGED
        return {
            self._page.session: now,
            self._page.chat: now["shown"],
            **standing(self._kefu, self._page, now, w),
        }


def standing(kefu: Kefu, page: Page, session: Session, w: Words) -> Update:
    """Return the banners over a conversation, and whether the page listens to the desk."""
    level = max(session["level"], standing_level(kefu))
    text = banner(w, level, session["owner"], session["ticket_id"])
    return {
        page.banner: gr.update(value=text, visible=bool(text)),
        page.pulse: gr.update(active=session["owner"] != "bot"),
    }


def joined(session: Session, state: State, context: Context) -> Session:
    """Return the session with what people have said since, each after the turn it followed.

    A conversation that went on elsewhere, on another page, is opened anew. The same session comes
    back where nothing is new.
    """
    messages = state.get("messages", [])
    asked = [str(message.id) for message in messages if isinstance(message, HumanMessage)]
    if asked and asked[-1] not in session["turn_ids"]:
        anew = reopened(session["thread_id"], state, context)
        return {**anew, "user_id": session["user_id"]}
    turns, heard, place = _turns(session["shown"]), list(session["heard"]), 0
    for message in messages:
        if str(message.id) in session["turn_ids"]:
            place = session["turn_ids"].index(str(message.id)) + 1
        elif is_from_desk(message) and str(message.id) not in heard:
            turns[min(place, len(turns) - 1)] += from_desk(words(context.locale), message)
            heard.append(str(message.id))
    now: Session = {
        **session,
        "shown": [each for turn in turns for each in turn],
        "heard": heard,
        "owner": state.get("owner", "bot"),
        "ticket_id": state.get("ticket_id", ""),
    }
    return session if now == session else now


def _turns(shown: Sequence[Shown]) -> list[list[Shown]]:
    """Return the messages by turn, each with the customer's first; the first one has none."""
    turns: list[list[Shown]] = [[]]
    for each in shown:
        if each["role"] == "user":
            turns.append([])
        turns[-1].append(each)
    return turns
