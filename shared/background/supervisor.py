"""Restarts a process's background work when it dies, and logs and counts each death.

HTTP keeps serving meanwhile. The process is not ready from the death until the work beats its heartbeats
again, so that the platform can take a half-dead process out of service.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

from shared.background.heartbeat import Heartbeat
from shared.resilience import denials
from shared.resilience.retry import error_names, is_transient

log = structlog.get_logger()

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0
_HEALTHY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Work:
    """`run` runs for ever and beats `heartbeats`. It can be called again after it died."""

    name: str
    run: Callable[[], Awaitable[None]]
    heartbeats: tuple[Heartbeat, ...] = ()


@dataclass(slots=True)
class Supervisor:
    """`deaths` counts by the work's name; `died` holds the names of the works that a bug ended."""

    deaths: Counter
    died: set[str] = field(default_factory=set)

    async def run(self, work: Work) -> None:
        """Run the work until cancelled; restart it after each death, and wait longer each time.

        The work runs in a task of its own: before Python 3.13, a TaskGroup that fails leaves the task around
        it in a state as if it had been cancelled.
        """
        clock, wait = asyncio.get_running_loop(), _FIRST_WAIT
        while True:
            began = clock.time()
            error: BaseException = RuntimeError("it ended by itself")
            try:
                await asyncio.ensure_future(work.run())
            except BaseException as raised:
                error = raised
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError
            if clock.time() - began > _HEALTHY_SECONDS:
                wait = _FIRST_WAIT
            self._report(work, error, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _report(self, work: Work, error: BaseException, wait: float) -> None:
        for heartbeat in work.heartbeats:
            heartbeat.fail(f"died of {', '.join(error_names(error))}")
        self.deaths.labels(work.name).inc()
        denials.note(error)
        if is_transient(error):
            log.warning("process.loop_waits", work=work.name, errors=error_names(error), seconds=wait)
        else:
            self.died.add(work.name)
            log.error(
                "process.loop_died", work=work.name, errors=error_names(error), seconds=wait, exc_info=error
            )
