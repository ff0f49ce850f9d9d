"""The web application: the pages, the API, health and metrics under one address."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Response

from graph.app import Kefu
from ui.api.apps import Apps
from ui.api.routes import PATHS, create_api
from ui.bounds import Bounds
from ui.chat import STYLE, chat_page, theme
from ui.desk import mount_desk
from ui.editors import DESK_PATH, KNOWLEDGE_PATH
from ui.health import Pulse
from ui.knowledge import mount_knowledge
from ui.later import Under
from ui.metrics import add_metrics
from ui.mount import mount
from ui.runner import Runner

MESSAGE_BYTES = 1 << 20  # of a request to the chat: Gradio reads it whole, and so does every node


def create_app(
    runner: Runner,
    kefu: Kefu,
    editors: Mapping[str, str] | None = None,
    agents: Mapping[str, str] | None = None,
    apps: Apps | None = None,
) -> FastAPI:
    """Return the web application; its services are closed by whoever opened them.

    `editors` are names and passwords for the knowledge page, `agents` for the desk; nobody means
    no such page, and no `apps` no API.
    """
    app = FastAPI(title="Kefu", docs_url=None, redoc_url=None, openapi_url=None)
    invited = dict.fromkeys(PATHS if apps else (), kefu.settings.api.origins)
    app.add_middleware(Bounds, guarded=(KNOWLEDGE_PATH, DESK_PATH), invited=invited)
    pulse = Pulse(kefu)

    @app.api_route("/health", methods=["GET", "HEAD"])  # monitors ask for the head alone
    async def _health(response: Response) -> dict[str, Any]:
        found = await pulse.feel()
        response.status_code = 200 if found["status"] == "ok" else 503
        return found

    add_metrics(app, runner.telemetry, pulse, kefu.settings)
    if editors:
        mount_knowledge(app, kefu, editors)
    if agents:
        mount_desk(app, runner, kefu, agents)
    if apps:
        api = create_api(runner, kefu, apps)
        app.router.routes.extend(Under(path, api) for path in PATHS)
    mount(
        app,
        "/",
        lambda: chat_page(runner, kefu),
        theme=theme(),
        css_paths=[STYLE],
        app_kwargs={"max_body_size": MESSAGE_BYTES},
        max_file_size=0,
    )
    return app
