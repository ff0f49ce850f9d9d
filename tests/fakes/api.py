"""The API of a small Kefu, and the official client that talks to it without a network."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from langchain_core.messages import BaseMessage
from langgraph_sdk.client import LangGraphClient

from graph.app import Kefu
from graph.settings import Settings
from tests.fakes.chat import ScriptedChat
from ui.api.apps import Apps, apps_of
from ui.api.routes import create_api
from ui.runner import Runner

KEY, OTHER_KEY, FOREIGN_KEY = "key-of-the-shop-app", "key-of-another-app", "key-of-another-tenant"
KEYS = {
    "shop": {"key": KEY},
    "other": {"key": OTHER_KEY},
    "foreign": {"key": FOREIGN_KEY, "tenant": "foreign"},
}
SITE = "http://kefu.test"


def apps(**changes: Any) -> Apps:  # noqa: ANN401 settings of any kind
    """Return three apps, one of them another tenant's."""
    return apps_of(Settings(**{"api": {"keys": KEYS}, **changes}))


def served(kefu: Kefu, runner: Runner) -> httpx.ASGITransport:
    """Return what leads to the API."""
    return httpx.ASGITransport(app=create_api(runner, kefu, apps()))


@asynccontextmanager
async def called(
    transport: httpx.AsyncBaseTransport, key: str = KEY, **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a plain client of an app."""
    given = {"x-api-key": key, **{name.replace("_", "-"): each for name, each in headers.items()}}
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=given) as client:
        yield client


@asynccontextmanager
async def sdk(
    transport: httpx.AsyncBaseTransport, key: str = KEY, **headers: str
) -> AsyncIterator[LangGraphClient]:
    """Yield the official client of an app."""
    async with called(transport, key, **headers) as client:
        yield LangGraphClient(client)


def says(text: str, **more: object) -> dict[str, Any]:
    """Return a run's input."""
    return {"messages": [{"role": "user", "content": text, **more}]}


class HeldChat(ScriptedChat):
    """A model that says nothing before it is told to go on."""

    def __init__(self, *replies: str) -> None:
        super().__init__(replies)
        self.go_on = asyncio.Event()
        self.is_asked = asyncio.Event()

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Wait, then reply as ScriptedChat."""
        self.is_asked.set()
        await self.go_on.wait()
        async for piece in super().stream(messages, max_tokens=max_tokens):
            yield piece
