"""The API of a small Kefu, and the official client that talks to it without a network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from langgraph_sdk.client import LangGraphClient

from graph.app import Kefu
from graph.settings import Settings
from ui.api.apps import Apps, apps_of
from ui.runner import Runner
from ui.web import create_app

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
    """Return what leads to the web application with its API."""
    return httpx.ASGITransport(app=create_app(runner, kefu, apps=apps()))


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
