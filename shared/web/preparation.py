"""Answers for a process that isn't ready to serve: its database could not be prepared yet."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import TITLES, Problem, answer

_ALWAYS = ("/health/", "/metrics")


class PreparationGate:
    """ASGI middleware: until `opened`, every path but those for the platform answers 503. Without unique
    indexes a write could stand twice."""

    def __init__(self, app: ASGIApp, opened: Callable[[], bool]) -> None:
        self._app = app
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._opened() or scope["path"].startswith(_ALWAYS):
            return await self._app(scope, receive, send)
        told = answer(Request(scope), Problem(503, "starting", TITLES["starting"]))
        return await told(scope, receive, send)
