"""The health probes. A process is ready while database, broker and all its loops work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Response
from pydantic import BaseModel

from shared.background.heartbeat import Heartbeat

_PROBE_SECONDS = 3.0


class Unready(Exception):
    """A probe found something wrong; its text says what."""


class Check(BaseModel):
    name: str
    ok: bool
    detail: str


class Health:
    """`probes` check other systems; `heartbeats` are of the process's own loops."""

    def __init__(
        self, probes: Mapping[str, Callable[[], Awaitable[str]]], heartbeats: Sequence[Heartbeat]
    ) -> None:
        self._probes = probes
        self._heartbeats = heartbeats

    async def checks(self) -> list[Check]:
        probed = await asyncio.gather(*(_check(name, probe) for name, probe in self._probes.items()))
        return [*probed, *(Check(name=p.name, ok=p.alive(), detail=p.detail) for p in self._heartbeats)]

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/health", tags=["health"])

        @router.get("/live")
        async def live() -> dict[str, str]:
            """Answers while the event loop runs. Background work that died is restarted, and only readiness
            shows it."""
            return {"status": "ok"}

        @router.get("/ready")
        async def ready(response: Response) -> list[Check]:
            checks = await self.checks()
            if not all(check.ok for check in checks):
                response.status_code = 503
            return checks

        return router


async def _check(name: str, probe: Callable[[], Awaitable[str]]) -> Check:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            return Check(name=name, ok=True, detail=await probe())
    except Unready as why:
        return Check(name=name, ok=False, detail=str(why))
    except Exception as error:  # every failure of a probe is a result
        return Check(name=name, ok=False, detail=type(error).__name__)
