"""On a real socket: half a request is cut off, and headers that no browser sends cause no server error."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import pytest
import uvicorn
from fastapi import FastAPI, Header, Request

from deploy.local.host.ports import HOST, free_port
from shared.web import http_server, problems
from shared.web.host_check import HostCheck
from tests.support.service_process import until


def _app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(HostCheck)

    @app.get("/here")
    async def here(request: Request, accept_language: Annotated[str, Header()] = "") -> str:
        return str(request.url)

    return app


@asynccontextmanager
async def _served() -> AsyncIterator[int]:
    port = free_port()
    server = uvicorn.Server(http_server.config(_app(), HOST, port, connections=10))
    running = asyncio.create_task(server.serve())
    await until(lambda: _accepts(server), "the server accepts connections")
    yield port
    server.should_exit = True
    await running


async def _accepts(server: uvicorn.Server) -> bool:
    return server.started


async def _sent(port: int, *parts: bytes) -> bytes:
    """Send the parts. Returns all bytes that come back until the server closes."""
    reader, writer = await asyncio.open_connection(HOST, port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    try:
        async with asyncio.timeout(30):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


WHOLE = b"GET /here HTTP/1.1\r\nhost: here\r\n\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"GET /he",),
        (b"GET /here HTTP/1.1\r\nhost: here\r\nx-slow: ",),
        (WHOLE, b"GET /he"),
    ],
    ids=["nothing", "half a line", "half the headers", "half the second request"],
)
async def test_connection_with_half_a_request_is_closed(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(http_server, "HEADER_SECONDS", 0.2)
    async with _served() as port:
        answer = await _sent(port, *parts)
    assert answer.startswith(b"HTTP/1.1 200") is (parts[:1] == (WHOLE,))


def _headers() -> Iterator[bytes]:
    for host in (b"[", b"[::1", b"a b", b"a,b", b"a/b", b"a:99x", b"@", b"", b"\xff", b"a\\b", b"a:b:c"):
        yield b"GET /here HTTP/1.1\r\nhost: %s\r\nconnection: close\r\n\r\n" % host
        yield b"GET /here/ HTTP/1.1\r\nhost: %s\r\nconnection: close\r\n\r\n" % host
    yield b"GET /here HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n"
    yield b"GET http://[ HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"
    yield b"GET //[/x HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"


async def test_request_with_a_bad_host_gets_400() -> None:
    async with _served() as port:
        answers = [(each, (await _sent(port, each)).split(b" ")[1]) for each in _headers()]
    assert [each for each, status in answers if status not in (b"400", b"404")] == []


async def test_head_of_a_request_has_a_largest_size() -> None:
    head = b"GET /here HTTP/1.1\r\nhost: here\r\nconnection: close\r\nx-long: "
    async with _served() as port:
        fits = await _sent(port, head + b"a" * (http_server.HEADER_BYTES - 100) + b"\r\n\r\n")
        too_long = await _sent(port, head + b"a" * (http_server.HEADER_BYTES + 1))
    assert fits.startswith(b"HTTP/1.1 200")
    assert too_long.startswith(b"HTTP/1.1 400")


_ODD = (
    b"accept-language: ;q=,,\xff",
    b'cookie: giahan_session=\xff; =; a="; giahan_lang=[',
    b"x-forwarded-proto: javascript\r\nx-forwarded-for: [, \xff\r\nx-forwarded-host: [",
    b"referer: http://[\r\norigin: http://[\r\nrange: bytes=-",
)


async def test_unusual_headers_with_a_valid_host_are_accepted() -> None:
    async with _served() as port:
        for host in (b"here", b"127.0.0.1:8102", b"[::1]:8102", b"giahan_1.vn"):
            for more in _ODD:
                request = b"GET /here HTTP/1.1\r\nhost: %s\r\nconnection: close\r\n%s\r\n\r\n" % (host, more)
                assert (await _sent(port, request)).startswith(b"HTTP/1.1 200"), request
