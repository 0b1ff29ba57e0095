"""Serves HTTP to the patient and the impatient: who sends half a request doesn't hold a connection for long.

In front of it an ingress bounds the connections of each address (docs/how-to/production.md).
"""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 15.0
_END_SECONDS = 20


class BoundedProtocol(H11Protocol):
    """Closes a connection whose next request hasn't come whole, up to its body, HEADER_SECONDS after the
    connection was made or the first byte came. The body is bounded by `shared.web.body_limit`."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._watch()
        else:
            self._unwatch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEADER_SECONDS, self._end)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        self._late = None
        self.transport.abort()


def config(app: Any, host: str, port: int, connections: int) -> uvicorn.Config:
    """More than `connections` at once are answered with 503."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        limit_concurrency=connections,
        log_config=None,
        timeout_graceful_shutdown=_END_SECONDS,
    )
