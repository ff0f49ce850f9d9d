"""What happens on the chat page: messages, conversations begun and opened, settings changed."""

import logging
import time
import uuid
from collections.abc import AsyncIterator
from math import ceil

import gradio as gr

from graph.app import Kefu
from graph.context import Context
from graph.state import State
from nodes.replies import say, urgent
from tools.errors import KefuError
from ui.listening import joined, standing
from ui.pace import Gate, address_of
from ui.page import Page, Update, translated
from ui.reopening import Reopening
from ui.runner import NotYours, Runner
from ui.session import Memory, Session, chosen, fresh, latest, memory_of, named, remembered
from ui.sidebar import Sidebar, browser_language
from ui.turn import storable
from ui.views import TurnView, asked, options_of, replied, with_options
from ui.words import Locale, words

logger = logging.getLogger(__name__)


class ChatEvents:
    """The handlers. Each returns or yields the components it changes, with their new values."""

    def __init__(self, runner: Runner, kefu: Kefu, page: Page) -> None:
        self._runner = runner
        self._gate = Gate(kefu.settings.limit)
        self._kefu = kefu
        self._page = page
        self._sidebar, self._reopening = Sidebar(kefu), Reopening(runner, kefu)

    async def visit(self, memory: Memory, request: gr.Request) -> Update:
        """Start a visit: the language, the demo's customers, a conversation; see `going_on`."""
        memory = memory_of(memory)
        locale = memory.get("locale") or browser_language(request, self._kefu.settings.locale)
        update = await self.new("", memory, locale)
        threads = update[self._page.threads]
        update |= self._translated(locale)
        update[self._page.threads] |= threads
        update[self._page.language] = gr.update(value=locale)
        context = self._context("", "", locale)
        if going := await self._reopening.going_on(memory, context, time.time()):
            session, pending = going
            shown = self._show(session, options_of(words(locale), pending), locale)
            update |= shown | {
                self._page.chat: {**update[self._page.chat], **shown[self._page.chat]}
            }
            update[self._page.threads] |= {"value": session["thread_id"]}
        update[self._page.region] |= {"value": memory.get("region", "")}
        update[self._page.customer] |= await self._sidebar.customers(words(locale))
        return update

    async def send(
        self,
        text: str,
        session: Session | None,
        memory: Memory,
        customer: str,
        region: str,
        locale: Locale,
        open_id: str | None = None,
        request: gr.Request | None = None,
    ) -> AsyncIterator[Update]:
        """Run one turn and show it as it grows.

        `open_id` is the conversation that the browser shows. It counts where the server knows of
        none: it was started anew since, or the page lay asleep for an hour.
        """
        if not isinstance(text, str) or not text.strip():
            return
        text = storable(text)  # half a character would break the page's stream of events, too
        memory, (customer, region, locale) = memory_of(memory), chosen(customer, region, locale)
        page, w, turn_id = self._page, words(locale), uuid.uuid4().hex
        context = self._context(customer, region, locale)
        now = session or await self._reopening.shown(open_id, context)
        who, address = customer or now["thread_id"], address_of(request)
        if wait_s := self._gate.wait_s(who, address, is_to_person=now["owner"] != "bot"):
            yield self._held_back(text, now, wait_s, locale)
            return
        now, is_cut = latest(now)
        before = [*now["shown"], asked(text)]
        now = {**now, "user_id": now["user_id"] or customer, "shown": before}
        now["turn_ids"] = [*now["turn_ids"], turn_id]
        memory = remembered(memory, now, text, time.time())
        view = TurnView(w, turn_id, time.monotonic())
        first = [*before, *view.shown(time.monotonic())]  # cut, it moves what thumbs are counted by
        yield {
            page.box: "",
            page.chat: gr.update(value=first, feedback_value=[]) if is_cut else first,
            page.session: now,
            page.memory: memory,
            page.threads: gr.update(value=now["thread_id"]),  # what is open, from the first word
            page.why: gr.update(visible=False),
        }
        try:
            async for event in self._runner.stream(
                text, thread_id=now["thread_id"], context=context, turn_id=turn_id
            ):
                view.add(event, time.monotonic())
                yield {page.chat: [*before, *view.shown(time.monotonic())], page.memory: memory}
        except NotYours:  # taken along by who signed in on another page: it is shown no further
            gr.Warning(w["thread_gone"])
            choices = (customer, region, locale)
            async for update in self.send(text, fresh(customer), memory, *choices, None, request):
                yield update
            return
        except Exception:  # the page's edge: a customer never sees an exception's text
            logger.exception("turn could not be shown", extra={"turn_id": turn_id})
            view.fail(say(locale, "lost"))
        whole = [*before, *view.shown(time.monotonic(), is_over=True)]
        now = {**now, "shown": whole, **view.standing()}
        state = await self._state(now["thread_id"])
        if state:  # a person may have spoken meanwhile
            now = joined(now, state, context)
        yield {
            page.chat: with_options(now["shown"], options_of(w, state.get("pending", {}))),
            page.session: now,
            **standing(self._kefu, page, now, w),
            page.threads: await self._sidebar.threads(memory, customer, now["thread_id"], w),
            page.memory: memory,
        }

    async def pick(
        self,
        picked: gr.SelectData,
        session: Session | None,
        memory: Memory,
        customer: str,
        region: str,
        locale: Locale,
        open_id: str | None = None,
        request: gr.Request | None = None,
    ) -> AsyncIterator[Update]:
        """Send the example or quick reply that was clicked."""
        value = picked.value
        text = str(value.get("text", "") if isinstance(value, dict) else value)
        choices = (customer, region, locale)
        async for update in self.send(text, session, memory, *choices, open_id, request):
            yield update

    async def new(self, customer: str, memory: Memory, locale: Locale) -> Update:
        """Clear the page for another conversation; the earlier one stays in the list."""
        memory, (customer, _, locale) = memory_of(memory), chosen(customer, "", locale)
        session = fresh(customer)
        return {
            **self._show(session, [], locale),
            self._page.threads: await self._sidebar.threads(memory, customer, None, words(locale)),
        }

    async def begin(self, customer: str, memory: Memory, locale: Locale) -> Update:
        """As `new`, and the next visit does not go on with what was left."""
        memory = memory_of(memory)
        memory.pop("said_at", None)
        return {**await self.new(customer, memory, locale), self._page.memory: memory}

    async def open_thread(
        self, thread_id: str, customer: str, region: str, locale: Locale
    ) -> Update:
        """Show an earlier conversation as the checkpoint keeps it."""
        thread_id, (customer, region, locale) = named(thread_id), chosen(customer, region, locale)
        w, context = words(locale), self._context(customer, region, locale)
        try:
            session, pending = await self._reopening.opened(thread_id, context)
        except KefuError:
            logger.warning("conversation not opened", exc_info=True)
            gr.Warning(w["thread_gone"])
            return {self._page.threads: gr.update(value=None)}
        return self._show(session, options_of(w, pending), locale)

    async def sign_in(
        self,
        customer: str,
        session: Session | None,
        memory: Memory,
        locale: Locale,
        open_id: str | None = None,
    ) -> Update:
        """Go on as another customer; only a guest's conversation goes along."""
        memory, (customer, _, locale) = memory_of(memory), chosen(customer, "", locale)
        session = session or await self._reopening.shown(open_id, self._context("", "", locale))
        if session["turn_ids"] and session["user_id"] in ("", customer):
            open_id, w = session["thread_id"], words(locale)
            return {self._page.threads: await self._sidebar.threads(memory, customer, open_id, w)}
        return await self.new(customer, memory, locale)

    async def translate(self, locale: Locale, session: Session | None, memory: Memory) -> Update:
        """Show the page in another language; what was said stays as it was said."""
        memory, (_, _, locale) = memory_of(memory), chosen("", "", locale)
        w = words(locale)
        update = self._translated(locale)
        update[self._page.customer] |= await self._sidebar.customers(w)
        update |= standing(self._kefu, self._page, session or fresh(""), w)
        update[self._page.memory] = memory | {"locale": locale}
        if not (memory.get("threads") or (session and session["user_id"])):
            update[self._page.threads] |= {"info": w["none_earlier"]}
        return update

    def choose_region(self, region: str, memory: Memory) -> Update:
        """Remember the region for the next visit."""
        _, region, _ = chosen("", region, "")
        return {self._page.memory: {**memory_of(memory), "region": region}}

    def _translated(self, locale: Locale) -> Update:
        w, settings = words(locale), self._kefu.settings
        own = settings.examples.get(locale, [])
        is_sample = settings.is_sample and not settings.examples
        return translated(self._page, w, w["examples"] if is_sample else own)

    def _held_back(self, text: str, now: Session, wait_s: float, locale: Locale) -> Update:
        """Say under the conversation that the message was not taken, and give it back."""
        told = urgent(locale, "too_fast", self._kefu.settings.hotline, seconds=str(ceil(wait_s)))
        shown = [*now["shown"], *replied(words(locale), told, None)]
        return {self._page.box: text, self._page.chat: shown, self._page.session: now}

    def _show(self, session: Session, options: list[str], locale: Locale) -> Update:
        shown = with_options(session["shown"], options)
        return {
            self._page.session: session,
            self._page.chat: gr.update(value=shown, feedback_value=[]),
            **standing(self._kefu, self._page, session, words(locale)),
            self._page.why: gr.update(visible=False),
        }

    async def _state(self, thread_id: str) -> State:
        try:
            return await self._runner.state(thread_id)
        except KefuError:
            logger.warning("state not read", exc_info=True)
            return {}

    def _context(self, customer: str, region: str, locale: Locale) -> Context:
        return Context(
            tenant=self._kefu.settings.tenant,
            user_id=customer,
            locale=locale,
            region=region,
        )
