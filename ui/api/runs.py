"""One run of an app: a turn that goes on to its end whoever leaves, and what it tells meanwhile."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from langchain_core.messages import HumanMessage

from graph.context import Context
from graph.state import State
from nodes.speech import Piece
from tools.desk.records import AppThread
from tools.errors import StoreUnavailable
from ui.api import told
from ui.api.apps import App
from ui.api.conversations import Conversations
from ui.runner import NotYours, Runner
from ui.turn import Done, IdTaken

logger = logging.getLogger(__name__)

GONE = "thread: not found; create one, or run with if_not_exists=create"
TAKEN = "the message's id: another message was sent under it; send this one under its own"
FAILED = "The run could not be finished. Send the message again under the same id."


@dataclass(frozen=True)
class Failure:
    """Why a run tells nothing more."""

    status: int
    detail: str


Told = Piece | dict[str, Any] | Failure | None  # a piece | values | … | the end


@dataclass
class Run:
    """What an app asked for, and what there is to tell it."""

    run_id: str
    thread_id: str
    said: HumanMessage  # its id is the turn's
    context: Context
    app: App
    is_kept: bool  # else the conversation is forgotten with the run
    is_begin_told: bool  # how the conversation stands before the answer
    told: asyncio.Queue[Told] = field(default_factory=asyncio.Queue)
    end: asyncio.Future[dict[str, Any] | Failure] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def place(self) -> tuple[str, str]:
        """Return what names the conversation."""
        return self.context.tenant, self.thread_id

    async def ended_within(self, limit_s: float) -> dict[str, Any] | Failure | None:
        """Return how it ended; None if it goes on for longer."""
        await asyncio.wait({self.end}, timeout=limit_s)
        return self.end.result() if self.end.done() else None


class Runs:
    """The runs that are going on."""

    def __init__(self, runner: Runner, conversations: Conversations) -> None:
        self._runner = runner
        self._conversations = conversations
        self._of_app: Counter[str] = Counter()
        self._going: dict[tuple[str, str], dict[asyncio.Task[None], Run]] = {}
        self._doors: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def door(self, tenant: str, thread_id: str) -> asyncio.Lock:
        """Return what is held while a run is let into a conversation, and while one is erased.

        Else a run that had found it would begin it anew when it is gone, and nobody could reach
        or delete what is said there.
        """
        return self._doors.setdefault((tenant, thread_id), asyncio.Lock())

    def count(self, app: App) -> int:
        """Return how many runs of an app are going on."""
        return self._of_app[app.name]

    def is_busy(self, thread: AppThread) -> bool:
        """Say whether a conversation waits for an answer."""
        return any(not run.end.done() for run in self._going.get(_place(thread), {}).values())

    async def settle(self, app: App, user_id: str) -> None:
        """Return when what a customer of an app was answered is logged, in all conversations."""
        ended = [
            task
            for going in self._going.values()
            for task, run in going.items()
            if run.end.done() and run.app == app and run.context.user_id == user_id
        ]
        if ended:
            await asyncio.wait(ended)

    def begin(self, run: Run) -> None:
        """Start a run; it is counted from now on."""
        self._of_app[run.app.name] += 1
        task = self._runner.hold(self._go(run))
        self._going.setdefault(run.place, {})[task] = run
        task.add_done_callback(partial(self._gone, run))

    def _gone(self, run: Run, task: asyncio.Task[None]) -> None:
        self._of_app[run.app.name] -= 1
        del self._going[run.place][task]
        if not self._going[run.place]:
            del self._going[run.place]

    async def _go(self, run: Run) -> None:
        end: Done | None = None
        try:
            end = await self._tell(run)
        except NotYours:
            self._fail(run, Failure(404, GONE))
        except IdTaken:
            self._fail(run, Failure(409, TAKEN))
        except Exception:  # the channel's edge: an app never sees an exception's text
            logger.exception("run failed", extra={"run_id": run.run_id})
            self._fail(run, Failure(500, FAILED))
        run.told.put_nowait(None)
        try:
            if end is not None and not run.is_kept:
                await self._forget(run, end)
        except Exception:  # nobody waits for this any more
            logger.exception("conversation not forgotten", extra={"thread_id": run.thread_id})

    async def _tell(self, run: Run) -> Done | None:
        end: Done | None = None
        is_begin_told = not run.is_begin_told
        async for event in self._runner.stream(
            run.said.text,
            thread_id=run.thread_id,
            context=run.context,
            turn_id=str(run.said.id),
        ):
            if not is_begin_told:  # the turn before has ended
                is_begin_told = True
                run.told.put_nowait(told.asked(await self._state(run), run.thread_id, run.said))
            if event["kind"] == "done":
                end = event
                values = told.ended(await self._state(run), run.thread_id, run.said, end)
                run.told.put_nowait(values)
                run.end.set_result(values)
            else:
                run.told.put_nowait(event)
        return end

    async def _state(self, run: Run) -> State:
        try:
            return await self._runner.state(run.thread_id, tenant=run.context.tenant)
        except StoreUnavailable:
            logger.warning("state not read", exc_info=True)
            return {}

    async def _forget(self, run: Run, end: Done) -> None:
        """Forget a conversation that nobody will go on with, unless an answer is to come in it."""
        if end["owner"] != "bot" or end["reply"]["reason"] == "down":
            await self._conversations.keep(run.thread_id, run.app, run.context.user_id)
        else:
            await self._conversations.erase(run.thread_id, tenant=run.context.tenant)

    def _fail(self, run: Run, failure: Failure) -> None:
        run.told.put_nowait(failure)
        if not run.end.done():
            run.end.set_result(failure)


def _place(thread: AppThread) -> tuple[str, str]:
    return thread["tenant"], thread["thread_id"]
