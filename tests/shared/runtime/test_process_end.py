"""Background work that dies is reported and restarted; HTTP is served meanwhile, also without servers."""

import asyncio
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from deploy.local.host.ports import free_port
from shared.background import supervisor
from shared.background.heartbeat import Heartbeat
from shared.messaging.routes import Routes
from shared.runtime import process
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import Settings
from tests.support.service_process import run_service, until


async def test_loop_that_dies_of_a_bug_is_reported_and_restarted(settings: Settings) -> None:
    starts, let_live = 0, asyncio.Event()

    async def run(heartbeat: Heartbeat) -> None:
        nonlocal starts
        starts += 1
        heartbeat.beat("works")
        if not let_live.is_set():
            raise RuntimeError("a bug")
        await asyncio.Event().wait()

    plan = Plan(Routes(), [], [Loop(run, Heartbeat("loop", limit=30))])
    async with run_service(Service("renewal", settings), plan, dies={"loop"}) as client:

        async def state(ok: bool) -> bool:
            checks = {check["name"]: check for check in (await client.get("/health/ready")).json()}
            return bool(checks["loop"]["ok"] is ok)

        await until(lambda: state(False), "the loop's death being reported")
        assert (await client.get("/health/live")).status_code == 200
        let_live.set()
        await until(lambda: state(True), "the loop working again")
        assert starts > 1


@pytest.mark.parametrize("away", ["mongo", "kafka"])
async def test_http_is_served_and_not_ready_while_a_server_is_away(
    settings: Settings, away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_OPEN_SECONDS", 1.0)
    monkeypatch.setattr(supervisor, "_FIRST_WAIT", 0.1)
    nobody = f"127.0.0.1:{free_port()}"
    mongo = SecretStr(f"mongodb://{nobody}/?serverSelectionTimeoutMS=300")
    address: dict[str, Any] = {"mongo": mongo, "kafka": nobody}
    service = Service("renewal", settings.model_copy(update={away: address[away]}))
    async with run_service(service, Plan(Routes(), []), "api") as client:
        ready, answer = await client.get("/health/ready"), await client.get("/v1/anything")
        _check_answers(ready, answer, away)


def _check_answers(ready: httpx.Response, answer: httpx.Response, away: str) -> None:
    """A process that only serves HTTP needs no broker."""
    if away == "kafka":
        assert (ready.status_code, answer.status_code) == (200, 404)
    else:
        assert (ready.status_code, answer.status_code) == (503, 503)
        assert answer.json()["type"] == "urn:giahan:problem:starting"
        assert int(answer.headers["retry-after"]) > 0
