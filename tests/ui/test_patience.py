"""How long a connection may be held without a request."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.fakes.clock import passes
from ui import patience
from ui.patience import Patience, Patient

HEAD_S = 0.3
PATIENCE_S = 60.0  # for what is to come
WHOLE = b"GET / HTTP/1.1\r\nHost: kefu.test\r\n\r\n"


class PatientH11(Patience, H11Protocol):
    """What is served where httptools is not installed."""


async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401
    await asyncio.sleep(2 * HEAD_S)  # longer than a head may take
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(params=[Patient, PatientH11])
async def port(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    monkeypatch.setattr(patience, "HEAD_S", HEAD_S)
    config = uvicorn.Config(
        slow,  # type: ignore[arg-type]
        port=0,
        http=request.param,
        lifespan="off",
        log_level="error",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def told(port: int, *sent: bytes, pause_s: float = 0.0) -> bytes:
    """Return what came back until the connection was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in sent:
        writer.write(piece)
        await asyncio.sleep(pause_s)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    return answer


async def test_who_says_nothing_is_hung_up_on(port: int) -> None:
    assert await told(port) == b""


async def test_a_head_that_trickles_in_is_not_waited_for(port: int) -> None:
    pieces = [b"GET / HTTP/1.1\r\n", b"A: b\r\n", b"C: d\r\n"]

    assert await told(port, *pieces, pause_s=0.6 * HEAD_S) == b""


async def test_a_whole_request_is_answered_however_long_that_takes(port: int) -> None:
    closes = b"GET / HTTP/1.1\r\nHost: kefu.test\r\nConnection: close\r\n\r\n"

    answer = await told(port, closes[:20], closes[20:])

    assert answer.endswith(b"ok")


async def test_who_closes_its_sending_side_after_the_request_is_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(WHOLE)
    writer.write_eof()

    assert (await asyncio.wait_for(reader.read(), PATIENCE_S)).endswith(b"ok")
    writer.close()


async def test_a_second_head_that_never_ends_is_not_waited_for_either(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(WHOLE)
    await reader.readuntil(b"ok")
    writer.write(b"GET / HTTP/1.1\r\n")

    assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
    writer.close()


async def test_a_proxy_finds_its_connection_open_for_longer_than_its_own_minute(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(WHOLE)
    await reader.readuntil(b"ok")
    passes(60.0)
    await asyncio.sleep(0.01)
    writer.write(WHOLE)
    answer = await reader.readuntil(b"ok")
    writer.close()

    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("first", [b"", WHOLE])
async def test_a_head_that_is_too_big_is_not_kept(
    port: int, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_S", 2 * PATIENCE_S)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if first:
        writer.write(first)
        await reader.readuntil(b"ok")
    writer.write(b"GET / HTTP/1.1\r\n" + b"".join([b"A: " + b"x" * 8000 + b"\r\n"] * 10))

    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()


async def test_a_body_that_nobody_reads_is_no_head(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_S", PATIENCE_S)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = 2 * patience.HEAD_BYTES
    writer.write(b"POST / HTTP/1.1\r\nHost: kefu.test\r\nContent-Length: %d\r\n\r\n" % size)
    await reader.readuntil(b"ok")
    writer.write(b"x" * size + WHOLE)

    assert (await asyncio.wait_for(reader.readuntil(b"ok"), PATIENCE_S)).endswith(b"ok")
    writer.close()


async def test_heads_are_measured_one_by_one(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_BYTES", 20_000)
    monkeypatch.setattr(patience, "HEAD_S", PATIENCE_S)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):  # together they would be too much
        writer.write(WHOLE[:-2] + b"A: " + b"x" * 12_000)
        await asyncio.sleep(0.05)
        writer.write(b"\r\n\r\n")

        assert (await asyncio.wait_for(reader.readuntil(b"ok"), PATIENCE_S)).endswith(b"ok")
    writer.close()
