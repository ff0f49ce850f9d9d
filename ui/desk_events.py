"""What happens on the desk page: look, open, take, answer, hand back."""

import html
import logging

import gradio as gr

from graph.app import Kefu
from tools.desk.records import Ticket
from tools.errors import KefuError
from ui.agents import Agent, who
from ui.desk_drafts import sent
from ui.desk_look import Looking, Memory, Seen, is_shown, memory_of
from ui.desk_page import REPLY_CHARS, DeskPage, translated
from ui.knowledge_views import note
from ui.page import UNCHANGED, Update
from ui.runner import Runner
from ui.sidebar import browser_language
from ui.turn import storable
from ui.words import Locale
from ui.words.desk import DeskWords, desk_words

logger = logging.getLogger(__name__)


class DeskEvents:
    """The handlers. Each asks who signed in, and returns the components it changes."""

    def __init__(self, runner: Runner, kefu: Kefu, page: DeskPage) -> None:
        self._runner, self._kefu, self._page = runner, kefu, page
        self._looking = Looking(runner, kefu, page)
        self._desk = kefu.services.desk

    async def visit(self, memory: object, request: gr.Request) -> Update:
        """Start a visit in the language chosen last time, or the browser's."""
        default = browser_language(request, self._kefu.settings.locale)
        return await self._all(memory_of(memory, default), request)

    async def translate(self, locale: object, memory: object, request: gr.Request) -> Update:
        """Show the page in another language."""
        chosen: Locale = "en" if locale == "en" else "zh"
        return await self._all({**memory_of(memory, chosen), "locale": chosen}, request)

    async def look(self, memory: object, seen: Seen | None, request: gr.Request) -> Update:
        """Show what has changed since the last look."""
        update = await self._looking.shown(self._of(memory), seen or {}, self._who(request))
        return update or UNCHANGED

    async def open(
        self, event: gr.EventData, memory: object, seen: Seen | None, request: gr.Request
    ) -> Update:
        """Show a ticket, and nothing of what was being written to another customer."""
        now = self._of(memory)
        opened: Memory = {**now, "ticket": str(event.id)}
        update = await self._looking.shown(opened, seen or {}, self._who(request))
        if update.get(self._page.seen, {}).get("is_down"):
            return update  # the page goes on with the ticket that it shows
        if opened["ticket"] != now["ticket"]:
            update[self._page.box] = ""  # until the browser has found the draft, if there is one
        return update | {self._page.memory: opened, self._page.note: ""}

    async def take(self, memory: object, seen: Seen | None, request: gr.Request) -> Update:
        """Take a ticket that waits."""
        return await self._take(self._of(memory), seen or {}, self._who(request), is_over=False)

    async def take_over(self, memory: object, seen: Seen | None, request: gr.Request) -> Update:
        """Take a ticket from the colleague who has it."""
        return await self._take(self._of(memory), seen or {}, self._who(request), is_over=True)

    async def reply(
        self, text: object, memory: object, seen: Seen | None, request: gr.Request
    ) -> Update:
        """Send the text to the customer; it stays in the box if that fails."""
        agent, now, page = self._who(request), self._of(memory), self._page
        w = desk_words(now["locale"])
        said = storable(text).strip() if isinstance(text, str) else ""
        if not said:
            return UNCHANGED
        if len(said) > REPLY_CHARS:
            return {page.note: note(w["too_long"].format(chars=REPLY_CHARS))}
        try:
            ticket = await self._open(now, seen or {}, agent)
            is_sent = ticket is not None and await self._runner.reply(
                ticket, said, agent=agent.name
            )
            told = "" if is_sent else await self._refusal(w, now, seen or {}, agent, is_reply=True)
        except KefuError:
            return self._failed(w)
        update = await self._looking.shown(now, seen or {}, agent)
        if is_sent:
            return update | {page.note: sent(now["ticket"], agent.name), page.box: ""}
        unsent = f'<p class="kefu-unsent">{html.escape(said)}</p>'
        return update | {page.note: note(told) + unsent}

    async def end(self, memory: object, seen: Seen | None, request: gr.Request) -> Update:
        """Close the ticket and let the bot go on, where the conversation waits for that."""
        agent, now = self._who(request), self._of(memory)
        w = desk_words(now["locale"])
        try:
            ticket = await self._open(now, seen or {}, agent)
            is_ended = ticket is not None and await self._runner.end(ticket, agent=agent.name)
            is_astray = (seen or {}).get("place") == "astray"
            done = w["closed_now"] if is_astray else w["ended_note"]
            told = done if is_ended else await self._refusal(w, now, seen or {}, agent)
        except KefuError:
            return self._failed(w)
        update = await self._looking.shown(now, seen or {}, agent)
        return update | {self._page.note: note(told, is_good=is_ended)}

    def insert(
        self, event: gr.EventData, seen: Seen | None, draft: object, request: gr.Request
    ) -> Update:
        """Put an answer of the knowledge into the box, behind what stands there."""
        self._who(request)
        offered = {str(n): text for n, text in enumerate((seen or {}).get("answers", []))}
        if (chosen := str(event.id)) not in offered:
            return UNCHANGED
        before = draft if isinstance(draft, str) else ""
        return {self._page.box: "\n".join(filter(None, [before, offered[chosen]]))}

    async def _take(self, now: Memory, seen: Seen, agent: Agent, *, is_over: bool) -> Update:
        w = desk_words(now["locale"])
        try:
            ticket = await self._open(now, seen, agent)
            is_taken = ticket is not None and await self._runner.take(
                ticket["thread_id"],
                agent.name,
                tenant=ticket["tenant"],
                instead_of=seen.get("agent", "") if is_over else "",  # whom the button names
            )
            told = w["took"] if is_taken else await self._refusal(w, now, seen, agent)
        except KefuError:
            return self._failed(w)
        update = await self._looking.shown(now, seen, agent)
        return update | {self._page.note: note(told, is_good=is_taken)}

    async def _open(self, now: Memory, seen: Seen, agent: Agent) -> Ticket | None:
        """Return the open ticket; None if the page shows another, or it is not the agent's to see.

        Words that were meant for the customer on the page must not reach another.
        """
        if not is_shown(now, seen):
            return None
        return await self._desk.ticket(now["ticket"], tenant=agent.tenants)

    async def _refusal(
        self, w: DeskWords, now: Memory, seen: Seen, agent: Agent, *, is_reply: bool = False
    ) -> str:
        """Return why a ticket can't be used, and who has it."""
        if not is_shown(now, seen):
            return w["not_sent_switched"] if is_reply else w["switched"]
        ticket = await self._desk.ticket(now["ticket"], tenant=agent.tenants)
        if ticket is None:
            return w["gone"]
        if ticket["status"] == "closed":
            return w["not_sent_closed"] if is_reply else w["closed_already"]
        name = ticket["agent"] or w["nobody"]
        return (w["not_yours"] if is_reply else w["taken_by"]).format(name=name)

    async def _all(self, memory: Memory, request: gr.Request) -> Update:
        agent = self._who(request)
        update = translated(self._page, memory["locale"], agent.name)
        shown = await self._looking.shown(memory, {}, agent)
        for part, value in shown.items():
            update[part] = (
                {**update[part], **value} if isinstance(update.get(part), dict) else value
            )
        return update | {self._page.memory: memory}

    def _failed(self, w: DeskWords) -> Update:
        logger.warning("desk page: not finished", exc_info=True)
        return {self._page.note: note(w["failed"])}

    def _who(self, request: gr.Request) -> Agent:
        return who(request, self._kefu.settings)

    def _of(self, memory: object) -> Memory:
        return memory_of(memory, self._kefu.settings.locale)
