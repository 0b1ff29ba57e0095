"""What a process counts and measures, for Prometheus. No label holds a subject, a name or an event's id."""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refresh = Callable[[], Awaitable[None]]
"""Brings a gauge up to date that only the database can tell."""


class Metrics:
    """One process's own; `GET /metrics` asks nobody who they are, so it isn't for the outside."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.records = Counter(
            "giahan_records", "Records by what became of them", ["result"], registry=self.registry
        )
        self.deaths = Counter(
            "giahan_loop_deaths", "Loops that died and were begun again", ["loop"], registry=self.registry
        )
        self.requests = Histogram(
            "giahan_http_request_seconds",
            "Time to the answer's end",
            ["method", "route", "status"],
            registry=self.registry,
        )

    def gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self.registry)

    def router(self, refreshes: Sequence[Refresh]) -> APIRouter:
        router = APIRouter(tags=["health"])

        @router.get("/metrics")
        async def metrics() -> Response:
            """In the text format of Prometheus. Fails where the database doesn't answer."""
            for refresh in refreshes:
                await refresh()
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return router


class Timing:
    """ASGI middleware: each request counts under its route's template, never under its own path."""

    def __init__(self, app: ASGIApp, requests: Histogram) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self._requests.labels(scope["method"], route, status).observe(perf_counter() - began)
        return None
