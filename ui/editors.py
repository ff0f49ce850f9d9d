"""Who may use the pages of the company's own people: a guard around all that is mounted there."""

import base64
import secrets
from collections.abc import Mapping
from math import ceil

from fastapi import Request
from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.settings import Settings
from ui.bounds import FOREIGN, is_own
from ui.loopback import is_loopback
from ui.pace import Pace, household

KNOWLEDGE_PATH = "/knowledge"
DESK_PATH = "/desk"
GUEST = "editor"  # the name that goes with a password made at the start
GUEST_AGENT = "Lin"  # the same at the desk; customers read it
GUESSES_PER_MINUTE = 30  # wrong passwords from one address; then even the right one has to wait
_WHO = "kefu.editor"


def editors_of(config: Settings) -> dict[str, str]:
    """Return name and password of everybody who may edit.

    Where the settings name nobody: one password for this start if only this machine can reach
    the server, else nobody.
    """
    return _known(config.editors, GUEST, config.host)


def agents_of(config: Settings) -> dict[str, str]:
    """Return name and password of everybody who may answer customers; see `editors_of`."""
    passwords = {name: login.password for name, login in config.agents.items()}
    return _known(passwords, GUEST_AGENT, config.host)


def _known(named: Mapping[str, SecretStr], guest: str, host: str) -> dict[str, str]:
    if named:
        return {name: secret.get_secret_value() for name, secret in named.items()}
    return {guest: secrets.token_urlsafe(12)} if is_loopback(host) else {}


def editor(request: Request) -> str | None:
    """Return who signed in, as the guard found; None where no guard stands."""
    return request.scope.get(_WHO)


class Guard:
    """Lets through who knows a name and its password (HTTP Basic), from this site's own pages.

    Browsers send the password along with requests that other sites start, so these are refused.
    """

    def __init__(self, app: ASGIApp, editors: Mapping[str, str], *, realm: str = "Kefu") -> None:
        """`realm` is what browsers keep passwords by: each page has its own people."""
        self._app = app
        self._editors = dict(editors)
        self._challenge = f'Basic realm="{realm}", charset="UTF-8"'
        self._guesses = Pace(GUESSES_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, 429 or 401, or hand over to the guarded application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("authorization", "")
        address = household((scope.get("client") or ("",))[0])
        refusal: Response
        if scope["type"] != "http" or not is_own(headers):
            refusal = PlainTextResponse(FOREIGN, 403)
        elif given and (wait_s := self._guesses.wait_s(address)):
            later = {"Retry-After": str(ceil(wait_s))}
            refusal = PlainTextResponse("Too many wrong passwords: wait a minute", 429, later)
        elif name := self._name(given):
            await self._app({**scope, _WHO: name}, receive, _unframed(send))
            return
        else:
            if given:
                self._guesses.count(address)
            challenge = {"WWW-Authenticate": self._challenge}
            refusal = PlainTextResponse("Name and password, please", 401, challenge)
        await refusal(scope, receive, send)

    def _name(self, authorization: str) -> str:
        """Return who gives the right password, "" for nobody."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            given, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:  # not ASCII, not Base64, not UTF-8
            return ""
        wanted = self._editors.get(given, secrets.token_urlsafe())
        return given if secrets.compare_digest(password.encode(), wanted.encode()) else ""


def _unframed(send: Send) -> Send:
    """Return `send` whose pages no other site may show inside its own.

    There, invisible under something else to click on, they would be used by who is signed in.
    """

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Content-Security-Policy"] = "frame-ancestors 'self'"
        await send(message)

    return sent
