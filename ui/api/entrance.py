"""What every request of an app must pass: its key, its pace, and a body that can be read."""

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import NoReturn, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tools.errors import StoreUnavailable
from ui.api.apps import App, Apps
from ui.api.shapes import ASSISTANT, ASSISTANT_ID
from ui.api.told import dumped
from ui.pace import Pace
from ui.turn import storable

logger = logging.getLogger(__name__)

BODY_BYTES = 1 << 20  # as much as the chat page takes
TOLD_ERRORS = 3  # of a body that is wrong in more places
LATER_S = 5
USER_CHARS = 128
USER_HEADER = "x-user-id"  # percent-encoded

Shape = TypeVar("Shape", bound=BaseModel)


class Json(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Return the body."""
        return dumped(content)


@dataclass(frozen=True)
class Call:
    """A request of an app, in the name of a customer if it names one."""

    request: Request
    app: App
    user_id: str | None  # None: as the app itself

    @property
    def names_thread(self) -> bool:
        """Whether the path names a conversation."""
        return "thread_id" in self.request.path_params

    def thread_id(self) -> str:
        """Return the conversation that the path names.

        Raises:
            HTTPException: 422 if nothing could be called that.
        """
        try:
            return str(uuid.UUID(self.request.path_params["thread_id"]))
        except ValueError:
            refuse(422, "thread_id: expected a UUID")

    def user(self, named: object) -> str | None:
        """Return the customer, whom a body may name, too.

        Raises:
            HTTPException: 422 if that is another, or nobody could be called that.
        """
        if named is None:
            return self.user_id
        if not isinstance(named, str):
            refuse(422, "user_id: expected a string")
        if self.user_id not in (None, named):
            refuse(422, f"user_id: {USER_HEADER} names another customer; expected the same")
        return _user(named)

    async def read(self, shape: type[Shape]) -> Shape:
        """Return the body as a `shape`.

        Raises:
            HTTPException: 413 or 422 if it is none.
        """
        body = bytearray()
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                refuse(413, f"body: expected at most {BODY_BYTES} bytes; send a shorter message")
        try:
            return shape.model_validate_json(bytes(body) or b"{}")
        except ValidationError as exc:
            refuse(422, _told(exc))


Handler = Callable[[Call], Awaitable[Response]]


class Entrance:
    """Lets apps in, and turns what goes wrong behind it into the API's errors."""

    def __init__(self, apps: Apps, requests_per_minute: int) -> None:
        self._apps = apps
        self._pace = Pace(requests_per_minute)

    def to(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return `handler` as an endpoint that only apps reach."""

        async def endpoint(request: Request) -> Response:
            try:
                answer = await handler(self._call(request))
                answer.headers.setdefault("Cache-Control", "no-store")  # what a customer said
                return answer
            except HTTPException as exc:
                return error(exc.status_code, str(exc.detail), exc.headers)
            except ClientDisconnect:
                return error(408, "body: it did not come in time; send it again")
            except StoreUnavailable:
                logger.warning("stores can't be used", exc_info=True)
                return error(503, "Kefu can't read or write now; try again later", _after(LATER_S))
            except Exception:  # the HTTP edge: an app never sees an exception's text
                logger.exception("request failed")
                return error(500, "Kefu made a mistake; its log says which")

        return endpoint

    def _call(self, request: Request) -> Call:
        app = self._apps.find(request.headers.get("x-api-key", ""))
        if app is None:
            refuse(401, "x-api-key: expected the key of an app; KEFU_API__KEYS has them")
        wait_s = self._pace.wait_s(app.name)
        if wait_s:
            refuse(429, "too many requests of this app; wait, then go on", _after(wait_s))
        self._pace.count(app.name)
        user_id = request.headers.get(USER_HEADER)
        return Call(request, app, _user(unquote(user_id)) if user_id is not None else None)


def refuse(status: int, detail: str, headers: dict[str, str] | None = None) -> NoReturn:
    """Raise what becomes an error of the API."""
    raise HTTPException(status, detail, headers)


def refuse_too_fast(wait_s: float) -> NoReturn:
    """Tell an app to wait before its customer says more."""
    refuse(429, "too many messages of this customer; send it again later", _after(wait_s))


def refuse_too_many(most: int) -> NoReturn:
    """Tell an app to let its runs end before it begins others."""
    refuse(429, f"{most} runs of this app are going on; wait until some have ended", _after(1))


def error(status: int, detail: str, headers: object = None) -> Json:
    """Return an error in the API's shape."""
    return Json({"detail": detail}, status, headers)  # type: ignore[arg-type] # Starlette's own


def _after(wait_s: float) -> dict[str, str]:
    return {"Retry-After": str(ceil(wait_s))}


def check_assistant(named: str) -> None:
    """Refuse a run of what does not exist.

    Raises:
        HTTPException: 404.
    """
    if named not in (ASSISTANT, ASSISTANT_ID):
        refuse(404, f"assistant: not found; there is only {ASSISTANT!r}")


def _user(user_id: str) -> str:
    if len(user_id) > USER_CHARS or user_id != storable(user_id):
        refuse(422, f"user_id: expected at most {USER_CHARS} characters that can be stored")
    return user_id


def _told(exc: ValidationError) -> str:
    """Return what is wrong with a body and where, without what stands there."""
    errors = exc.errors(include_url=False, include_input=False, include_context=False)
    if errors[0]["type"] == "json_invalid":
        return "Invalid JSON in request body"
    found = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}".lstrip(": ") for e in errors)
    return "; ".join([*found][:TOLD_ERRORS])[:500] + ". docs/api.md says what is served"
