"""Readiness reports the state of the database, the broker and the loops."""

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.local.host.ports import free_port
from shared.background.heartbeat import Heartbeat
from shared.messaging.routes import Routes
from shared.runtime.process import Process
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.web import health
from shared.web.health import Health


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


def _app(*heartbeats: Heartbeat) -> FastAPI:
    app = FastAPI()
    app.include_router(Health({}, heartbeats).router())
    return app


async def test_unreachable_database_and_broker_are_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_PROBE_SECONDS", 0.5)
    away = f"127.0.0.1:{free_port()}"
    service = Service(
        "renewal", settings.model_copy(update={"mongo": SecretStr(f"mongodb://{away}"), "kafka": away})
    )
    process = Process(service, Plan(Routes(), []), {"api", "worker"})
    async with _client(process.app()) as client:
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        states = {check["name"]: check["ok"] for check in answer.json()}
        assert states["database"] is states["broker"] is states["relay"] is False
        assert (await client.get("/health/live")).status_code == 200
    service.client.close()


async def test_loop_that_never_began_or_stopped_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat = Heartbeat("schedule", limit=600)
    async with _client(_app(heartbeat)) as client:

        async def status() -> int:
            return (await client.get("/health/ready")).status_code

        assert await status() == 503
        heartbeat.beat("well")
        assert await status() == 200
        monkeypatch.setattr(heartbeat, "_limit", 0)  # as if the last beat were too long ago
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()[0]["detail"]) == (503, "well")
