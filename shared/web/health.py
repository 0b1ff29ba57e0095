"""The health probes. Ready means: database, broker and every loop work now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Response
from pydantic import BaseModel

from shared.background.heartbeat import Heartbeat

_PROBE_SECONDS = 3.0


class Unready(Exception):
    """What a probe found wrong, in words."""


class Check(BaseModel):
    name: str
    ok: bool
    detail: str


class Health:
    """`probes` ask a part of the outside; `heartbeats` are the process's own loops."""

    def __init__(
        self, probes: Mapping[str, Callable[[], Awaitable[str]]], heartbeats: Sequence[Heartbeat]
    ) -> None:
        self._probes = probes
        self._heartbeats = heartbeats

    async def checks(self) -> list[Check]:
        asked = await asyncio.gather(*(_ask(name, probe) for name, probe in self._probes.items()))
        return [*asked, *(Check(name=p.name, ok=p.alive(), detail=p.detail) for p in self._heartbeats)]

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/health", tags=["health"])

        @router.get("/live")
        async def live() -> dict[str, str]:
            """The event loop runs. Background work that died is restarted and shows in readiness only."""
            return {"status": "ok"}

        @router.get("/ready")
        async def ready(response: Response) -> list[Check]:
            checks = await self.checks()
            if not all(check.ok for check in checks):
                response.status_code = 503
            return checks

        return router


async def _ask(name: str, probe: Callable[[], Awaitable[str]]) -> Check:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            return Check(name=name, ok=True, detail=await probe())
    except Unready as why:
        return Check(name=name, ok=False, detail=str(why))
    except Exception as error:  # a probe that fails in whatever way is an answer
        return Check(name=name, ok=False, detail=type(error).__name__)
