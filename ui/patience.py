"""Connections on which nobody asks for anything are closed: each holds one of the few there are."""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_S = 20.0  # for the first line and the headers of a request

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol  # either has what we use
else:
    _Protocol = object


class Patience(_Protocol):
    """Lets one of uvicorn's protocols wait for a request's head as long as HEAD_S, not for ever.

    uvicorn itself closes a connection that is idle after an answer, but neither one that never
    asked nor one whose headers never end.
    """

    _closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)  # type: ignore[arg-type] # uvicorn's narrower type
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that has begun."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._closing is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._closing = asyncio.get_running_loop().call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


class Patient(Patience, AutoHTTPProtocol):  # type: ignore[misc, valid-type] # chosen at its import
    """The protocol that uvicorn would take, with patience."""
