"""The one way from a channel to the graph: durable inbox, one turn at a time, streaming."""

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal, TypedDict, cast
from weakref import WeakValueDictionary

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig

from graph.app import Kefu
from graph.context import Context
from graph.state import Owner, Reply, State
from nodes.replies import say
from nodes.speech import Piece
from tools.desk.records import InboxMessage, Turn, WaitingMessage
from tools.errors import KefuError, StoreUnavailable
from tools.text.normalise import language
from tools.text.pii import mask
from ui.spool import Spool

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # runs of one message before it is given up: it may be what kills the process


class Done(TypedDict):
    """The last event of a turn."""

    kind: Literal["done"]
    text: str  # the whole reply; "" while a person owns the thread
    reply: Reply
    owner: Owner
    ticket_id: str


Event = Piece | Done


class NotYours(KefuError):
    """The thread belongs to another customer."""


class Runner:
    """Runs turns; each thread one at a time, in the order the messages came."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[None]] = set()
        self._spool = Spool(kefu.settings.var / "spool.jsonl")

    async def stream(
        self, text: str, *, thread_id: str, context: Context, turn_id: str = ""
    ) -> AsyncIterator[Event]:
        """Yield the pieces of the reply, then one Done; never an exception's text.

        The turn goes on to its end if the reader leaves early.

        Raises:
            NotYours: if another customer owns the thread.
        """
        message: InboxMessage = {
            "turn_id": turn_id or uuid.uuid4().hex,
            "tenant": context.tenant,
            "thread_id": thread_id,
            "user_id": context.user_id,
            "channel": context.channel,
            "text": text,
            "locale": context.locale,
            "region": context.region,
        }
        await self._check_owner(thread_id, context)
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        task = asyncio.create_task(self._turn(message, context, events))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        while (event := await events.get()) is not None:
            yield event

    async def ask(self, text: str, *, thread_id: str, context: Context, turn_id: str = "") -> Done:
        """Run one turn to its end."""
        done: Done | None = None
        events = self.stream(text, thread_id=thread_id, context=context, turn_id=turn_id)
        async for event in events:
            if event["kind"] == "done":
                done = event  # type: ignore[assignment] # a Piece is never "done"
        if done is None:
            raise RuntimeError("a turn ended without its last event")
        return done

    async def messages(self, thread_id: str, *, context: Context) -> list[AnyMessage]:
        """Return a thread's messages from its checkpoint, oldest first.

        Raises:
            NotYours: if another customer owns the thread.
            StoreUnavailable: if the threads can't be read.
        """
        await self._check_owner(thread_id, context)
        return list((await self.state(thread_id)).get("messages", []))

    async def state(self, thread_id: str) -> State:
        """Return a thread's saved state, {} for a new one."""
        try:
            snapshot = await self._kefu.graph.aget_state(_config(thread_id))
        except sqlite3.Error as exc:
            raise StoreUnavailable(f"threads can't be read ({exc})") from exc
        return cast(State, snapshot.values)

    async def recover(self, *, idle_s: float) -> int:
        """Run what a crash left unanswered and return how many turns that were.

        `idle_s` skips messages that another process may be working on: 0 only where there is none.
        """
        desk = self._kefu.services.desk
        for lost in self._spool.take():
            await desk.receive(lost)
        self._spool.taken()
        count = 0
        for waiting in await desk.waiting(idle_s=idle_s):
            if waiting["attempts"] >= MAX_ATTEMPTS:
                await desk.fail(waiting["turn_id"], tenant=waiting["tenant"])
                logger.error("message given up", extra={"turn_id": waiting["turn_id"]})
            elif await desk.claim(waiting):
                await self._again(waiting)
                count += 1
        return count

    async def close(self) -> None:
        """Wait for the turns that are running."""
        if self._running:
            await asyncio.wait(self._running)

    async def _again(self, waiting: WaitingMessage) -> None:
        context = Context(
            tenant=waiting["tenant"],
            channel=waiting["channel"],
            user_id=waiting["user_id"],
            locale="en" if waiting["locale"] == "en" else "zh",
            region=waiting["region"],
        )
        message = cast(InboxMessage, {key: waiting[key] for key in InboxMessage.__annotations__})  # type: ignore[literal-required]
        async with self._lock(waiting["thread_id"]):
            state = await self.state(waiting["thread_id"])
            reply = state.get("reply")
            if reply and reply["turn_id"] == waiting["turn_id"]:  # only the log entry was missing
                await self._kefu.services.desk.finish(_logged(message, _done(state), state))
                return
            with suppress(KefuError):
                await self._run(message, context, asyncio.Queue())

    async def _turn(
        self, message: InboxMessage, context: Context, events: asyncio.Queue[Event | None]
    ) -> None:
        """Keep the message, run the graph, log the turn; always answer and lose nothing."""
        is_kept = False
        try:
            await self._kefu.services.desk.receive(message)
            is_kept = True
            async with self._lock(message["thread_id"]):
                await self._run(message, context, events)
        except Exception:  # the channel's edge: a customer never sees an exception's text
            logger.exception("turn failed", extra={"turn_id": message["turn_id"]})
            if not is_kept:
                self._spool.keep(message)
            events.put_nowait(Piece(kind="reset"))
            done = _apology(message)
            events.put_nowait(Piece(kind="text", text=done["text"]))
            events.put_nowait(done)
        finally:
            events.put_nowait(None)

    async def _run(
        self, message: InboxMessage, context: Context, events: asyncio.Queue[Event | None]
    ) -> None:
        asked = HumanMessage(message["text"], id=message["turn_id"])
        state = State()
        async for mode, part in self._kefu.graph.astream(
            {"messages": [asked]},
            _config(message["thread_id"]),
            context=context,
            stream_mode=["custom", "values"],
            durability="exit",
        ):
            if mode == "custom":
                events.put_nowait(part)  # type: ignore[arg-type]
            else:
                state = cast(State, part)
        done = _done(state)
        events.put_nowait(done)
        try:
            await self._kefu.services.desk.finish(_logged(message, done, state))
        except StoreUnavailable:  # answered, and saved in the thread; recover() logs it later
            logger.exception("turn not logged", extra={"turn_id": message["turn_id"]})

    async def _check_owner(self, thread_id: str, context: Context) -> None:
        try:
            thread = await self._kefu.services.desk.thread(thread_id, tenant=context.tenant)
        except StoreUnavailable:
            return  # the turn itself will find out and say so
        if thread is not None and thread["user_id"] not in ("", context.user_id):
            raise NotYours(f"thread {thread_id!r} belongs to another customer")

    def _lock(self, thread_id: str) -> asyncio.Lock:
        return self._locks.setdefault(thread_id, asyncio.Lock())


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _done(state: State) -> Done:
    last = state["messages"][-1]
    return {
        "kind": "done",
        "text": last.text if isinstance(last, AIMessage) else "",
        "reply": state["reply"],
        "owner": state.get("owner", "bot"),
        "ticket_id": state.get("ticket_id", ""),
    }


