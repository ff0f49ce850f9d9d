"""Kefu as a web application that runs: opened, recovered, and recovering on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from graph.app import Kefu, opened
from graph.settings import Settings
from tools.desk.records import WaitingMessage
from tools.errors import StoreUnavailable
from tools.ingest.report import complaints
from tools.search.base import Progress
from tools.text.tokens import count_tokens
from ui.agents import unserved
from ui.alone import held
from ui.api.apps import Apps, apps_of
from ui.editors import DESK_PATH, KNOWLEDGE_PATH, agents_of, editors_of
from ui.health import policy_note
from ui.runner import Runner

logger = logging.getLogger(__name__)

RECOVER_EVERY_S = 30.0
SERVE = 'see KEFU_AGENTS, {"name": {"password": "…", "tenants": […]}}'
LONGEST_TURN_S = 120.0  # a message that is being worked on must not be taken up again


@dataclass(frozen=True)
class Service:
    """The application and what whoever started it should read."""

    app: Starlette
    notes: Sequence[str]


@asynccontextmanager
async def service(config: Settings, progress: Progress) -> AsyncIterator[Service]:
    """Open Kefu, take up what a crash left unanswered, and close it all again.

    Raises:
        ConfigError: if a setting can't be used, or another server keeps the conversations.
        StoreUnavailable: if a database is locked or read-only.
    """
    importing = asyncio.create_task(asyncio.to_thread(_pages))
    async with AsyncExitStack() as stack:
        kefu = await stack.enter_async_context(opened(config, progress=progress))
        create_app = await importing
        stack.callback((await asyncio.to_thread(held, config.var)).close)
        runner = Runner(kefu)
        stack.push_async_callback(runner.close)
        left = await runner.unanswered(idle_s=0)
        editors, agents, apps = editors_of(config), agents_of(config), apps_of(config)
        app = create_app(runner, kefu, editors, agents, apps)
        await stack.enter_async_context(app.router.lifespan_context(app))
        # Not before the page is served: with a slow model all would wait for the last of many.
        recovering = asyncio.create_task(_recover(runner, left))
        stack.callback(recovering.cancel)
        notes = complaints(kefu.report) if kefu.report else []
        if left:
            notes.append(f"{len(left)} unanswered messages are taken up")
        sign_in = _sign_in("KEFU_EDITORS", editors, is_named=bool(config.editors))
        notes.append(f"Knowledge page: {KNOWLEDGE_PATH}, {sign_in}")
        sign_in = _sign_in("KEFU_AGENTS", agents, is_named=bool(config.agents))
        notes.append(f"Desk page: {DESK_PATH}, {sign_in}")
        if nobodys := unserved(config):
            notes.append(f"Nobody at the desk answers customers of {_named(nobodys)}; {SERVE}")
        notes.append(f"API for apps: {_for_apps(config, apps)}")
        notes += filter(None, [await policy_note(kefu)])
        reading = asyncio.create_task(asyncio.to_thread(count_tokens, "暖"))  # by the first turn
        stack.callback(reading.cancel)
        yield Service(app, notes)


def _pages() -> Callable[[Runner, Kefu, Mapping[str, str], Mapping[str, str], Apps], Starlette]:
    """Import the pages; Gradio takes seconds, in which the index is opened."""
    from ui.web import create_app  # noqa: PLC0415

    return create_app


async def _recover(runner: Runner, left: Sequence[WaitingMessage]) -> None:
    """Answer what is left, then whatever could not be kept or saved when it came."""
    while True:
        try:
            await runner.take_up(left)
            await asyncio.sleep(RECOVER_EVERY_S)
            left = await runner.unanswered(idle_s=LONGEST_TURN_S)
        except StoreUnavailable:
            logger.warning("messages still wait for the desk", exc_info=True)
            left = []
        except Exception:  # the process's edge: one mistake must not end all late answers
            logger.exception("messages still wait")
            left = []


def _named(tenants: Sequence[str]) -> str:
    return ("tenant " if len(tenants) == 1 else "tenants ") + ", ".join(tenants)


def _for_apps(config: Settings, apps: Apps) -> str:
    if config.api.keys:
        return "for those in KEFU_API__KEYS"
    if apps:
        return f"x-api-key {apps.shown} (until the next start; see KEFU_API__KEYS)"
    return "off: set KEFU_API__KEYS to serve it on an address that others can reach"


def _sign_in(setting: str, known: Mapping[str, str], *, is_named: bool) -> str:
    if is_named:
        return f"for those in {setting}"
    for name, password in known.items():
        return f"name {name}, password {password} (until the next start; see {setting})"
    return f"off: set {setting} to serve it on an address that others can reach"
