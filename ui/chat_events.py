"""What happens on the chat page: every click and message, and what the page then shows."""

import logging
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any, Literal, TypedDict

import gradio as gr

from graph.app import Kefu
from graph.context import Context
from graph.state import Owner, State
from nodes.replies import say
from tools.errors import KefuError
from tools.text.pii import mask
from ui.health import standing_level
from ui.page import FEEDBACK_CHARS, Page, Update, translated
from ui.runner import Runner
from ui.views import Shown, TurnView, asked, banner, options_of, restored, with_options
from ui.words import Locale, Words, words

logger = logging.getLogger(__name__)

KEPT_THREADS = 20
TITLE_CHARS = 24
DEMO_CUSTOMERS = ("u001", "u002", "u003", "u005", "u008", "u014")


class KeptThread(TypedDict):
    """A guest's conversation, as the browser remembers it."""

    id: str
    title: str


class Memory(TypedDict, total=False):
    """What the browser keeps between visits."""

    locale: Locale
    region: str
    threads: list[KeptThread]


class Session(TypedDict):
    """The conversation on the page; kept by the server, so that a browser can't forge it."""

    thread_id: str
    user_id: str  # whose conversation it is; "" = a guest's
    turn_ids: list[str]
    shown: list[Shown]
    level: int
    owner: Owner
    ticket_id: str
    disliked: str  # id of the turn that the open feedback form is about


