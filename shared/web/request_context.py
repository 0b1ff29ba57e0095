"""Gives each request an id, for its log lines and its response."""

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids


class RequestContext:
    """ASGI middleware: log lines have `request_id` and `method`, the response has `x-request-id`.

    It does not use Starlette's BaseHTTPMiddleware: that costs a task and two streams for each request, more
    than a whole request to the gate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = str(ids.fresh())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id, method=scope["method"]):
            await self._app(scope, receive, send_with_id)
        return None
