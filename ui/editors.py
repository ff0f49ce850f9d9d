"""Who may use the editors' pages: a guard around everything that is mounted there."""

import base64
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from math import ceil

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.settings import Settings
from ui.bounds import FOREIGN, is_own
from ui.pace import Pace, household

KNOWLEDGE_PATH = "/knowledge"
GUEST = "editor"  # the name that goes with a password made at the start
GUESSES_PER_MINUTE = 30  # wrong passwords from one address; then even the right one has to wait
_WHO = "kefu.editor"


def editors_of(config: Settings) -> dict[str, str]:
    """Return name and password of everybody who may edit.

    Where the settings name nobody: one password for this start if only this machine can reach
    the server, else nobody.
    """
    if config.editors:
        return {name: secret.get_secret_value() for name, secret in config.editors.items()}
    return {GUEST: secrets.token_urlsafe(12)} if is_loopback(config.host) else {}


def editor(request: Request) -> str | None:
    """Return who signed in, as the guard found; None where no guard stands."""
    return request.scope.get(_WHO)


class Guard:
    """Lets through who knows a name and its password (HTTP Basic), from this site's own pages.

    Browsers send the password along with requests that other sites start, so these are refused.
    """

    def __init__(self, app: ASGIApp, editors: Mapping[str, str]) -> None:
        self._app = app
        self._editors = dict(editors)
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
            await self._app({**scope, _WHO: name}, receive, send)
            return
        else:
            if given:
                self._guesses.count(address)
            challenge = {"WWW-Authenticate": 'Basic realm="Kefu", charset="UTF-8"'}
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


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches what listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
