"""What the API does about runs: each is one message of a customer and its answer."""

import uuid
from collections.abc import Sequence

from langchain_core.messages import HumanMessage
from starlette.responses import Response, StreamingResponse

from graph.settings import Settings
from tools.desk.records import AppThread
from ui.api import told
from ui.api.conversations import Conversations
from ui.api.entrance import Call, Json, check_assistant, refuse, refuse_too_fast, refuse_too_many
from ui.api.runs import GONE, Failure, Run, Runs
from ui.api.shapes import RunCreate, context_of, message_id
from ui.api.sse import ALIVE_S, streamed, waited
from ui.pace import Pace


class TurnHandlers:
    """Run a turn in a conversation, or in one that is forgotten with it."""

    def __init__(self, conversations: Conversations, runs: Runs, config: Settings) -> None:
        self._conversations = conversations
        self._runs = runs
        self._most = config.api.open_runs
        self._pace = Pace(config.limit.customer_per_minute)

    async def wait(self, call: Call) -> Response:
        """Run a turn and return how the conversation stands then."""
        run, _ = await self._begun(call, is_begin_told=False)
        end = await run.ended_within(ALIVE_S)
        if end is None:  # from now on the line is kept alive
            body = waited(run)
            return StreamingResponse(body, 200, _headers(run), "application/json")
        if isinstance(end, Failure):
            refuse(end.status, end.detail)
        return Json(end, 200, _headers(run))

    async def stream(self, call: Call) -> Response:
        """Run a turn and tell what happens as it happens."""
        run, asked = await self._begun(call, is_begin_told=True)
        headers = {**_headers(run), "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        body = streamed(run, asked.stream_mode)
        return StreamingResponse(body, 200, headers, "text/event-stream")

    async def _begun(self, call: Call, *, is_begin_told: bool) -> tuple[Run, RunCreate]:
        """Begin a run, or refuse it before anything of it is kept."""
        asked = await call.read(RunCreate)
        check_assistant(asked.assistant_id)
        knobs = asked.context
        if knobs and knobs.tenant not in (None, call.app.tenant):
            refuse(403, "context.tenant: this key is for another tenant; leave it out")
        user_id = call.user(knobs.user_id if knobs else None) or ""
        run_id = str(uuid.uuid4())
        said, earlier, said_id = _said(asked, call.request.headers.get("idempotency-key") or run_id)
        thread_id = call.thread_id() if call.names_thread else str(uuid.uuid4())
        async with self._runs.door(call.app.tenant, thread_id):
            thread = await self._entered(call, asked, thread_id, user_id)
            await self._check_news(thread, asked, earlier)
            self._check_room(call, asked, thread)
            self._check_pace(thread, user_id or thread_id, call.app.tenant)
            run = Run(
                run_id,
                thread_id,
                HumanMessage(said, id=told.turn_id_of(said_id, thread_id)),
                context_of(knobs, tenant=call.app.tenant, user_id=user_id),
                call.app,
                is_kept=thread is not None,
                is_begin_told=is_begin_told and "values" in asked.stream_mode,
            )
            self._runs.begin(run)
        return run, asked

    async def _entered(
        self, call: Call, asked: RunCreate, thread_id: str, user_id: str
    ) -> AppThread | None:
        """Return the conversation; None for one that is forgotten with its only run."""
        if not call.names_thread:
            if asked.on_completion == "delete":
                return None
            return await self._conversations.begin(thread_id, call.app, user_id, {})
        found = await self._conversations.enter(thread_id, call.app, user_id)
        if found is None and asked.if_not_exists == "create":
            found = await self._conversations.begin(thread_id, call.app, user_id, {})
        if found is None:
            refuse(404, GONE)
        return found

    async def _check_news(
        self, thread: AppThread | None, asked: RunCreate, earlier: Sequence[HumanMessage]
    ) -> None:
        """Refuse what would be answered as if it were something else."""
        if thread is None:
            if earlier:
                refuse(422, "input.messages: expected one message; create a thread for more")
            return
        thread_id, tenant = thread["thread_id"], thread["tenant"]
        if earlier:
            state = await self._conversations.state(thread_id, tenant=tenant)
            known = {message.id for message in state.get("messages", [])}
            if any(told.turn_id_of(m.id or "", thread_id) not in known for m in earlier):
                refuse(422, "input.messages: expected one new message; run once for each")
        if asked.from_checkpoint:
            latest = await self._conversations.history(thread_id, tenant=tenant, limit=1)
            if asked.from_checkpoint not in map(told.checkpoint_id, latest):
                refuse(409, "checkpoint: the conversation has gone on; leave it out")

    def _check_room(self, call: Call, asked: RunCreate, thread: AppThread | None) -> None:
        is_waiting = asked.multitask_strategy == "enqueue"
        if thread and not is_waiting and self._runs.is_busy(thread):
            refuse(409, "thread: a run is going on; wait for its end, or take enqueue")
        if self._runs.count(call.app) >= self._most:
            refuse_too_many(self._most)

    def _check_pace(self, thread: AppThread | None, who: str, tenant: str) -> None:
        if thread and thread["owner"] != "bot":
            return  # nobody is cut short while the desk listens
        if wait_s := self._pace.wait_s(f"{tenant}/{who}"):
            refuse_too_fast(wait_s)
        self._pace.count(f"{tenant}/{who}")


def _said(asked: RunCreate, otherwise: str) -> tuple[str, Sequence[HumanMessage], str]:
    """Return what the customer says, the messages before it, and its id."""
    try:
        *earlier, last = asked.said()
        return last.text, earlier, message_id(last.id or otherwise)
    except ValueError as exc:
        refuse(422, str(exc))


def _headers(run: Run) -> dict[str, str]:
    """Return where the run is, as the client tells its `on_run_created`."""
    place = f"/threads/{run.thread_id}" if run.is_kept else ""
    return {"Content-Location": f"{place}/runs/{run.run_id}"}
