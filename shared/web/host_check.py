"""Refuses requests with a bad Host header: the service builds its own addresses from that header."""

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import TITLES, Problem, answer

_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class HostCheck:
    """ASGI middleware: answers 400 to a Host header that is neither a name nor an address, and to several of
    them. A request may have none (HTTP/1.0)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            hosts = request.headers.getlist("host")
            if len(hosts) > 1 or not all(map(_HOST.fullmatch, hosts)):
                return await answer(request, _no_host())(scope, receive, send)
        return await self._app(scope, receive, send)


def _no_host() -> Problem:
    return Problem(400, "bad-host", TITLES["bad-host"])
