"""Names each request, for its log lines and its answer."""

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids


class RequestContext:
    """ASGI middleware: log lines carry `request_id` and `method`, the answer `x-request-id`.

    Not Starlette's function middleware: a task and two streams a request cost more than a whole gate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = str(ids.fresh())

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id, method=scope["method"]):
            await self._app(scope, receive, named)
        return None
