"""Connections on which nobody asks for anything are closed: each holds one of the few there are."""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_S = 20.0  # for the first line and the headers of a request
KEPT_S = 75  # a connection between two requests: longer than the minute after which proxies close
# theirs. One that is closed here first is just then used again now and then: a 502 for a customer
HEAD_BYTES = 1 << 16  # of them; a browser sends a few kilobytes, cookies of the whole site included

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol  # either has what we use
else:
    _Protocol = object


class Patience(_Protocol):
    """Lets one of uvicorn's protocols wait for a request's head as long as HEAD_S, not for ever.

    uvicorn itself closes a connection that is idle after an answer (KEPT_S), but neither one that
    never asked nor one whose headers never end; with httptools it also keeps as many as come.
    """

    _closing: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)  # type: ignore[arg-type] # uvicorn's narrower type
        self.timeout_keep_alive = KEPT_S
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that has begun."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
            return
        if self._closing is None:
            self._wait()
        is_head = self.cycle is None or not self.cycle.more_body  # else of a body nobody reads
        self._head_bytes += len(data) * is_head
        if self._head_bytes > HEAD_BYTES:
            self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn's own hangs up at once
        """Stay for the answer to a whole request: a client may say first that it asks no more.

        One that has left looks the same until something is written to it.
        """
        cycle = self.cycle
        if cycle is None or cycle.more_body or cycle.response_complete:
            return False
        cycle.keep_alive = False
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._closing = asyncio.get_running_loop().call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


class Patient(Patience, AutoHTTPProtocol):  # type: ignore[misc, valid-type] # chosen at its import
    """The protocol that uvicorn would take, with patience."""
