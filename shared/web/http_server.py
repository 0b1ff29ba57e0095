"""The HTTP server. It limits the connections, how long a client may hold one with half a request, and the
size of a request's head.

In front of it, an ingress limits the connections of each address (docs/how-to/production.md).
"""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 15.0
HEADER_BYTES = 16 * 1024
_END_SECONDS = 20


class BoundedProtocol(H11Protocol):
    """Closes a connection if the next request's head is not complete HEADER_SECONDS after the connection was
    made or the first byte came. `shared.web.body_limit` limits the time for the body."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._start_timer()
        else:
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self._time_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        self._timer = None
        self.transport.abort()


def config(app: Any, host: str, port: int, connections: int) -> uvicorn.Config:
    """The server's configuration. More than `connections` at once get 503. A head that has no end
    after HEADER_BYTES gets 400."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        limit_concurrency=connections,
        h11_max_incomplete_event_size=HEADER_BYTES,
        log_config=None,
        timeout_graceful_shutdown=_END_SECONDS,
    )
