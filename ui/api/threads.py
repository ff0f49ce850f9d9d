"""What the API does about conversations."""

import uuid
from collections.abc import Sequence

from starlette.responses import Response

from tools.desk.records import AppThread
from ui.api import told
from ui.api.conversations import Conversations
from ui.api.entrance import Call, Json, refuse
from ui.api.runs import GONE, Runs
from ui.api.shapes import (
    ASSISTANT,
    ASSISTANT_ID,
    MOST_LISTED,
    History,
    ThreadCreate,
    ThreadSearch,
)

OWN_METADATA = {"graph_id": ASSISTANT, "assistant_id": ASSISTANT_ID}


class ThreadHandlers:
    """Begin, find, look at and forget a conversation."""

    def __init__(self, conversations: Conversations, runs: Runs) -> None:
        self._conversations = conversations
        self._runs = runs

    async def create(self, call: Call) -> Response:
        """Begin a conversation."""
        asked = await call.read(ThreadCreate)
        metadata = dict(asked.metadata or {})
        user_id = call.user(metadata.pop("user_id", None)) or ""
        for name in OWN_METADATA:
            metadata.pop(name, None)
        thread_id = str(asked.thread_id or uuid.uuid4())
        thread = await self._conversations.begin(thread_id, call.app, user_id, metadata)
        if thread is None and asked.if_exists == "do_nothing":
            thread = await self._conversations.find(thread_id, call.app, user_id)
        if thread is None:
            refuse(409, "thread_id: there is one already; leave it out to get another")
        return Json(await self._told(thread))

    async def get(self, call: Call) -> Response:
        """Return a conversation."""
        return Json(await self._told(await self._found(call)))

    async def search(self, call: Call) -> Response:
        """Return the conversations of the customer named, or of guests, latest first."""
        asked = await call.read(ThreadSearch)
        metadata = dict(asked.metadata or {})
        user_id = call.user(metadata.pop("user_id", None)) or ""
        if any(metadata.pop(name, value) != value for name, value in OWN_METADATA.items()):
            return Json([])
        await self._runs.settle(call.app, user_id)
        found = await self._conversations.search(call.app, user_id, asked.ids, metadata)
        if asked.status is not None:
            found = [each for each in found if self._status(each) == asked.status]
        page = found[asked.offset : asked.offset + min(asked.limit, MOST_LISTED)]
        return Json([await self._told(each, asked.select) for each in page])

    async def delete(self, call: Call) -> Response:
        """Forget a conversation."""
        async with self._runs.door(call.app.tenant, call.thread_id()):
            thread = await self._found(call)
            if self._status(thread) == "busy":
                refuse(409, "thread: an answer is on its way; delete it when the run has ended")
            await self._runs.settle(call.app, thread["user_id"])
            await self._conversations.erase(thread["thread_id"], tenant=thread["tenant"])
        return Response(status_code=204)

    async def state(self, call: Call) -> Response:
        """Return how a conversation stands."""
        thread = await self._found(call)
        thread_id, tenant = thread["thread_id"], thread["tenant"]
        found = await self._conversations.history(thread_id, tenant=tenant, limit=1)
        return Json(told.snapshot(found[0], thread_id) if found else told.nothing(thread_id))

    async def history(self, call: Call) -> Response:
        """Return how a conversation stood after its last turns, latest first."""
        asked = await call.read(History)
        thread = await self._found(call)
        found = await self._conversations.history(
            thread["thread_id"],
            tenant=thread["tenant"],
            limit=min(asked.limit, MOST_LISTED),
            before=asked.before or "",
        )
        return Json([told.snapshot(each, thread["thread_id"]) for each in found])

    async def _found(self, call: Call) -> AppThread:
        found = await self._conversations.find(call.thread_id(), call.app, call.user_id)
        if found is None:
            refuse(404, GONE)
        return found

    async def _told(self, found: AppThread, select: Sequence[str] | None = None) -> object:
        is_whole = not select or "values" in select
        thread_id, tenant = found["thread_id"], found["tenant"]
        state = await self._conversations.state(thread_id, tenant=tenant) if is_whole else {}
        return told.thread(found, state, status=self._status(found), select=select)

    def _status(self, found: AppThread) -> str:
        return "busy" if self._runs.is_busy(found) else "idle"
