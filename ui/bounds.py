"""What every request must keep to before a page sees it."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_S = 30.0  # for a customer's message to arrive as a whole, a megabyte at most
DEFAULT_PORT = {"http": ":80", "https": ":443"}  # browsers leave it out, some proxies do not
NOBODY: Mapping[str, Collection[str]] = {}
FOREIGN = (
    "Forbidden: a request from another site. A proxy in front must pass the Host header on. "
    "请求来自其他网站；如前面有代理，请让它转发 Host 请求头。"
)

# What Gradio serves and the chat page never asks for: uploads, ways around the queue, its editor …
CLOSED = tuple(
    f"/gradio_api/{name}"
    for name in (
        *("upload", "run/", "api/", "call/", "component_server", "process_recording", "stream/"),
        *("proxy=", "deep_link", "dev/", "vibe", "undo-vibe"),
    )
)


def is_own(headers: Headers) -> bool:
    """Say whether a request comes from this site's own pages, or from no page at all.

    Browsers let any site send requests here and, as Gradio allows it, read the answers: with the
    password or the cookie of whoever looks at that site.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None:
        return True
    if site is not None:  # the browser's own word, and no proxy changes it
        return site in ("same-origin", "none")
    scheme, _, place = origin.partition("://")
    outermost = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    names = {headers.get("host", ""), outermost} - {""}
    return place in {name.removesuffix(DEFAULT_PORT.get(scheme, "")) for name in names}


class Bounds:
    """Refuses other sites' requests and closed paths, and waits for no body for ever."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        guarded: Sequence[str],
        invited: Mapping[str, Collection[str]] = NOBODY,
    ) -> None:
        """Nothing of this holds for what is at or below one of `guarded`: a password guards it.

        `invited` are the other sites whose pages may reach what is at or below a path.
        """
        self._app = app
        self._guarded = tuple(f"{path}/" for path in guarded)
        self._invited = {f"{path}/": frozenset(sites) for path, sites in invited.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or 404, or hand on."""
        path = f"{scope.get('path', '')}/"
        if scope["type"] != "http" or path.startswith(self._guarded):
            await self._app(scope, receive, send)
        elif not (is_own(headers := Headers(scope=scope)) or self._is_invited(path, headers)):
            await PlainTextResponse(FOREIGN, 403)(scope, receive, send)
        elif scope["path"].startswith(CLOSED):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        else:
            await self._app(scope, *_in_time(receive, send))

    def _is_invited(self, path: str, headers: Headers) -> bool:
        origin = headers.get("origin")
        return any(path.startswith(at) and origin in sites for at, sites in self._invited.items())


def _in_time(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return both for a client that has left if it dawdles over its body, and is then hung up on.

    Else the connection would be kept for the rest of the body.
    """
    until_s = asyncio.get_running_loop().time() + BODY_S
    is_whole = is_late = False

    async def received() -> Message:
        nonlocal is_whole, is_late
        if is_whole:  # now only to hear that the client leaves
            return await receive()
        try:
            async with asyncio.timeout_at(until_s):
                message = await receive()
        except TimeoutError:
            is_late = True
            return {"type": "http.disconnect"}
        is_whole = not message.get("more_body", False)
        return message

    async def sent(message: Message) -> None:
        if is_late and message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await send(message)

    return received, sent
