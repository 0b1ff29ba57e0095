"""Each request has its own id, in its response and in its log lines."""

from typing import Any

import httpx
import structlog
from fastapi import FastAPI

from shared.web.request_context import RequestContext


def app() -> tuple[FastAPI, list[dict[str, Any]]]:
    made, seen = FastAPI(), list[dict[str, Any]]()
    made.add_middleware(RequestContext)

    @made.post("/")
    async def asked() -> None:
        seen.append(structlog.contextvars.get_contextvars())

    return made, seen


async def test_response_and_log_have_the_request_id() -> None:
    made, seen = app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://x") as client:
        answers = [await client.post("/") for _ in range(2)]
        missing = await client.get("/nowhere")
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert seen == [{"request_id": id, "method": "POST"} for id in ids]
    assert len({*ids, missing.headers["x-request-id"]}) == 3
    assert structlog.contextvars.get_contextvars() == {}


async def test_scopes_other_than_requests_pass() -> None:
    passed: list[str] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    await RequestContext(inside)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert passed == ["lifespan"]
