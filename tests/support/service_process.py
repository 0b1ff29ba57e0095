"""Runs a service's process in the test's event loop, and waits for conditions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx
from fastapi import FastAPI

from shared.runtime.process import Process
from shared.runtime.service import Plan, Service

T = TypeVar("T")
WITHIN_S = 120.0
_SHORTEST_S, _LONGEST_S = 0.02, 0.25


@asynccontextmanager
async def run_service(
    service: Service, plan: Plan, *parts: str, dies: Collection[str] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the service with its consumer, relay and loops. Yields an HTTP client of it."""
    async with serve_app(service, plan, *parts, dies=dies) as app, client_of(app) as client:
        yield client


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://service")


@asynccontextmanager
async def serve_app(
    service: Service, plan: Plan, *parts: str, dies: Collection[str] = ()
) -> AsyncIterator[FastAPI]:
    """Like `run_service`, but yields the app, for tests with their own client or socket. `dies`: the
    background work that dies in this test; the death of any other fails it."""
    process = Process(service, plan, set(parts) or {"api", "worker"})
    app = process.app()
    async with app.router.lifespan_context(app):
        yield app
    died = process.supervisor.died
    assert died == set(dies), f"loops of the service died, its log says why: {died}"


async def until(ask: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Call `ask` until its result is not falsy, and return that. Fails with `what` after WITHIN_S.

    The pauses grow with the time: each call takes time from the work that the test waits for.
    """
    now = asyncio.get_running_loop().time
    began = now()
    while True:
        answer = await ask()
        if answer:
            return answer
        waited = now() - began
        if waited > WITHIN_S:
            raise AssertionError(f"did not come: {what}")
        await asyncio.sleep(min(max(_SHORTEST_S, waited / 20), _LONGEST_S))
