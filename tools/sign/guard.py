"""Lets only web pages ask that may: checks Host and Origin, answers preflights, adds the CORS headers."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.sign.answers import failure_response, no_content
from tools.sign.failure import FailureCode, ToolFailure, invalid
from tools.sign.origin import is_origin, is_own_host

_log = logging.getLogger(__name__)
_JSON = "application/json"


class OriginGuard:
    """`port` is the one that is listened on."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        if len(origins) != 1 or not is_origin(origins[0]):
            _log.warning("request.refused code=origin_refused")
            await failure_response(ToolFailure(FailureCode.ORIGIN_REFUSED))(scope, receive, send)
            return

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer["Access-Control-Allow-Origin"] = origins[0]
                answer["Cache-Control"] = "no-store"
                answer.add_vary_header("Origin")
            await send(message)

        app = self._app
        if not is_own_host(headers.get("host", ""), self._port):
            _log.warning("request.refused code=host_refused")
            app = failure_response(ToolFailure(FailureCode.HOST_REFUSED))
        elif scope["method"] == "OPTIONS":
            app = _preflight(headers)
        elif scope["method"] == "POST" and headers.get("content-type", "").partition(";")[0].strip() != _JSON:
            app = failure_response(invalid("", "content_type"))
        await app(scope, receive, send_with_cors)


def _preflight(headers: Headers) -> ASGIApp:
    allowed = {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "600",
    }
    if headers.get("access-control-request-private-network") == "true":
        allowed["Access-Control-Allow-Private-Network"] = "true"
    return no_content(allowed)
