"""What the desk page shows: the tickets that wait, and the open one."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

import gradio as gr

from graph.app import Kefu
from tools.desk.records import Ticket
from tools.errors import KefuError
from tools.search.types import Passage
from ui import desk_views as views
from ui.desk_page import DeskPage
from ui.desk_talk import Line, last_question, lines
from ui.knowledge_search import find_passages
from ui.knowledge_views import note, quiet
from ui.page import Update
from ui.turn import storable
from ui.words import Locale
from ui.words.desk import DeskWords, desk_words

logger = logging.getLogger(__name__)

ENDED = 5  # tickets that were closed last
ANSWERS = 3  # of the knowledge, for the customer's last question


class Memory(TypedDict):
    """What the browser keeps; it is the visitor's to change."""

    locale: Locale
    ticket: str  # id of the open one; "" = none


class Seen(TypedDict, total=False):
    """What the page shows; the server keeps it and may have lost it."""

    tickets: str
    talk: str
    question: str  # for which answers are offered
    answers: list[str]
    drafts: dict[str, str]  # what was written to others and not sent, by ticket


class Looking:
    """Reads the desk for one page after the other."""

    def __init__(self, kefu: Kefu, page: DeskPage, clock: Callable[[], datetime]) -> None:
        self._kefu, self._page, self._clock = kefu, page, clock
        self._desk, self._tenant = kefu.services.desk, kefu.settings.tenant

    async def shown(self, memory: Memory, seen: Seen, agent: str) -> Update:
        """Return what differs from what the page shows: the lists, and the open ticket."""
        page, locale, now = self._page, memory["locale"], self._now()
        try:
            listed = views.lists(locale, await self._lists(agent), memory["ticket"], now)
            ticket = await self._desk.ticket(memory["ticket"], tenant=self._tenant)
            talk = await self._talk(ticket) if ticket else []
        except KefuError:
            logger.warning("desk not read", exc_info=True)
            return {page.note: note(desk_words(locale)["down"])}
        shown = views.conversation(locale, ticket, talk, now) if ticket else self._nothing(memory)
        update: Update = {}
        if listed != seen.get("tickets"):
            update[page.tickets] = listed
        if shown != seen.get("talk"):
            update |= {page.talk: shown, **self._buttons(ticket, agent, desk_words(locale))}
        is_mine = ticket is not None and (ticket["status"], ticket["agent"]) == ("taken", agent)
        question = last_question(talk) if is_mine else ""
        after: Seen = {**seen, "tickets": listed, "talk": shown, "question": question}
        if question != seen.get("question", ""):
            found = await self._answers(question)
            update[page.answers] = views.answers(desk_words(locale), found)
            after["answers"] = [passage["answer"] for passage in found]
        return update | ({page.seen: after} if after != seen else {})

    def _buttons(self, ticket: Ticket | None, agent: str, w: DeskWords) -> Update:
        page = self._page
        status, has_it = (ticket["status"], ticket["agent"]) if ticket else ("closed", "")
        is_others = status == "taken" and has_it != agent
        return {
            page.take: gr.update(value=w["take"], visible=status == "open"),
            page.take_over: gr.update(value=w["take_over"].format(name=has_it), visible=is_others),
            page.work: gr.update(visible=status == "taken" and not is_others),
        }

    def _nothing(self, memory: Memory) -> str:
        w = desk_words(memory["locale"])
        return quiet(w["gone"] if memory["ticket"] else w["start"])

    async def _lists(self, agent: str) -> views.Lists:
        taken = await self._desk.tickets(tenant=self._tenant, status="taken")
        return views.Lists(
            waiting=await self._desk.tickets(tenant=self._tenant, status="open"),
            mine=[ticket for ticket in taken if ticket["agent"] == agent],
            others=[ticket for ticket in taken if ticket["agent"] != agent],
            ended=await self._desk.tickets(tenant=self._tenant, status="closed", limit=ENDED),
            last=await self._desk.said_last(tenant=self._tenant),
        )

    async def _talk(self, ticket: Ticket) -> list[Line]:
        thread_id, tenant = ticket["thread_id"], self._tenant
        return lines(
            await self._desk.turns(thread_id, tenant=tenant),
            await self._desk.said_in(thread_id, tenant=tenant),
            await self._desk.tickets_of(thread_id, tenant=tenant),
        )

    async def _answers(self, question: str) -> list[Passage]:
        if not question:
            return []
        try:
            found = await find_passages(self._kefu, question, "customer", "")
        except KefuError:
            logger.warning("no answers looked up", exc_info=True)
            return []
        return found.passages[:ANSWERS]

    def _now(self) -> datetime:
        return self._clock().astimezone(self._kefu.services.now().tzinfo)


def memory_of(found: object, default: Locale) -> Memory:
    """Return what a browser sent as its memory without what is none."""
    kept = found if isinstance(found, dict) else {}
    locale, ticket = kept.get("locale"), kept.get("ticket")
    return {
        "locale": "en" if locale == "en" else "zh" if locale == "zh" else default,
        "ticket": storable(ticket)[:64] if isinstance(ticket, str) else "",
    }
