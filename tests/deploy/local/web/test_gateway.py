"""The one host of all pages: it forwards requests as they are, and says so when a service is away."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from deploy.local.host.ports import HOST, free_port
from deploy.local.web.gateway import gateway_routes
from tests.support.browser import serve_on_port


def service() -> FastAPI:
    app = FastAPI()

    @app.post("/signing/forms/{name}")
    async def sent(request: Request, name: str) -> Response:
        said = {"host": request.headers["host"], "query": request.url.query, "name": name}
        response = JSONResponse(said | {"body": (await request.body()).decode()}, 201)
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    @app.get("/signing/cookies")
    async def cookies(request: Request) -> Response:
        return JSONResponse(request.cookies)

    @app.get("/secret")
    async def secret() -> Response:
        return JSONResponse({})

    @app.get("/signing")
    async def leads_on() -> Response:
        return RedirectResponse("/signing/forms/x", 303)

    return app


@pytest.fixture
async def host() -> AsyncIterator[httpx.AsyncClient]:
    async with serve_on_port(service()) as url, httpx.AsyncHTTPTransport() as forward:
        app = FastAPI()
        app.include_router(
            gateway_routes(forward, {"signing": httpx.URL(url).port or 0, "renewal": free_port()})
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}:8126") as client:
            yield client


async def test_request_and_answer_pass_as_they_are(host: httpx.AsyncClient) -> None:
    answer = await host.post("/signing/forms/phi%E1%BA%BFu?lang=vi", content="nội dung".encode())
    assert answer.status_code == 201
    said = {"host": f"{HOST}:8126", "query": "lang=vi", "name": "phiếu", "body": "nội dung"}
    assert answer.json() == said
    assert dict(answer.cookies) == {"a": "1", "b": "2"}


async def test_nobody_gets_anothers_cookies(host: httpx.AsyncClient) -> None:
    await host.post("/signing/forms/x")
    host.cookies.clear()
    assert (await host.get("/signing/cookies")).json() == {}


async def test_path_stays_below_its_service(host: httpx.AsyncClient) -> None:
    assert (await host.get("/signing/..%2fsecret")).status_code == 404


async def test_redirects_are_the_visitors(host: httpx.AsyncClient) -> None:
    answer = await host.get("/signing")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signing/forms/x")


async def test_service_that_is_away_is_said(host: httpx.AsyncClient) -> None:
    answer = await host.get("/renewal")
    assert answer.status_code == 502
    assert "Thử lại" in answer.text


async def test_other_paths_are_not_forwarded(host: httpx.AsyncClient) -> None:
    assert (await host.get("/signings")).status_code == 404
