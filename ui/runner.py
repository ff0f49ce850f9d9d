"""The one way from a channel to the graph: durable inbox, one turn at a time, streaming."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from langchain_core.messages import AnyMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig

from graph.app import Kefu
from graph.context import Context
from graph.state import State
from nodes.ahead import embed_ahead
from nodes.speech import Piece, heard_by
from tools.desk.records import InboxMessage, WaitingMessage
from tools.errors import StoreUnavailable
from tools.telemetry import Telemetry
from ui.handover import Handover
from ui.recovery import taken_up
from ui.spool import SPOOL, Spool
from ui.threads import Threads, config
from ui.turn import (
    Done,
    NotYours,
    Refused,
    again,
    apology,
    done,
    ended,
    logged,
    run_named,
    storable,
)

__all__ = ["Done", "Event", "NotYours", "Runner"]

logger = logging.getLogger(__name__)

Event = Piece | Done
Events = asyncio.Queue[Event | Refused | None]


class Runner(Handover):
    """Runs turns; each thread one at a time, in the order the messages came."""

    def __init__(self, kefu: Kefu) -> None:
        super().__init__(kefu.services.desk, Threads(kefu.graph))
        self._kefu = kefu
        self._running: set[asyncio.Task[None]] = set()
        self._spool = Spool(kefu.settings.var / SPOOL)
        self.telemetry = Telemetry(lambda: len(self._running))

    async def stream(
        self, text: str, *, thread_id: str, context: Context, turn_id: str = ""
    ) -> AsyncIterator[Event]:
        """Yield the pieces of the reply, then one Done; never an exception's text.

        The turn goes on to its end if the reader leaves early. A message sent again under its
        `turn_id` gets the answer it got before.

        Raises:
            NotYours: if another customer owns the thread.
            IdTaken: if another message was sent under the `turn_id`.
            ValueError: if an id or the region is no text that can be stored.
        """
        message: InboxMessage = {
            "turn_id": turn_id or uuid.uuid4().hex,
            "tenant": context.tenant,
            "thread_id": thread_id,
            "user_id": context.user_id,
            "channel": context.channel,
            "text": storable(text),
            "locale": context.locale,
            "region": context.region,
        }
        for name, value in message.items():  # what no store takes would block the spool for good
            if not isinstance(value, str) or value != storable(value):
                raise ValueError(f"{name}: expected a text that can be stored")
        events: Events = asyncio.Queue()
        self._begin(message, context, events)
        while (event := await events.get()) is not None:
            if isinstance(event, Refused):
                raise event
            yield event

    async def ask(self, text: str, *, thread_id: str, context: Context, turn_id: str = "") -> Done:
        """Run one turn to its end."""
        end: Done | None = None
        events = self.stream(text, thread_id=thread_id, context=context, turn_id=turn_id)
        async for event in events:
            if event["kind"] == "done":
                end = event
        if end is None:
            raise RuntimeError("a turn ended without its last event")
        return end

    async def messages(self, thread_id: str, *, context: Context) -> list[AnyMessage]:
        """Return a thread's messages from its checkpoint, oldest first.

        Raises:
            NotYours: if another customer owns the thread.
            StoreUnavailable: if the threads can't be read, or not whose this one is.
        """
        state = await self.state_of(thread_id, context=context)
        return list(state.get("messages", []))

    async def state_of(self, thread_id: str, *, context: Context) -> State:
        """Return a customer's thread's saved state; raises as `messages`."""
        await self._check_owner(thread_id, context)
        return await self.state(thread_id, tenant=context.tenant)

    async def state(self, thread_id: str, *, tenant: str = "") -> State:
        """Return a thread's saved state, {} for a new one; "" is the tenant of the settings."""
        return await self._threads.read(thread_id, tenant=tenant or self._kefu.settings.tenant)

    async def unanswered(self, *, idle_s: float) -> list[WaitingMessage]:
        """Return what a crash, or a store that was down, left unanswered, oldest first.

        `idle_s` skips messages that another process may be working on: 0 only where there is none.

        Raises:
            StoreUnavailable: if the desk can't be read or written; nothing is lost.
        """
        await self._spool.empty_into(self._desk)
        return await self._desk.waiting(idle_s=idle_s)

    async def take_up(self, waiting: Sequence[WaitingMessage]) -> int:
        """Run what `unanswered` returned; see `taken_up`. Ended early, what runs goes on."""
        return await taken_up(
            waiting, self._desk, lambda each: self._begin(*again(each), asyncio.Queue())
        )

    async def recover(self, *, idle_s: float) -> int:
        """Run what is unanswered and return how many turns that were."""
        return await self.take_up(await self.unanswered(idle_s=idle_s))

    @asynccontextmanager
    async def alone(self, thread_id: str, *, tenant: str) -> AsyncIterator[None]:
        """Let no message of the thread come in, and none be answered, while something is done."""
        async with self._lock("inbox", tenant, thread_id), self._lock(tenant, thread_id):
            yield

    async def close(self) -> None:
        """Wait for what is held."""
        if self._running:
            await asyncio.wait(self._running)

    def hold(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let `work` go on until it ends, whoever leaves meanwhile."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _begin(self, message: InboxMessage, context: Context, events: Events) -> asyncio.Task[None]:
        return self.hold(self._turn(message, context, events))

    async def _turn(self, message: InboxMessage, context: Context, events: Events) -> None:
        """Keep the message, answer it, log the turn; lose nothing."""
        is_kept, began_s = False, time.monotonic()
        ahead = self._embed_ahead(message)
        try:
            async with self._lock("inbox", message["tenant"], message["thread_id"]):  # keeps order
                is_new = await self._desk.receive(message)
                if not is_new:
                    await self._check_owner(message["thread_id"], context)
                is_kept = True
            async with self._lock(message["tenant"], message["thread_id"]):
                end = None if is_new else await self._ended(message)
                if end is None:
                    end = await self._run(message, context, events)
                    self._count(message, end, began_s)
                elif end["text"]:
                    events.put_nowait(Piece(kind="text", text=end["text"]))
                events.put_nowait(end)
                await self._log(message, end)
        except Refused as exc:
            why = {"why": type(exc).__name__, "turn_id": message["turn_id"]}
            logger.warning("message refused", extra=why)
            events.put_nowait(exc)
        except Exception:  # the channel's edge: a customer never sees an exception's text
            logger.exception("turn failed", extra={"turn_id": message["turn_id"]})
            if not is_kept:
                is_kept = self._spool.keep(message)
            events.put_nowait(Piece(kind="reset"))
            end = apology(message, self._kefu.settings.hotline, is_kept=is_kept)
            events.put_nowait(Piece(kind="text", text=end["text"]))
            events.put_nowait(end)
            self._count(message, end, began_s)
        finally:
            events.put_nowait(None)
            await asyncio.gather(ahead, return_exceptions=True)  # the turn met it as well, and told

    def _embed_ahead(self, message: InboxMessage) -> Awaitable[None]:
        embedder = self._kefu.services.embedder
        if embedder is None:
            return asyncio.sleep(0)
        return asyncio.create_task(embed_ahead(message["text"], embedder))

    async def _run(self, message: InboxMessage, context: Context, events: Events) -> Done:
        """Take the message through the graph, passing on what it shows on the way."""
        asked = HumanMessage(message["text"], id=message["turn_id"])
        with heard_by(events.put_nowait):
            state = await self._kefu.unwatched.ainvoke(
                {"messages": [asked]},
                self._config(message),
                context=context,
                durability="exit",
            )
        return done(cast(State, state))

    def _config(self, message: InboxMessage) -> RunnableConfig:
        """Return what names the thread to the graph, and the turn to those who read traces."""
        named = config(message["thread_id"], tenant=message["tenant"])
        if self._kefu.traces is None:
            return named
        return named | run_named(message)

    async def _ended(self, message: InboxMessage) -> Done | None:
        """Return how a message that is not new was answered; None if it must be run.

        What a failed run has saved of it is taken out: it is to come last, after what followed.
        """
        turn_id, thread_id, tenant = message["turn_id"], message["thread_id"], message["tenant"]
        state = await self._threads.read(thread_id, tenant=tenant)
        end = ended(message, state, await self._desk.turn(turn_id, tenant=tenant))
        if end is None and any(said.id == turn_id for said in state.get("messages", [])):
            removal = {"messages": [RemoveMessage(id=turn_id)]}
            await self._threads.change(thread_id, removal, tenant=tenant)
        return end

    def _count(self, message: InboxMessage, end: Done, began_s: float) -> None:
        took_s = time.monotonic() - began_s
        self.telemetry.count_turn(end["reply"], channel=message["channel"], took_s=took_s)

    async def _log(self, message: InboxMessage, end: Done) -> None:
        try:
            await self._desk.finish(logged(message, end))
        except StoreUnavailable:  # answered, and saved in the thread; recover() logs it later
            logger.exception("turn not logged", extra={"turn_id": message["turn_id"]})

    async def _check_owner(self, thread_id: str, context: Context) -> None:
        thread = await self._desk.thread(thread_id, tenant=context.tenant)
        if thread is not None and thread["user_id"] not in ("", context.user_id):
            raise NotYours(f"thread {thread_id!r} belongs to another customer")
