"""Puts a Gradio page under a path of the web application."""

import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypedDict, Unpack

import gradio as gr
import gradio.blocks
import gradio.processing_utils
import gradio.queueing
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from gradio.data_classes import PredictBodyInternal
from gradio.exceptions import InvalidPathError
from gradio.queueing import Event, Queue
from gradio.routes import App
from gradio.server_messages import EventMessage

from graph.settings import ROOT
from ui.editors import Guard, editor
from ui.later import Later, Under

logger = logging.getLogger(__name__)

WAITING = 300  # clicks and messages of a page that wait to be run; others are told to retry
SESSIONS = 2000  # visits of which a page keeps what it shows, 0.12 MB each of the chat page; one
# that is forgotten shows the saved conversation again. Gradio forgets none of the last 10,000
SESSION_CHARS = 64  # of a visitor's name; Gradio's page makes them of 10 or 11
PACKAGES = Path(gr.__file__).parents[1]
OUTDATED = "页面已更新，请刷新后再试 / This page was updated: load it again"


class Options(TypedDict, total=False):
    """What differs from page to page; the meaning is `gr.mount_gradio_app`'s."""

    theme: gr.themes.Base
    css_paths: list[Path]
    max_file_size: str | int
    app_kwargs: dict[str, int]
    auth_dependency: Callable[[Request], str | None]


def mount(
    app: FastAPI, path: str, build: Callable[[], gr.Blocks], **options: Unpack[Options]
) -> None:
    """Serve what `build` returns under `path`."""
    with _without_routes():
        page = build()
    page.state_session_capacity = SESSIONS
    page.has_launched = True  # until it is, Gradio takes any file's path from a visitor
    gr.mount_gradio_app(
        app,
        page,
        path=path,
        footer_links=[],
        run_history=False,  # else the browser keeps every call
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        **options,
    )


def mount_for_staff(
    app: FastAPI,
    path: str,
    build: Callable[[], gr.Blocks],
    people: Mapping[str, str],
    *,
    realm: str = "Kefu",
    **options: Unpack[Options],
) -> None:
    """Serve what `build` returns under `path`, for those who know a name and its password.

    It is made when somebody first asks for it: most starts are no editor's.
    """
    guarded: Options = {**options, "auth_dependency": editor}
    later = Later(partial(_site, path, build, guarded))
    app.router.routes.append(Under(path, Guard(later, people, realm=realm)))
    app.router.lifespan_context = later.around(app.router.lifespan_context)


def _site(path: str, build: Callable[[], gr.Blocks], options: Options) -> FastAPI:
    site = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    mount(site, path, build, **options)

    @site.get(path)
    async def _with_slash() -> RedirectResponse:
        return RedirectResponse(f"{path}/")

    return site


async def _refused(url: str, cache_dir: str) -> str:
    raise InvalidPathError(f"{cache_dir}: nothing is downloaded for a visitor")


# Gradio fetches an address that a visitor names in place of an uploaded file, and serves it.
gradio.processing_utils.async_ssrf_protected_download = _refused


_send = Queue.send_message


def _send_if_awaited(queue: Queue, event: Event, message: EventMessage) -> None:
    if event.session_hash in queue.pending_messages_per_session:
        _send(queue, event, message)


# Of 2,000 visitors who have not fetched their answers Gradio forgets the first; the next message to
# that one ended its queue, and with it the page for everybody until the next start.
Queue.send_message = _send_if_awaited  # type: ignore[assignment, method-assign]


_push = Queue.push


async def _push_if_fit(
    queue: Queue, body: PredictBodyInternal, request: Request, username: str | None
) -> Any:  # noqa: ANN401 Gradio's: whether it was taken, the event's id or why not, a code
    if len(body.session_hash or "") > SESSION_CHARS:
        return False, "expected a shorter session_hash", "error"
    called = queue.blocks.fns.get(-1 if body.fn_index is None else body.fn_index)
    if called is None or called.fn is None or len(body.data) < len(called.inputs):
        return False, OUTDATED, "error"
    events, awaited = queue.pending_event_ids_session, queue.pending_messages_per_session
    if len(events) > 2 * awaited.max_size:
        for forgotten in [each for each in events if each not in awaited]:
            del events[forgotten]
    return await _push(queue, body, request, username)


# Gradio keeps a visitor's name, which the visitor chooses, and the events of those it has forgotten
# until the next start: names of a megabyte each filled the memory. Of a call that does not fit, as
# of a page that was open during an update, it logs what the visitor had typed.
Queue.push = _push_if_fit  # type: ignore[assignment, method-assign]


def _tell_failure() -> None:
    """Log the exception that is being handled: whole if it is ours, else in one line."""
    failure = sys.exception()
    frames = traceback.extract_tb(failure.__traceback__) if failure else []
    places = {Path(each.filename) for each in frames} - {Path(__file__)}
    if any(at.is_relative_to(ROOT) and not at.is_relative_to(PACKAGES) for at in places):
        logger.exception("a page's call failed")
    else:
        logger.warning("a page was called with what it never sends (%s)", type(failure).__name__)


# Of a forged call it prints a traceback, with what was sent, for each: whoever likes fills the log.
vars(gradio.queueing)["traceback"] = SimpleNamespace(print_exc=_tell_failure)


class _Bare:
    @staticmethod
    def create_app(page: gr.Blocks, **_: object) -> App:
        app = App()
        app.configure_app(page)
        return app


@contextmanager
def _without_routes() -> Iterator[None]:
    """Build `gr.Blocks` in here.

    Whenever it is opened, closed or queued it makes a web application, each time with all of
    Gradio's routes: 0.1 s. The page's queue keeps its states in the last of them, but nobody
    calls it: what is served is the one that mounting makes.
    """
    names: dict[str, Any] = vars(gradio.blocks)
    made, names["App"] = names["App"], _Bare
    try:
        yield
    finally:
        names["App"] = made
