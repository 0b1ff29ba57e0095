"""Answers 503 while a process cannot serve yet because its database is not prepared."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import TITLES, Problem, answer

_ALWAYS = ("/health/", "/metrics")


class PreparationGate:
    """ASGI middleware: until `opened`, every path except health and metrics answers 503. Without unique
    indexes a write could be stored twice."""

    def __init__(self, app: ASGIApp, opened: Callable[[], bool]) -> None:
        self._app = app
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._opened() or scope["path"].startswith(_ALWAYS):
            return await self._app(scope, receive, send)
        response = answer(Request(scope), Problem(503, "starting", TITLES["starting"]))
        return await response(scope, receive, send)
