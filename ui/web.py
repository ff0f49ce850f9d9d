"""The web application: chat page, knowledge page and health under one address."""

from collections.abc import Mapping
from typing import Any

import gradio as gr
from fastapi import FastAPI, Response

from graph.app import Kefu
from ui.chat import STYLE, chat_page, theme
from ui.health import health
from ui.knowledge import mount_knowledge
from ui.runner import Runner


def create_app(runner: Runner, kefu: Kefu, editors: Mapping[str, str] | None = None) -> FastAPI:
    """Return the web application; its services are closed by whoever opened them.

    `editors` are names and passwords for the knowledge page; nobody means no such page.
    """
    app = FastAPI(title="Kefu", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def _health(response: Response) -> dict[str, Any]:
        found = await health(kefu)
        response.status_code = 200 if found["status"] == "ok" else 503
        return found

    if editors:
        mount_knowledge(app, kefu, editors)
    gr.mount_gradio_app(
        app,
        chat_page(runner, kefu),
        path="/",
        theme=theme(),
        css_paths=STYLE,
        footer_links=[],
        run_history=False,  # else the browser keeps every call
        max_file_size="1kb",  # nothing is uploaded here, but Gradio's route is open
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
    )
    return app
