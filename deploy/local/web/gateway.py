"""One host for the pages of all services, as an ingress makes it in production: the first part of the path
says which service answers."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx
from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from deploy.local.host.ports import HOST, Ports
from deploy.local.texts import line

_TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"), 120.0)
_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]
# They belong to one connection, so they aren't forwarded (RFC 9110, 7.6.1).
_OF_THE_CONNECTION = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


def services_with_pages(ports: Ports) -> dict[str, int]:
    return {"renewal": ports.renewal, "signing": ports.signing}


def gateway_routes(transport: httpx.AsyncBaseTransport, ports: Mapping[str, int]) -> APIRouter:
    """`ports` by the first part of the path. The service sees the visitor's own `host`, `origin` and cookies,
    and nobody else's: a transport keeps no cookies, as a client would."""
    routes = APIRouter(include_in_schema=False)

    for name, port in ports.items():

        async def forward(request: Request, port: int = port) -> Response:
            return await _forward(transport, request, port)

        for path in (f"/{name}", f"/{name}/{{rest:path}}"):
            routes.add_api_route(path, forward, methods=_METHODS)
    return routes


async def _forward(transport: httpx.AsyncBaseTransport, request: Request, port: int) -> Response:
    path, query = request.scope["raw_path"], request.scope["query_string"]
    has_body = {"content-length", "transfer-encoding"} & set(request.headers)
    forwarded = httpx.Request(
        request.method,
        httpx.URL(scheme="http", host=HOST, port=port, raw_path=path + b"?" * bool(query) + query),
        headers=_forwarded(request.headers.raw),
        content=request.stream() if has_body else None,
        extensions={"timeout": _TIMEOUTS},
    )
    try:
        answer = await transport.handle_async_request(forwarded)
    except httpx.TransportError:
        return PlainTextResponse(line("web.service_away"), HTTPStatus.BAD_GATEWAY)
    response = StreamingResponse(
        answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
    )
    response.raw_headers = _forwarded(answer.headers.raw)
    return response


def _forwarded(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.decode().lower() not in _OF_THE_CONNECTION]
