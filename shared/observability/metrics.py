"""A process's metrics, for Prometheus. No label holds a subject, a name or an event id."""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refresh = Callable[[], Awaitable[None]]
"""Updates a gauge from the database."""


class Metrics:
    """The metrics of one process. `GET /metrics` needs no sign-in, so it must not be reachable from
    outside."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.records = Counter("giahan_records", "Records by result", ["result"], registry=self.registry)
        self.deaths = Counter(
            "giahan_loop_deaths", "Loops that died and were restarted", ["loop"], registry=self.registry
        )
        self.requests = Histogram(
            "giahan_http_request_seconds",
            "Time until the response is complete",
            ["method", "route", "status"],
            registry=self.registry,
        )

    def gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self.registry)

    def router(self, refreshes: Sequence[Refresh]) -> APIRouter:
        router = APIRouter(tags=["health"])

        @router.get("/metrics")
        async def metrics() -> Response:
            """In the text format of Prometheus. Fails if the database does not answer."""
            for refresh in refreshes:
                await refresh()
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return router


class Timing:
    """ASGI middleware: measures each request under its route's template, never under its own path."""

    def __init__(self, app: ASGIApp, requests: Histogram) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status = perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self._requests.labels(scope["method"], route, status).observe(perf_counter() - began)
        return None
