"""What the desk page shows: the tickets that wait, and the open one."""

import logging
from datetime import datetime
from typing import Literal, TypedDict

import gradio as gr

from graph.app import Kefu
from graph.context import Context
from tools.desk.desk import utc_now
from tools.desk.records import Ticket
from tools.errors import KefuError
from tools.search.types import Passage
from ui import desk_views as views
from ui.agents import Agent
from ui.desk_page import DeskPage
from ui.desk_talk import Line, last_question, lines
from ui.knowledge_search import find_passages
from ui.knowledge_views import note, quiet
from ui.page import Update
from ui.runner import Runner
from ui.turn import storable
from ui.words import Locale
from ui.words.desk import DeskWords, desk_words

logger = logging.getLogger(__name__)

LISTED = 100  # tickets of each kind; all are counted
ENDED = 5  # tickets that were closed last
ANSWERS = 3  # of the knowledge, for the customer's last question


Place = Literal["waiting", "mine", "others", "ended", "astray"]  # of the open ticket


class Memory(TypedDict):
    """What the browser keeps; it is the visitor's to change."""

    locale: Locale
    ticket: str  # id of the open one; "" = none


class Seen(TypedDict, total=False):
    """What the page shows; the server keeps it and may have lost it."""

    tickets: str
    ticket: str  # whose talk it is, as `Memory.ticket`
    talk: str
    place: Place
    agent: str  # who has the open ticket
    is_down: bool  # the last look failed
    question: str  # for which answers are offered
    answers: list[str]


class Looking:
    """Reads the desk for one page after the other."""

    def __init__(self, runner: Runner, kefu: Kefu, page: DeskPage) -> None:
        self._runner, self._kefu, self._page = runner, kefu, page
        self._desk = kefu.services.desk

    async def shown(self, memory: Memory, seen: Seen, agent: Agent) -> Update:
        """Return what differs from what the page shows: the lists, and the open ticket."""
        page, locale, now = self._page, memory["locale"], self._now()
        w = desk_words(locale)
        try:
            found = await self._lists(agent)
            listed = views.lists(locale, found, memory["ticket"], now)
            ticket = await self._desk.ticket(memory["ticket"], tenant=agent.tenants)
            is_waiting = ticket is not None and await self._runner.waits(ticket)
            if not is_waiting:  # it may have been closed between the two
                ticket = await self._desk.ticket(memory["ticket"], tenant=agent.tenants)
            talk = await self._talk(ticket) if ticket else []
            place = self._place(ticket, agent.name, is_waiting=is_waiting)
        except KefuError:
            logger.warning("desk not read", exc_info=True)
            return {page.note: note(w["down"]), page.seen: {**seen, "is_down": True}}
        shown = self._nothing(memory)
        if ticket:
            shown = views.conversation(locale, ticket, talk, found, now)
        if place == "astray":
            shown += note(w["astray"])
        update: Update = {page.note: ""} if seen.get("is_down") else {}
        if listed != seen.get("tickets"):
            update[page.tickets] = listed
        was_mine = seen.get("place") == "mine" and is_shown(memory, seen)
        if was_mine and ticket and ticket["agent"] != agent.name:
            update[page.note] = note(self._lost(w, ticket))
        if shown != seen.get("talk") or place != seen.get("place"):
            update |= {page.talk: shown, **self._buttons(place, ticket, w)}
        question = last_question(talk) if place == "mine" else ""
        after: Seen = {
            **seen,
            "is_down": False,
            "tickets": listed,
            "ticket": memory["ticket"],
            "talk": shown,
            "place": place,
            "agent": ticket["agent"] if ticket else "",
            "question": question,
        }
        if question != seen.get("question", ""):
            offered = await self._answers(question, ticket)
            update[page.answers] = views.answers(w, offered)
            after["answers"] = [passage["answer"] for passage in offered]
        return update | ({page.seen: after} if after != seen else {})

    def _place(self, ticket: Ticket | None, agent: str, *, is_waiting: bool) -> Place:
        if ticket is None or ticket["status"] == "closed":
            return "ended"
        if not is_waiting:
            return "astray"
        if ticket["status"] == "open":
            return "waiting"
        return "mine" if ticket["agent"] == agent else "others"

    def _lost(self, w: DeskWords, ticket: Ticket) -> str:
        """Return why a ticket is no longer the agent's, in place of what was told before."""
        is_closed = ticket["status"] == "closed"
        return w["closed_already"] if is_closed else w["taken_by"].format(name=ticket["agent"])

    def _buttons(self, place: Place, ticket: Ticket | None, w: DeskWords) -> Update:
        page, name = self._page, ticket["agent"] if ticket else ""
        return {
            page.take: gr.update(value=w["take"], visible=place == "waiting"),
            page.take_over: gr.update(
                value=w["take_over"].format(name=name), visible=place == "others"
            ),
            page.close: gr.update(value=w["close"], visible=place == "astray"),
            page.work: gr.update(visible=place == "mine"),
        }

    def _nothing(self, memory: Memory) -> str:
        w = desk_words(memory["locale"])
        return quiet(w["gone"] if memory["ticket"] else w["start"])

    async def _lists(self, agent: Agent) -> views.Lists:
        desk, name, tenant = self._desk, agent.name, agent.tenants
        having = await desk.unclosed(tenant=tenant)
        waiting, mine = having.pop("", 0), having.pop(name, 0)
        return views.Lists(
            waiting=await desk.tickets(tenant=tenant, status="open", limit=LISTED),
            mine=await desk.tickets(tenant=tenant, status="taken", agent=name, limit=LISTED),
            others=await desk.tickets(tenant=tenant, status="taken", but_of=name, limit=LISTED),
            ended=await desk.tickets(tenant=tenant, status="closed", limit=ENDED),
            last=await desk.said_last(tenant=tenant),
            counts={"waiting": waiting, "mine": mine, "others": having.total()},
            agent=agent,
        )

    async def _talk(self, ticket: Ticket) -> list[Line]:
        thread_id, tenant = ticket["thread_id"], ticket["tenant"]
        return lines(
            await self._desk.turns(thread_id, tenant=tenant),
            await self._desk.said_in(thread_id, tenant=tenant),
            await self._desk.tickets_of(thread_id, tenant=tenant),
        )

    async def _answers(self, question: str, ticket: Ticket | None) -> list[Passage]:
        """Return what the customer may read of it, by their tenant and the way they came."""
        if not question or ticket is None:
            return []
        tenant = ticket["tenant"]
        try:
            thread = await self._desk.thread(ticket["thread_id"], tenant=tenant)
            context = Context(tenant=tenant, channel=thread["channel"] if thread else "")
            found = await find_passages(self._kefu, question, "customer", context)
        except KefuError:
            logger.warning("no answers looked up", exc_info=True)
            return []
        return found.passages[:ANSWERS]

    def _now(self) -> datetime:
        return utc_now().astimezone(self._kefu.services.now().tzinfo)


def is_shown(memory: Memory, seen: Seen) -> bool:
    """Say whether the page shows the ticket that is open, as far as the server knows.

    For a moment it may not: what was done to one ticket may end after another was opened.
    """
    return seen.get("ticket", memory["ticket"]) == memory["ticket"]


def memory_of(found: object, default: Locale) -> Memory:
    """Return what a browser sent as its memory without what is none."""
    kept = found if isinstance(found, dict) else {}
    locale, ticket = kept.get("locale"), kept.get("ticket")
    return {
        "locale": "en" if locale == "en" else "zh" if locale == "zh" else default,
        "ticket": storable(ticket)[:64] if isinstance(ticket, str) else "",
    }