class ChatEvents:
    """The handlers. Each returns or yields the components it changes."""

    def __init__(self, runner: Runner, kefu: Kefu, page: Page) -> None:
        self._runner = runner
        self._kefu = kefu
        self._page = page

    async def opened(self, memory: Memory, request: gr.Request) -> Update:
        """Start a visit: the browser's language, the demo's customers, a new conversation."""
        locale = memory.get("locale") or self._browser_language(request)
        region = memory.get("region", "")
        updates = await self.new("", memory, locale)
        update = translated(self._page, words(locale))
        update[self._page.language] = gr.update(value=locale)
        update[self._page.region]["value"] = region
        update[self._page.customer]["choices"] = await self._customers(words(locale))
        return {**updates, **_joined(update, updates)}

    async def send(
        self,
        text: str,
        session: Session | None,
        memory: Memory,
        customer: str,
        region: str,
        locale: Locale,
    ) -> AsyncIterator[Update]:
        """Run one turn and show it as it grows."""
        if not text.strip():
            return
        page, w = self._page, words(locale)
        session = session or self._fresh(customer)
        turn_id = uuid.uuid4().hex
        context = self._context(customer, region, locale)
        before = [*session["shown"], asked(text)]
        view = TurnView(w, turn_id, time.monotonic())
        yield {
            page.box: "",
            page.chat: [*before, *view.shown(time.monotonic())],
            page.why: gr.update(visible=False),
        }
        try:
            async for event in self._runner.stream(
                text, thread_id=session["thread_id"], context=context, turn_id=turn_id
            ):
                view.add(event, time.monotonic())
                if event["kind"] == "done":
                    session["owner"] = event["owner"]  # type: ignore[typeddict-item]
                    session["ticket_id"] = event["ticket_id"]  # type: ignore[typeddict-item]
                    session["level"] = event["reply"]["level"]  # type: ignore[typeddict-item]
                else:
                    yield {page.chat: [*before, *view.shown(time.monotonic())]}
        except Exception:  # the page's edge: a customer never sees an exception's text
            logger.exception("turn could not be shown", extra={"turn_id": turn_id})
            view.fail(say(locale, "down"))
            session["level"] = 4
        whole = [*before, *view.shown(time.monotonic(), is_over=True)]
        session["user_id"] = session["user_id"] or customer
        session["turn_ids"] = [*session["turn_ids"], turn_id]
        session["shown"] = whole
        options = options_of(w, (await self._state(session)).get("pending", {}))
        memory = _remembered(memory, session, text)
        yield {
            page.chat: with_options(whole, options),
            page.session: session,
            page.memory: memory,
            page.banner: self._banner(w, session),
            page.threads: await self._threads(memory, customer, session["thread_id"]),
        }

    async def pick(
        self,
        picked: gr.SelectData,
        session: Session | None,
        memory: Memory,
        customer: str,
        region: str,
        locale: Locale,
    ) -> AsyncIterator[Update]:
        """Send the example or quick reply that was clicked."""
        value = picked.value
        text = str(value["text"] if isinstance(value, dict) else value)
        async for update in self.send(text, session, memory, customer, region, locale):
            yield update

    async def new(self, customer: str, memory: Memory, locale: Locale) -> Update:
        """Clear the page for another conversation; the earlier one stays in the list."""
        page, session = self._page, self._fresh(customer)
        return {
            page.session: session,
            page.chat: gr.update(value=[], feedback_value=[]),
            page.banner: self._banner(words(locale), session),
            page.why: gr.update(visible=False),
            page.threads: await self._threads(memory, customer, None),
        }

    async def open_thread(
        self, thread_id: str, customer: str, region: str, locale: Locale
    ) -> Update:
        """Show an earlier conversation as the checkpoint keeps it."""
        page, w = self._page, words(locale)
        context = self._context(customer, region, locale)
        try:
            messages = await self._runner.messages(thread_id, context=context)
            state = await self._runner.state(thread_id)
        except KefuError:
            logger.warning("conversation not opened", exc_info=True)
            gr.Warning(w["thread_gone"])
            return {page.threads: gr.update(value=None)}
        shown, turn_ids = restored(w, messages)
        session = self._fresh(customer) | {"thread_id": thread_id}
        reply = state.get("reply")
        session |= {
            "turn_ids": turn_ids,
            "shown": shown,
            "level": reply["level"] if reply else 0,
            "owner": state.get("owner", "bot"),
            "ticket_id": state.get("ticket_id", ""),
        }
        options = options_of(w, state.get("pending", {}))
        return {
            page.session: session,
            page.chat: gr.update(value=with_options(shown, options), feedback_value=[]),
            page.banner: self._banner(w, session),  # type: ignore[arg-type]
            page.why: gr.update(visible=False),
        }

    async def sign_in(
        self, customer: str, session: Session | None, memory: Memory, locale: Locale
    ) -> Update:
        """Go on as another customer; only a guest's conversation goes along."""
        if session and session["user_id"] in ("", customer):
            shown_thread = session["thread_id"] if session["turn_ids"] else None
            return {self._page.threads: await self._threads(memory, customer, shown_thread)}
        return await self.new(customer, memory, locale)

    async def translate(
        self, locale: Locale, session: Session | None, memory: Memory
    ) -> Update:
        """Show the page in another language; what was said stays as it was said."""
        update = translated(self._page, words(locale))
        update[self._page.customer]["choices"] = await self._customers(words(locale))
        update[self._page.banner] = self._banner(words(locale), session or self._fresh(""))
        update[self._page.memory] = {**memory, "locale": locale}
        return update

    def choose_region(self, region: str, memory: Memory) -> Update:
        """Remember the region for the next visit."""
        return {self._page.memory: {**memory, "region": region}}

    async def vote(self, data: gr.LikeData, session: Session | None, locale: Locale) -> Update:
        """Keep a like or dislike; a dislike is asked for its reason."""
        turn_id = _turn_at(session, data.index)
        if session is None or not turn_id or not isinstance(data.liked, bool):
            return {self._page.why: gr.update(visible=False)}
        w = words(locale)
        if not await self._rate(turn_id, 1 if data.liked else -1):
            gr.Warning(w["vote_lost"])
        elif data.liked:
            gr.Info(w["thanks_vote"], duration=3)
        session["disliked"] = "" if data.liked else turn_id
        return {
            self._page.session: session,
            self._page.why: gr.update(visible=not data.liked),
            self._page.reason: gr.update(value=None),
            self._page.comment: "",
        }

    async def explain(
        self, reason: str | None, comment: str, session: Session | None, locale: Locale
    ) -> Update:
        """Keep why an answer was disliked."""
        w = words(locale)
        if session and session["disliked"]:
            said = mask(comment[:FEEDBACK_CHARS].strip())
            is_kept = await self._rate(session["disliked"], -1, reason or "", said)
            gr.Info(w["thanks_vote"], duration=3) if is_kept else gr.Warning(w["vote_lost"])
        return {self._page.why: gr.update(visible=False)}