def _logged(message: InboxMessage, done: Done, state: State) -> Turn:
    reply = done["reply"]
    return {
        "turn_id": message["turn_id"],
        "tenant": message["tenant"],
        "thread_id": message["thread_id"],
        "user_id": message["user_id"],
        "channel": message["channel"],
        "question": mask(state.get("said", "")),
        "answer": mask(done["text"]),
        "action": reply["action"],
        "intent": reply["intent"],
        "confidence": reply["confidence"],
        "reason": reply["reason"],
        "owner": done["owner"],
        "level": reply["level"],
        "citations": [citation["id"] for citation in reply["citations"]],
        "llm_calls": reply["llm_calls"],
        "cached": reply["cached"],
        "took_ms": reply["took_ms"],
        "first_token_ms": reply["first_token_ms"],
    }


def _apology(message: InboxMessage) -> Done:
    """Return level 4: nothing works but the log."""
    locale = language(message["text"]) if message["text"] else message["locale"]
    return {
        "kind": "done",
        "text": say(locale, "down"),
        "reply": {
            "thread_id": message["thread_id"],
            "turn_id": message["turn_id"],
            "action": "fallback",
            "confidence": 0.0,
            "reason": "down",
            "intent": "",
            "level": 4,
            "citations": [],
            "options": [],
            "llm_calls": 0,
            "cached": False,
            "took_ms": 0.0,
            "first_token_ms": 0.0,
        },
        "owner": "bot",
        "ticket_id": "",
    }
