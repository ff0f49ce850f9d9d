"""The API of the small Kefu, and an app's clients."""

from collections.abc import AsyncIterator

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient

from graph.app import Kefu
from tests.fakes.api import called, sdk, served
from ui.runner import Runner


@pytest.fixture
async def transport(kefu: Kefu, runner: Runner) -> httpx.ASGITransport:
    return served(kefu, runner)


@pytest.fixture
async def client(transport: httpx.ASGITransport) -> AsyncIterator[LangGraphClient]:
    async with sdk(transport) as client:
        yield client


@pytest.fixture
async def plain(transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    async with called(transport) as client:
        yield client
