"""A body is refused as too large by the bytes that came, not by its header."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from shared.web import body_limit, problems
from shared.web.body_limit import BodyLimit, whole_body


def _app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(BodyLimit, largest=1000, larger={"/v1/{id}/copy": 3000})

    @app.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.post("/v1/{id}/copy")
    async def take_more(id: str, request: Request) -> int:
        return len(await whole_body(request, 2500))

    @app.post("/json")
    async def take_json(body: dict[str, str]) -> int:
        return len(body)

    return app


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


async def test_body_without_a_length_is_counted_as_it_comes() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://service") as client:
        assert (await client.post("/", content=_chunks(10))).json() == 1000
        refused = await client.post("/", content=_chunks(11))
        assert refused.status_code == 413
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await client.post("/json", json={"a": "x" * 2000})).status_code == 413


async def test_path_with_a_larger_limit_matches_its_pattern() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://service") as client:
        assert (await client.post("/v1/7/copy", content=_chunks(25))).json() == 2500
        refused = await client.post("/v1/7/copy", content=_chunks(26))
        assert (refused.status_code, refused.json()["type"]) == (413, "urn:giahan:problem:too-large")
        assert (await client.post("/v1/7/7/copy", content=_chunks(11))).status_code in (404, 413)


async def test_body_that_does_not_arrive_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "PAUSE_SECONDS", 0.01)
    stuck = asyncio.Event()

    answers: list[Message] = []
    sent = [{"type": "http.request", "body": b"x", "more_body": True}]

    async def receive() -> Message:
        if sent:
            return sent.pop()
        await stuck.wait()
        raise AssertionError

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"host", b"service"), (b"content-length", b"100")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    await _app()({**scope, "root_path": "", "scheme": "http", "server": None}, receive, send)
    assert answers[0]["status"] == 408
