"""Tickets: conversations that wait for, or are with, a person. open -> taken -> closed."""

import secrets
from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from tools.desk.connection import Store, columns, of_tenant, rows
from tools.desk.records import DeskMessage, Role, Ticket, TicketStatus
from tools.desk.schema import DESK_MESSAGES, IS_UNCLOSED, TICKETS

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that sound or look alike
_CODE_CHARS = 8  # 40 bits: an id can't be guessed, yet be read out on the phone

Tenants = str | Collection[str]  # whose tickets somebody may see: one tenant's, or those of several


class Tickets(Store):
    """The queue of the service desk."""

    async def open_ticket(
        self, thread_id: str, *, tenant: str, user_id: str, reason: str, summary: str
    ) -> Ticket:
        """Return the thread's unclosed ticket, opening one if there is none.

        An existing ticket stays as it is. `summary` must be masked by the caller.
        """
        now = self._clock()
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_CHARS))
        statement = self._database.insert(TICKETS).values(
            ticket_id=f"T{now:%Y%m%d}-{code}",
            tenant=tenant,
            thread_id=thread_id,
            user_id=user_id,
            reason=reason,
            summary=summary,
            status="open",
            opened_at=now,
        )
        statement = statement.on_conflict_do_update(  # changes nothing, but returns the row
            index_elements=[TICKETS.c.tenant, TICKETS.c.thread_id],
            index_where=IS_UNCLOSED,
            set_={"status": TICKETS.c.status},
        )
        async with self._database.writing() as connection:
            opened = await connection.execute(statement.returning(*columns(TICKETS, Ticket)))
            return rows(Ticket, opened)[0]

    async def ticket(self, ticket_id: str, *, tenant: Tenants) -> Ticket | None:
        """Return one ticket, or None."""
        query = _tickets(tenant).where(TICKETS.c.ticket_id == ticket_id)
        return await self._one(Ticket, query)

    async def tickets(
        self,
        *,
        tenant: Tenants,
        status: TicketStatus | None = None,
        agent: str | None = None,
        but_of: str | None = None,
        limit: int = 100,
    ) -> list[Ticket]:
        """Return tickets; who waits longest comes first, closed or mixed ones latest first.

        `agent` leaves those that this person has, `but_of` all others.
        """
        query = _tickets(tenant)
        if status is not None:
            query = query.where(TICKETS.c.status == status)
        if agent is not None:
            query = query.where(TICKETS.c.agent == agent)
        if but_of is not None:
            query = query.where(TICKETS.c.agent != but_of)
        oldest_first = status in ("open", "taken")
        order = TICKETS.c.opened_at.asc() if oldest_first else TICKETS.c.opened_at.desc()
        return await self._database.fetch(Ticket, query.order_by(order).limit(limit))

    async def unclosed(self, *, tenant: Tenants) -> Counter[str]:
        """Return how many tickets each person has; "" has those that wait."""
        query = (
            select(TICKETS.c.agent, func.count())
            .where(_is_of(TICKETS.c.tenant, tenant), IS_UNCLOSED)
            .group_by(TICKETS.c.agent)
        )
        async with self._database.reading() as connection:
            return Counter({agent: count for agent, count in await connection.execute(query)})

    async def unclosed_elsewhere(self, tenants: Collection[str]) -> int:
        """Return how many tickets all other tenants have."""
        query = select(func.count()).where(TICKETS.c.tenant.not_in(tenants), IS_UNCLOSED)
        async with self._database.reading() as connection:
            return await connection.scalar(query) or 0

    async def take_ticket(
        self, ticket_id: str, agent: str, *, tenant: str, instead_of: str = ""
    ) -> Ticket | None:
        """Return the ticket if it is the agent's now; None if unknown, closed or another's.

        `instead_of` names the colleague from whom it is taken over.
        """
        theirs = and_(TICKETS.c.status == "taken", TICKETS.c.agent == instead_of)
        return await self._move(
            ticket_id,
            tenant,
            or_(TICKETS.c.status == "open", theirs) if instead_of else TICKETS.c.status == "open",
            {"status": "taken", "agent": agent, "taken_at": self._clock()},
            and_(TICKETS.c.status == "taken", TICKETS.c.agent == agent),
        )

    async def close_ticket(self, ticket_id: str, *, tenant: str) -> Ticket | None:
        """Return the ticket, closed now or before; None if unknown."""
        return await self._move(
            ticket_id,
            tenant,
            IS_UNCLOSED,
            {"status": "closed", "closed_at": self._clock()},
            TICKETS.c.status == "closed",
        )

    async def _move(
        self,
        ticket_id: str,
        tenant: str,
        before: Any,  # noqa: ANN401
        change: dict[str, Any],
        after: Any,  # noqa: ANN401
    ) -> Ticket | None:
        is_it = and_(TICKETS.c.tenant == tenant, TICKETS.c.ticket_id == ticket_id)
        async with self._database.writing() as connection:
            await connection.execute(update(TICKETS).where(is_it, before).values(**change))
            found = await connection.execute(_tickets(tenant).where(is_it, after))
            return next(iter(rows(Ticket, found)), None)

    async def add_desk_message(
        self,
        ticket_id: str,
        role: Role,
        text: str,
        *,
        tenant: str,
        agent: str = "",
        turn_id: str = "",
    ) -> bool:
        """Add a message to a ticket, closed ones too; False if the tenant has no such ticket.

        `text` is shown to the person at the desk and may be raw; `agent` names the person whose
        words they are. What a turn brings is added once, however often the turn is run: a crash,
        or threads that can't be saved, may come right after this.
        """
        values = {"role": role, "agent": agent, "text": text, "turn_id": turn_id}
        source = select(
            TICKETS.c.tenant,
            TICKETS.c.ticket_id,
            TICKETS.c.thread_id,
            TICKETS.c.user_id,
            *(literal(value) for value in values.values()),
            literal(self._clock(), DESK_MESSAGES.c.at.type),
        ).where(TICKETS.c.tenant == tenant, TICKETS.c.ticket_id == ticket_id)
        said = of_tenant(DESK_MESSAGES, DeskMessage, tenant, ticket_id=ticket_id, turn_id=turn_id)
        if turn_id:
            source = source.where(~said.exists())
        names = ["tenant", "ticket_id", "thread_id", "user_id", *values, "at"]
        async with self._database.writing() as connection:
            result = await connection.execute(insert(DESK_MESSAGES).from_select(names, source))
            if result.rowcount == 1:
                return True
            return bool(turn_id) and (await connection.execute(said)).first() is not None

    async def desk_messages(self, ticket_id: str, *, tenant: str) -> list[DeskMessage]:
        """Return a ticket's messages in order."""
        query = of_tenant(DESK_MESSAGES, DeskMessage, tenant, ticket_id=ticket_id)
        return await self._database.fetch(DeskMessage, query.order_by(DESK_MESSAGES.c.id))

    async def tickets_of(self, thread_id: str, *, tenant: str) -> list[Ticket]:
        """Return the tickets of one conversation, oldest first."""
        query = _tickets(tenant).where(TICKETS.c.thread_id == thread_id)
        return await self._database.fetch(Ticket, query.order_by(TICKETS.c.opened_at))

    async def said_in(self, thread_id: str, *, tenant: str) -> list[DeskMessage]:
        """Return the messages of all tickets of one conversation, in order."""
        query = of_tenant(DESK_MESSAGES, DeskMessage, tenant, thread_id=thread_id)
        return await self._database.fetch(DeskMessage, query.order_by(DESK_MESSAGES.c.id))

    async def said_last(self, *, tenant: Tenants) -> dict[str, DeskMessage]:
        """Return the last message of each unclosed ticket that has one, by the ticket's id."""
        is_theirs = _is_of(TICKETS.c.tenant, tenant)
        unclosed = select(TICKETS.c.ticket_id).where(is_theirs, IS_UNCLOSED)
        said = DESK_MESSAGES.c
        last = (
            select(func.max(said.id))
            .where(_is_of(said.tenant, tenant), said.ticket_id.in_(unclosed))
            .group_by(DESK_MESSAGES.c.ticket_id)
        )
        query = select(*columns(DESK_MESSAGES, DeskMessage)).where(DESK_MESSAGES.c.id.in_(last))
        found = await self._database.fetch(DeskMessage, query)
        return {message["ticket_id"]: message for message in found}


def _tickets(tenant: Tenants) -> Select[Any]:
    return select(*columns(TICKETS, Ticket)).where(_is_of(TICKETS.c.tenant, tenant))


def _is_of(column: Column[str], tenant: Tenants) -> ColumnElement[bool]:
    return column == tenant if isinstance(tenant, str) else column.in_(tenant)
