"""The API: each path of the LangGraph server that Kefu serves, and what it does."""

from datetime import UTC, datetime
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graph.app import Kefu
from ui.api import told
from ui.api.apps import Apps
from ui.api.conversations import Conversations
from ui.api.entrance import USER_HEADER, Call, Entrance, Json, check_assistant, refuse
from ui.api.runs import Runs
from ui.api.threads import ThreadHandlers
from ui.api.turns import TurnHandlers
from ui.runner import Runner

PATHS = ("/threads", "/runs", "/assistants", "/store", "/ok", "/info")
EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
HEADERS = ["content-type", "x-api-key", USER_HEADER, "idempotency-key", "last-event-id"]


def create_api(runner: Runner, kefu: Kefu, apps: Apps) -> Starlette:
    """Return what serves PATHS to `apps`."""
    config = kefu.settings.api
    conversations = Conversations(runner, kefu)
    runs = Runs(runner, conversations)
    threads = ThreadHandlers(conversations, runs)
    turns = TurnHandlers(conversations, runs, kefu.settings)
    since = datetime.now(UTC)
    to = Entrance(apps, config.requests_per_minute).to

    async def search_assistants(_: Call) -> Response:
        return Json([told.assistant(since)])

    async def get_assistant(call: Call) -> Response:
        check_assistant(call.request.path_params["assistant_id"])
        return Json(told.assistant(since))

    async def not_served(call: Call) -> Response:
        request = call.request
        refuse(501, f"{request.method} {request.url.path}: not served; docs/api.md says what is")

    one, runs_in = "/threads/{thread_id}", "/threads/{thread_id}/runs"
    routes = [
        Route("/ok", _ok),
        Route("/info", _info),
        Route("/assistants/search", to(search_assistants), methods=["POST"]),
        Route("/assistants/{assistant_id}", to(get_assistant), methods=["GET"]),
        Route("/threads", to(threads.create), methods=["POST"]),
        Route("/threads/search", to(threads.search), methods=["POST"]),
        Route(one, to(threads.get), methods=["GET"]),
        Route(one, to(threads.delete), methods=["DELETE"]),
        Route(f"{one}/state", to(threads.state), methods=["GET"]),
        Route(f"{one}/history", to(threads.history), methods=["POST", "GET"]),
        Route(f"{runs_in}/wait", to(turns.wait), methods=["POST"]),
        Route(f"{runs_in}/stream", to(turns.stream), methods=["POST"]),
        Route("/runs/wait", to(turns.wait), methods=["POST"]),
        Route("/runs/stream", to(turns.stream), methods=["POST"]),
        Route("/{path:path}", to(not_served), methods=EVERY),
    ]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=config.origins,
        allow_methods=EVERY,
        allow_headers=HEADERS,
        expose_headers=["content-location", "retry-after"],
    )
    return Starlette(routes=routes, middleware=[cors] if config.origins else [])


async def _ok(_: Request) -> Response:
    return Json({"ok": True})


async def _info(_: Request) -> Response:
    flags = {"assistants": True, "crons": False, "langsmith": False}
    return Json({"version": "kefu", "langgraph_py_version": version("langgraph"), "flags": flags})
