"""A gate before the real Elasticsearch that a test can shut, slow down or make refuse."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import ClientSession, web

BUSY = {"type": "es_rejected_execution_exception", "reason": "queue full"}
_KEPT = ("content-type", "x-elastic-product")

Forward = Callable[[bytes], Awaitable[web.Response]]
Trouble = Callable[[str, bytes, Forward], Awaitable[web.Response]]  # path, body, the way through


class Gate:
    """Passes requests on, through `trouble` where a test has put one."""

    def __init__(self, url: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.trouble: Trouble | None = None
        self.paths: list[str] = []  # of every request, in order
        self._behind = url
        self._port = port
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None

    async def open(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._client = ClientSession(auto_decompress=True)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def shut(self) -> None:
        """Refuse connections, as after a crash; what is under way is cut off."""
        if self._runner is not None and self._client is not None:
            await self._runner.cleanup()
            await self._client.close()
            self._runner = self._client = None

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.paths.append(request.path)

        async def forward(content: bytes) -> web.Response:
            assert self._client is not None
            kept = {k: v for k, v in request.headers.items() if k in ("Content-Type", "Accept")}
            async with self._client.request(
                request.method, self._behind + request.path_qs, data=content, headers=kept
            ) as answer:
                return web.Response(
                    status=answer.status,
                    body=await answer.read(),
                    headers={k: v for k, v in answer.headers.items() if k.lower() in _KEPT},
                )

        if self.trouble is None:
            return await forward(body)
        try:
            return await self.trouble(request.path, body, forward)
        except ConnectionResetError:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()


@asynccontextmanager
async def gate(url: str, port: int, *, is_open: bool = True) -> AsyncIterator[Gate]:
    """Stand before the server at `url`."""
    made = Gate(url, port)
    if is_open:
        await made.open()
    try:
        yield made
    finally:
        await made.shut()


def answer(status: int, body: Any) -> web.Response:  # noqa: ANN401 JSON
    """Return what Elasticsearch would answer."""
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        headers={"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"},
    )


def busy_at(part: str, *, times: int) -> Trouble:
    """Refuse the first `times` requests whose path has `part` with 429."""
    left = times

    async def trouble(path: str, body: bytes, forward: Forward) -> web.Response:
        nonlocal left
        if part in path and left > 0:
            left -= 1
            return answer(429, {"error": BUSY, "status": 429})
        return await forward(body)

    return trouble


def slow_at(part: bytes) -> Trouble:
    """Let requests that have `part` in path or body wait for ever."""

    async def trouble(path: str, body: bytes, forward: Forward) -> web.Response:
        if part in path.encode() + body:
            await asyncio.Event().wait()
        return await forward(body)

    return trouble


def half_of_bulks(error: dict[str, str], status: int, *, times: int) -> Trouble:
    """Let through every other document of the first `times` bulks; the rest get `status`."""
    left = times

    async def trouble(path: str, body: bytes, forward: Forward) -> web.Response:
        nonlocal left
        if not path.endswith("_bulk") or left <= 0:
            return await forward(body)
        left -= 1
        lines = body.splitlines(keepends=True)
        pairs = [b"".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
        done = orjson.loads((await forward(b"".join(pairs[::2]))).body)  # type: ignore[arg-type]
        refused = {"index": {"status": status, "error": error}}
        items = [done["items"][at // 2] if at % 2 == 0 else refused for at in range(len(pairs))]
        return answer(200, done | {"items": items, "errors": True})

    return trouble


def answers_lost(part: str, *, times: int) -> Trouble:
    """Do what the first `times` requests with `part` in the path ask, then cut the line."""
    left = times

    async def trouble(path: str, body: bytes, forward: Forward) -> web.Response:
        nonlocal left
        found = await forward(body)
        if part in path and left > 0:
            left -= 1
            raise ConnectionResetError("cut")
        return found

    return trouble
