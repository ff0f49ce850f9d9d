"""What people do with a conversation: take it, answer in it, give it back to the bot."""

import asyncio
from hashlib import sha256
from typing import TypeGuard
from weakref import WeakValueDictionary

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graph.state import Locale, State
from nodes.replies import say
from nodes.speech import REPLY_END
from tools.desk.desk import Desk
from tools.desk.records import Ticket
from tools.text.normalise import language
from ui.threads import Threads


class Handover:
    """The part of a runner that people use; in each thread they and the turns wait in line.

    Every method may raise StoreUnavailable. What was begun then goes on when it is called again.
    """

    def __init__(self, desk: Desk, threads: Threads) -> None:
        self._desk = desk
        self._threads = threads
        self._locks: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()

    async def take(self, thread_id: str, agent: str, *, tenant: str, instead_of: str = "") -> bool:
        """Give a waiting thread to a person; False if none waits, or another person was faster.

        `instead_of` names the colleague from whom it is taken over.
        """
        async with self._lock(tenant, thread_id):
            state = await self._threads.read(thread_id, tenant=tenant)
            ticket_id = state.get("ticket_id", "")
            if state.get("owner", "bot") == "bot":
                return False
            ticket = await self._desk.take_ticket(
                ticket_id, agent, tenant=tenant, instead_of=instead_of
            )
            if ticket is None or ticket["taken_at"] is None:
                return False
            text = say(_tongue(state), "person_joined", agent=agent)
            # Asked again, it is the same taking, and the customer is not told once more.
            told = AIMessage(text, id=f"{ticket_id}-taken-{ticket['taken_at']:%H%M%S%f}")
            await self._threads.change(
                thread_id, {"owner": "human", "messages": [told]}, tenant=tenant
            )
            await self._desk.touch_thread(thread_id, tenant=tenant, owner="human")
            return True

    async def reply(self, ticket: Ticket, text: str, *, agent: str) -> bool:
        """Say something to the customer; False if the ticket is closed or not the agent's.

        The same text sent again after a StoreUnavailable is not said twice.
        """
        tenant, thread_id, ticket_id = ticket["tenant"], ticket["thread_id"], ticket["ticket_id"]
        async with self._lock(tenant, thread_id):
            state = await self._threads.read(thread_id, tenant=tenant)
            is_open = state.get("ticket_id", "") == ticket_id
            if not (is_open and await self._is_theirs(ticket_id, agent, tenant)):
                return False
            before = await self._desk.desk_messages(ticket_id, tenant=tenant)
            number = sum(message["role"] == "agent" for message in before)
            mark = sha256(text.encode()).hexdigest()[:8]
            said = AIMessage(
                text, id=f"{ticket_id}-{number}-{mark}", additional_kwargs={"person": agent}
            )
            await self._threads.change(
                thread_id, {"owner": "human", "messages": [said]}, tenant=tenant
            )
            await self._desk.touch_thread(thread_id, tenant=tenant, owner="human")
            await self._desk.add_desk_message(  # it counts
                ticket_id, "agent", text, tenant=tenant, agent=agent
            )
            return True

    async def end(self, ticket: Ticket, *, agent: str) -> bool:
        """Close the agent's ticket and let the bot go on; False if it is closed, or not theirs.

        A ticket for which no conversation waits is anybody's to close: see `waits`.
        """
        tenant, thread_id, ticket_id = ticket["tenant"], ticket["thread_id"], ticket["ticket_id"]
        async with self._lock(tenant, thread_id):
            state = await self._threads.read(thread_id, tenant=tenant)
            if state.get("ticket_id", "") == ticket_id:
                if not await self._is_theirs(ticket_id, agent, tenant):
                    return False
                await self._release(thread_id, state, tenant)
            return await self._desk.close_ticket(ticket_id, tenant=tenant) is not None

    async def waits(self, ticket: Ticket) -> bool:
        """Say whether the ticket's conversation waits for a person, or is with one.

        It does not where it was erased, or is kept by another server, or where closing the ticket
        failed after all else was done.
        """
        state = await self._threads.read(ticket["thread_id"], tenant=ticket["tenant"])
        return state.get("ticket_id", "") == ticket["ticket_id"]

    async def _release(self, thread_id: str, state: State, tenant: str) -> None:
        """Let the bot go on with a new episode, and tell the customer."""
        told = AIMessage(say(_tongue(state), "handed_back"), id=f"{state['ticket_id']}-closed")
        new_episode = {
            "owner": "bot",
            "ticket_id": "",
            "pending": {},
            "clarify_count": 0,
            "stalled_count": 0,
            "is_offered": False,
            "messages": [told],
        }
        await self._threads.change(thread_id, new_episode, tenant=tenant)
        await self._desk.touch_thread(thread_id, tenant=tenant, owner="bot")

    async def _is_theirs(self, ticket_id: str, agent: str, tenant: str) -> bool:
        ticket = await self._desk.ticket(ticket_id, tenant=tenant)
        return ticket is not None and (ticket["status"], ticket["agent"]) == ("taken", agent)

    def _lock(self, *key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())


def is_from_desk(message: BaseMessage) -> TypeGuard[AIMessage]:
    """Say whether a person said this, or the desk told it; the bot's replies end a turn."""
    is_reply = "kefu" in message.additional_kwargs or str(message.id).endswith(REPLY_END)
    return isinstance(message, AIMessage) and not is_reply


def person(message: BaseMessage) -> str:
    """Return who at the desk said this; "" where none did."""
    return str(message.additional_kwargs.get("person", ""))


def _tongue(state: State) -> Locale:
    """Return the language of what the customer has said: the last word may be a number, or "ok"."""
    said = " ".join(m.text for m in state["messages"] if isinstance(m, HumanMessage))
    return language(said) if said else state["locale"]
