"""Conversations that go on: after a restart, after a reload, the next day."""

import logging

from graph.app import Kefu
from graph.context import Context
from graph.state import Pending, State
from tools.errors import KefuError
from ui.handover import is_from_desk
from ui.runner import NotYours, Runner
from ui.session import Memory, Session, fresh, is_thread_id, named, reopened

logger = logging.getLogger(__name__)

RECENT_S = 30 * 60.0  # since the last message; who comes later has another question


class Reopening:
    """Opens saved conversations anew.

    A guest's is for whoever knows its name, so only for who names one of the page's own, which
    nobody guesses: another channel, or an operator at the console, may call theirs "1".
    """

    def __init__(self, runner: Runner, kefu: Kefu) -> None:
        self._runner, self._desk = runner, kefu.services.desk

    async def opened(self, thread_id: str, context: Context) -> tuple[Session, Pending]:
        """Return a conversation and what the bot waits for in it.

        Raises:
            NotYours: if it is not the customer's.
            StoreUnavailable: if it can't be read.
        """
        state = await self._read(thread_id, context)
        return reopened(thread_id, state, context), state.get("pending", Pending())

    async def shown(self, open_id: str | None, context: Context) -> Session:
        """Return the conversation that the browser shows if it is the customer's, or a new one."""
        if not (open_id := named(open_id)):
            return fresh(context.user_id)
        try:
            state = await self._read(open_id, context)
        except NotYours:
            return fresh(context.user_id)
        except KefuError:  # whose it is, the runner will ask once more
            logger.warning("conversation not read", exc_info=True)
            state = State()
        if not state.get("messages") and not is_thread_id(open_id):
            return fresh(context.user_id)
        return reopened(open_id, state, context)

    async def going_on(
        self, memory: Memory, context: Context, now_s: float
    ) -> tuple[Session, Pending] | None:
        """Return a guest's last conversation if it is recent, or a person has it; else None.

        Whoever waits for a person was told that they will answer there: what they said while the
        customer was away is shown, too. None for who has begun a new one since, which takes the
        time from the memory.
        """
        if not (threads := memory.get("threads")) or "said_at" not in memory:
            return None
        thread_id = threads[0]["id"]
        try:
            state = await self._read(thread_id, context)
        except KefuError:
            logger.warning("conversation not read", exc_info=True)
            return None
        messages = state.get("messages")
        is_recent = 0 <= now_s - memory["said_at"] < RECENT_S
        if not messages:
            return None
        if not (is_recent or state.get("owner", "bot") != "bot" or is_from_desk(messages[-1])):
            return None
        return reopened(thread_id, state, context), state.get("pending", Pending())

    async def _read(self, thread_id: str, context: Context) -> State:
        if not is_thread_id(thread_id):
            theirs = await self._desk.threads_of(context.user_id, tenant=context.tenant)
            if thread_id not in theirs:
                raise NotYours(f"thread {thread_id!r} is not the customer's, nor one of the page's")
        return await self._runner.state_of(thread_id, context=context)
