"""The conversations of apps: begun, found, looked at and forgotten, each only by whose it is."""

import logging
import uuid
from typing import Any

from langgraph.types import StateSnapshot

from graph.app import Kefu
from graph.state import State
from tools.desk.records import AppThread
from ui.api.apps import App
from ui.rights import erased
from ui.runner import Runner
from ui.spool import SPOOL, Spool
from ui.threads import Threads

logger = logging.getLogger(__name__)

SEARCHED = 1000  # a customer's latest conversations, among which metadata and ids are looked for


class Conversations:
    """What apps may do with their conversations; every method may raise StoreUnavailable."""

    def __init__(self, runner: Runner, kefu: Kefu) -> None:
        self._runner = runner
        self._kefu = kefu
        self._desk = kefu.services.desk
        self._threads = Threads(kefu.graph)

    async def begin(
        self, thread_id: str, app: App, user_id: str, metadata: dict[str, Any]
    ) -> AppThread | None:
        """Return a new conversation; None if there is one of that name, of whatever channel."""
        others = await self._desk.thread(thread_id, tenant=app.tenant)
        if others or await self._runner.state(thread_id, tenant=app.tenant):
            return None
        is_new = await self._desk.add_app_thread(
            thread_id, tenant=app.tenant, app=app.name, user_id=user_id, metadata=metadata
        )
        return await self.find(thread_id, app, user_id) if is_new else None

    async def keep(self, thread_id: str, app: App, user_id: str) -> None:
        """List a conversation that a run without one began."""
        await self._desk.add_app_thread(
            thread_id, tenant=app.tenant, app=app.name, user_id=user_id, metadata={}
        )

    async def find(self, thread_id: str, app: App, user_id: str | None) -> AppThread | None:
        """Return a conversation of an app, None if it is another customer's than the one named."""
        found = await self._desk.app_thread(thread_id, tenant=app.tenant, app=app.name)
        if found is None or (user_id is not None and found["user_id"] not in ("", user_id)):
            return None
        return found

    async def enter(self, thread_id: str, app: App, user_id: str) -> AppThread | None:
        """Return a conversation in which a customer is about to speak: it is theirs from now on."""
        found = await self.find(thread_id, app, user_id)
        if found is None or found["user_id"] == user_id:
            return found
        is_theirs = await self._desk.claim_app_thread(thread_id, tenant=app.tenant, user_id=user_id)
        return {**found, "user_id": user_id} if is_theirs else None

    async def search(
        self, app: App, user_id: str, ids: list[uuid.UUID] | None, metadata: dict[str, Any] | None
    ) -> list[AppThread]:
        """Return a customer's conversations, latest first."""
        found = await self._desk.app_threads(
            user_id, tenant=app.tenant, app=app.name, limit=SEARCHED
        )
        named = {str(each) for each in ids} if ids is not None else None
        return [
            each
            for each in found
            if (named is None or each["thread_id"] in named)
            and (metadata or {}).items() <= each["metadata"].items()
        ]

    async def state(self, thread_id: str, *, tenant: str) -> State:
        """Return what is saved of a conversation."""
        return await self._runner.state(thread_id, tenant=tenant)

    async def history(
        self, thread_id: str, *, tenant: str, limit: int, before: str = ""
    ) -> list[StateSnapshot]:
        """Return how a conversation stood after its last turns, latest first."""
        return await self._threads.history(thread_id, tenant=tenant, limit=limit, before=before)

    async def erase(self, thread_id: str, *, tenant: str) -> None:
        """Erase a conversation: what was said, its log, tickets, feedback."""
        spool = Spool(self._kefu.settings.var / SPOOL)
        async with self._runner.alone(thread_id, tenant=tenant):
            await erased(thread_id, self._desk, self._kefu.saver, spool, tenant=tenant)
