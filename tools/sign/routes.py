"""The HTTP routes of the protocol, version 1 (docs/reference/signing-tool.md)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tools.sign import VERSION
from tools.sign.answers import failure_response, invalid_body, success_response
from tools.sign.failure import FailureCode, ToolFailure, invalid
from tools.sign.guard import OriginGuard
from tools.sign.protocol import PairingRequest, SignatureRequest
from tools.sign.tool import SigningTool

_log = logging.getLogger(__name__)

MOST_BYTES = 16 * 1024
_BODY_S = 10.0

T = TypeVar("T", bound=BaseModel)
Handle = Callable[[str, bytes], Coroutine[Any, Any, Response]]
"""Takes the site's origin and the body."""


def build_app(tool: SigningTool, port: int) -> ASGIApp:
    """The tool's HTTP interface on `port`."""

    async def describe(origin: str, _: bytes) -> Response:
        return success_response(tool="giahan-sign", version=VERSION, paired=tool.is_paired(origin))

    async def pair(origin: str, body: bytes) -> Response:
        _read(PairingRequest, body)
        await tool.pair(origin)
        return success_response(paired=True)

    async def list_certificates(origin: str, _: bytes) -> Response:
        found = await tool.certificates(origin)
        return success_response(certificates=[one.model_dump(mode="json") for one in found])

    async def sign(origin: str, body: bytes) -> Response:
        tool.require_paired(origin)
        signature = await tool.sign(origin, _read(SignatureRequest, body))
        return success_response(**signature.model_dump(mode="json"))

    routes = [
        Route("/v1/tool", _endpoint(describe), methods=["GET"]),
        Route("/v1/pairing", _endpoint(pair), methods=["POST"]),
        Route("/v1/certificates", _endpoint(list_certificates), methods=["GET"]),
        Route("/v1/signatures", _endpoint(sign), methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_found})
    return OriginGuard(app, port)


async def _not_found(request: Request, error: Exception) -> Response:
    return failure_response(ToolFailure(FailureCode.NOT_FOUND))


def _endpoint(handle: Handle) -> Callable[[Request], Awaitable[Response]]:
    """Every failure is an answer. If the page goes away, the work is cancelled and its window closes."""

    async def answer(request: Request) -> Response:
        path = request.url.path
        try:
            body = await _receive_body(request)
            response = await _unless_gone(request, handle(request.headers["origin"], body))
            _log.debug("request.answered path=%s", path)
            return response
        except ToolFailure as failure:
            _log.info("request.failed path=%s code=%s", path, failure.code)
            return failure_response(failure)
        except ClientDisconnect:
            _log.info("request.gone path=%s", path)
            return Response()
        except Exception as error:
            # An error's own words may quote what was typed, so they are not logged.
            _log.error("request.failed path=%s error=%s", path, type(error).__name__)
            return failure_response(ToolFailure(FailureCode.TOOL_ERROR))

    return answer


async def _receive_body(request: Request) -> bytes:
    """Raises ToolFailure if it is too large or does not come, ClientDisconnect."""
    body = b""
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise invalid("", "too_large")
    except TimeoutError:
        raise invalid("", "too_slow") from None
    return body


def _read(model: type[T], body: bytes) -> T:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid_body(error) from None


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """The result of `work`. If the client goes away first, cancels it and raises ClientDisconnect."""
    working = asyncio.create_task(work)
    watching = asyncio.create_task(_wait_until_gone(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.wait({working, watching})


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
