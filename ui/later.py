"""A part of the site that is made when somebody first asks for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send


class Later:
    """An application that costs nothing until its first request."""

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make
        self._made: FastAPI | None = None
        self._making = asyncio.Lock()
        self._stack: AsyncExitStack | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        async with self._making:
            if self._made is None:
                made = self._make()
                if self._stack is not None:
                    await self._stack.enter_async_context(made.router.lifespan_context(made))
                self._made = made
        await self._made(scope, receive, send)

    def around(self, lifespan: Lifespan[Any]) -> Lifespan[Any]:
        """Return `lifespan` with this application's inside, once that is made."""

        @asynccontextmanager
        async def both(app: Starlette) -> AsyncIterator[Any]:
            async with lifespan(app) as state, AsyncExitStack() as self._stack:
                yield state

        return both


class Under(BaseRoute):
    """Leads everything at or below a path to an application, with the path as it is."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self._path = path
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether the request is for this application."""
        path = scope["path"] if scope["type"] in ("http", "websocket") else ""
        is_ours = path == self._path or path.startswith(f"{self._path}/")
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, receive, send)
