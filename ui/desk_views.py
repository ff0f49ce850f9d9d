"""What the desk page shows as HTML. All that anybody or the knowledge says is data."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from nodes.handoff import FIRST
from tools.desk.records import DeskMessage, Ticket
from tools.search.types import Passage
from ui.agents import Agent
from ui.desk_talk import Line
from ui.knowledge_views import quiet, said
from ui.notes import reason_label
from ui.words import Locale, words
from ui.words.desk import DeskWords, desk_words

PREVIEW_CHARS = 80
URGENT = {*FIRST, "escalation"}  # reasons of a handover


class Lists(NamedTuple):
    """What the page lists: the first tickets by where they are, and what was said last in each."""

    waiting: Sequence[Ticket]
    mine: Sequence[Ticket]
    others: Sequence[Ticket]
    ended: Sequence[Ticket]
    last: Mapping[str, DeskMessage]
    counts: Mapping[str, int]  # of all there are, listed or not
    agent: Agent  # who looks


def lists(locale: Locale, found: Lists, opened: str, now: datetime) -> str:
    """Return the tickets as buttons; `opened` is the id of the open one."""
    w, parts = desk_words(locale), []
    for name in ("waiting", "mine", "others", "ended"):
        tickets: Sequence[Ticket] = getattr(found, name)
        if not tickets and name not in w["none"]:
            continue
        items = "".join(_item(locale, ticket, found, opened, now) for ticket in tickets)
        shown = f"<ul>{items}</ul>" if items else quiet(w["none"][name])
        there_are = found.counts.get(name, 0)
        count = f" <span>{there_are}</span>" if there_are else ""
        if (more := there_are - len(tickets)) > 0:
            shown += quiet(w["more"].format(n=more))
        head = f"<h3>{said(w['lists'][name])}{count}</h3>"
        parts.append(f'<section data-list="{name}">{head}{shown}</section>')
    waiting, going = found.counts.get("waiting", 0), (found.waiting, found.mine, found.others)
    whole = " data-whole" if sum(map(len, going)) == sum(found.counts.values()) else ""
    return (
        f'<div class="kefu-tickets" data-waiting="{waiting}" '
        f'data-agent="{said(found.agent.name)}"{whole}>{"".join(parts)}</div>'
    )


def _item(locale: Locale, ticket: Ticket, found: Lists, opened: str, now: datetime) -> str:
    w, message = desk_words(locale), found.last.get(ticket["ticket_id"])
    is_open = ' aria-current="true"' if ticket["ticket_id"] == opened else ""
    preview = " ".join((message["text"] if message else asked_last(ticket)).split())[:PREVIEW_CHARS]
    return (
        f'<li><button type="button" data-id="{said(ticket["ticket_id"])}"{is_open}>'
        f"<b>{said(_name(w, ticket, found.agent))}</b>{_reason(locale, ticket)}"
        f"<small>{said(_standing(w, ticket, message, now))}</small>"
        f"<span>{said(preview)}</span></button></li>"
    )


def _name(w: DeskWords, ticket: Ticket, agent: Agent) -> str:
    """Return who the customer is, and whose where that can be one of several tenants."""
    name = ticket["user_id"] or w["guest"]
    return f"{name} · {ticket['tenant']}" if len(agent.tenants) > 1 else name


def _standing(w: DeskWords, ticket: Ticket, message: DeskMessage | None, now: datetime) -> str:
    """Return how long the customer waits, or who is with them."""
    if ticket["status"] == "open":
        return w["waiting_for"].format(time=wait(w, now - ticket["opened_at"]))
    if ticket["status"] == "closed":
        return w["ended_by"].format(name=ticket["agent"] or w["nobody"])
    if message is not None and message["role"] == "customer":
        return w["unanswered"].format(time=wait(w, now - message["at"]))
    return w["has_it"].format(name=ticket["agent"])


def wait(w: DeskWords, time: timedelta) -> str:
    """Return a span of time to the minute."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return w["waits"]["now"]
    if minutes < 60:
        return w["waits"]["minutes"].format(n=minutes)
    if minutes < 24 * 60:
        return w["waits"]["hours"].format(n=minutes // 60, m=minutes % 60)
    return w["waits"]["days"].format(n=minutes // (24 * 60))


def asked_last(ticket: Ticket) -> str:
    """Return the customer's last words before the ticket was opened, from its summary."""
    lines = [line for line in ticket["summary"].splitlines() if line.startswith("顾客：")]
    return lines[-1].removeprefix("顾客：") if lines else ""


def _reason(locale: Locale, ticket: Ticket) -> str:
    is_urgent = ticket["reason"] in URGENT
    mark = f"{desk_words(locale)['urgent']} · " if is_urgent else ""
    kind = "kefu-badge kefu-urgent" if is_urgent else "kefu-badge"
    return f'<i class="{kind}">{said(mark + reason_label(words(locale), ticket["reason"]))}</i>'


def conversation(
    locale: Locale, ticket: Ticket, talk: Sequence[Line], found: Lists, now: datetime
) -> str:
    """Return the ticket's head, its summary and the whole conversation; `now` has the zone."""
    w = desk_words(locale)
    head = (
        f'<h2 data-ticket="{said(ticket["ticket_id"])}" data-agent="{said(found.agent.name)}">'
        f"{said(_name(w, ticket, found.agent))}{_reason(locale, ticket)}</h2>"
        f"<p class='kefu-quiet'>{said(ticket['ticket_id'])} · "
        f"{said(_standing(w, ticket, None, now))}</p>"
    )
    hint = f"<small>{said(w['summary_hint'])}</small>"
    summary = (
        f'<details class="kefu-summary"><summary>{said(w["summary"])} {hint}</summary>'
        f"<p>{said(ticket['summary'])}</p></details>"
    )
    items = "".join(_line(locale, line, now) for line in talk)
    scrolled = f'<div class="kefu-scroll"><ol class="kefu-talk">{items}</ol></div>'
    return f"{head}{summary}{scrolled}"


def _line(locale: Locale, line: Line, now: datetime) -> str:
    w, at = desk_words(locale), line.at.astimezone(now.tzinfo)
    time = f"{at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"
    if line.who in ("joined", "closed"):
        text = w["joined"].format(name=line.text) if line.who == "joined" else w["closed"]
        return f'<li class="kefu-event">{time} {said(text)}</li>'
    decided = f"<small>{said(_decided(locale, line))}</small>" if line.turn else ""
    who = " · ".join(filter(None, [w["who"][line.who], line.name]))
    return (
        f'<li class="kefu-{line.who}"><header>{said(who)} <time>{time}</time>'
        f"</header><p>{said(line.text)}</p>{decided}</li>"
    )


def _decided(locale: Locale, line: Line) -> str:
    if line.turn is None:
        return ""
    w, turn = words(locale), line.turn
    parts = [
        w["actions"].get(turn["action"], turn["action"]),
        w["confidence"].format(share=f"{turn['confidence']:.0%}"),
        reason_label(w, turn["reason"]),
    ]
    if turn["citations"]:
        parts.append(desk_words(locale)["cites"].format(ids=", ".join(turn["citations"])))
    return " · ".join(parts)


def answers(w: DeskWords, passages: Sequence[Passage]) -> str:
    """Return what the knowledge holds for the customer's question, as buttons."""
    if not passages:
        return ""
    items = "".join(
        f'<li><button type="button" data-id="{number}"><b>{said(passage["question"])}</b>'
        f"<span>{said(' '.join(passage['answer'].split())[:PREVIEW_CHARS])}</span></button></li>"
        for number, passage in enumerate(passages)
    )
    return f'<h3>{said(w["answers"])}</h3><ul class="kefu-answers">{items}</ul>'
