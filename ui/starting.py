"""What a browser sees while Kefu starts: how far it is; then the application itself."""

from pathlib import Path
from typing import Any

import orjson
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

PAGE = Path(__file__).with_name("starting.html")
RETRY = {"Retry-After": "2", "Cache-Control": "no-store"}


class Doorway:
    """Stands in for an application until there is one; answers 503 meanwhile."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._done = self._total = 0
        self._page = PAGE.read_text(encoding="utf-8")

    def open(self, app: ASGIApp) -> None:
        """Lead everybody to `app` from now on."""
        self._app = app

    def show(self, done: int, total: int) -> None:
        """Tell how many entries of the knowledge are indexed."""
        self._done, self._total = done, total

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(1013)(scope, receive, send)  # try again later
        else:
            await self._waiting(scope["path"])(scope, receive, send)

    def _waiting(self, path: str) -> Response:
        if path == "/":
            return HTMLResponse(self._page, 503, RETRY)
        state: dict[str, Any] = {"status": "starting", "done": self._done, "total": self._total}
        return Response(orjson.dumps(state), 503, RETRY, "application/json")
