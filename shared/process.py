"""Runs one service in one process: HTTP, consumer, relay and loops, until told to stop."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from shared import broker, heap, problems
from shared.body_limit import BodyLimit
from shared.clock import OffsetClock
from shared.clock_feed import ClockFeed
from shared.consumption import ConsumptionPulses, consume
from shared.health import Health
from shared.meters import Pulses, Waiting
from shared.metrics import Metrics, Timing
from shared.passing import passes
from shared.patience import within
from shared.pulse import Pulse
from shared.request_context import RequestContext
from shared.service import Loop, Plan, Service

log = structlog.get_logger()

_LOOP_LIMIT = 30.0
_START_ATTEMPTS = 30
_START_SECONDS = 60.0
_END_SECONDS = 40.0


class Process:
    """`parts` is what this process does: `api`, `worker`, or both. `end` is called when a loop died."""

    def __init__(self, service: Service, plan: Plan, parts: set[str], end: Callable[[], None]) -> None:
        self._service = service
        self._plan = plan
        self._parts = parts
        self._topics = [service.names.topic(producer) for producer in plan.routes.producers]
        self._relay_pulse = Pulse("relay", limit=_LOOP_LIMIT)
        self._archive_pulse = Pulse("archive", limit=_LOOP_LIMIT)
        self._consuming = ConsumptionPulses.new(_LOOP_LIMIT)
        self._broker = service.settings.connection.broker()
        self._metrics = Metrics()
        self._unpublished = service.unpublished()
        self._end = end
        self.failed = False

    @property
    def _consumes(self) -> bool:
        return "worker" in self._parts and bool(self._topics)

    def app(self) -> FastAPI:
        app = FastAPI(
            title=f"Gia Hạn: {self._service.name}", lifespan=self._lifespan, docs_url=None, redoc_url=None
        )
        problems.install(app)
        app.add_middleware(RequestContext)
        app.add_middleware(Timing, requests=self._metrics.requests)
        app.add_middleware(BodyLimit, larger=self._plan.larger_bodies)
        probes = {
            "database": self._database_answers,
            "broker": self._broker_answers,
            "unpublished": self._unpublished.probe,
        }
        app.include_router(Health(probes, self._pulses()).router())
        app.include_router(self._measured())
        if "api" in self._parts:
            for router in self._plan.routers:
                app.include_router(router)
        return app

    def _measured(self) -> APIRouter:
        service = self._service
        self._metrics.registry.register(Pulses(self._pulses()))
        waiting = Waiting(self._metrics, self._unpublished, service.parked, service.clock)
        own = [measured(self._metrics) for measured in self._plan.meters]
        return self._metrics.router([waiting.refresh, *own])

    def _pulses(self) -> list[Pulse]:
        loops = [loop.pulse for loop in self._loops()]
        if "worker" not in self._parts:
            return loops
        pulses = [*loops, self._relay_pulse]
        if self._service.trails:
            pulses.append(self._archive_pulse)
        return [*pulses, *self._consuming] if self._consumes else pulses

    def _loops(self) -> list[Loop]:
        return [loop for loop in self._plan.loops if loop.always or "worker" in self._parts]

    async def _database_answers(self) -> str:
        await self._service.database.command("ping")
        return "answers"

    async def _broker_answers(self) -> str:
        if not await self._broker.ping(timeout=2.0):
            raise ConnectionError
        return "answers"

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        await self._prepare()
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            stack.callback(self._service.client.close)
            for close in self._plan.closing:
                stack.push_async_callback(close)
            for start in self._plan.starting:
                await start()
            running = [tasks.create_task(self._guarded(work)) for work in await self._work(stack)]
            try:
                yield
            finally:
                await _end_all(running)

    async def _prepare(self) -> None:
        """Database and broker may come up after us: wait for them, then say why not."""
        for attempt in range(_START_ATTEMPTS):
            try:
                await self._service.prepare(self._topics)
                return
            except Exception as error:
                if not (passes(error) or isinstance(error, OSError)):
                    raise
                log.warning("start.waits", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(1)
        await self._service.prepare(self._topics)

    async def _work(self, stack: AsyncExitStack) -> list[Awaitable[None]]:
        work: list[Awaitable[None]] = []
        if feed := self._clock_feed():
            await feed.read()
            work.append(feed.follow())
        if "worker" in self._parts:
            relay = self._service.relay(self._relay_pulse)
            stack.push_async_callback(relay.lease.release)
            work.append(relay.run())
        work += [loop.run(loop.pulse) for loop in self._loops()]
        if "worker" in self._parts and self._service.trails:
            archive = self._service.archive(self._archive_pulse)
            stack.push_async_callback(archive.lease.release)
            work.append(archive.run())
        if self._consumes:
            work.append(
                consume(self._service, self._plan.routes, self._broker, self._consuming, self._metrics)
            )
        else:
            await within(_START_SECONDS, self._broker.start())
            stack.push_async_callback(broker.leave, self._broker)
        return work

    def _clock_feed(self) -> ClockFeed | None:
        """Only the local stack's clock can be moved."""
        service = self._service
        if not isinstance(service.clock, OffsetClock):
            return None
        stack = service.client[service.settings.database("stack")]
        return ClockFeed(service.clock, stack, f"{service.name}-{'-'.join(sorted(self._parts))}")

    async def _guarded(self, work: Awaitable[None]) -> None:
        """A loop that dies of a fault of ours ends the process: better restarted than half alive."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            log.error("process.loop_died", error=type(error).__name__, exc_info=error)
            self.failed = True
            self._end()


async def _end_all(running: list[asyncio.Task[None]]) -> None:
    """Asked again while one lives: a library that swallowed its cancellation must not keep the process."""
    while alive := [task for task in running if not task.done()]:
        for task in alive:
            task.cancel()
        if (await asyncio.wait(alive, timeout=_END_SECONDS))[1]:
            log.warning("process.asks_again", work=[str(task.get_coro()) for task in alive])


def serve(name: str, compose: Callable[[], tuple[Service, Plan]], port: int) -> None:
    """Run until SIGTERM or SIGINT. Ends with status 1 when a loop died.

    `compose` is called inside the event loop, because the database driver binds to the first it meets.
    """
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument("--only", choices=["api", "worker"], help="run only this part")
    only = parser.parse_args().only
    if asyncio.run(_serve(compose, {only} if only else {"api", "worker"}, port)):
        raise SystemExit(1)


async def _serve(compose: Callable[[], tuple[Service, Plan]], parts: set[str], port: int) -> bool:
    """Whether a loop died."""
    service, plan = compose()
    ended = asyncio.Event()
    process = Process(service, plan, parts, end=ended.set)
    config = uvicorn.Config(
        process.app(), host=service.settings.host, port=port, log_config=None, timeout_graceful_shutdown=20
    )
    server = uvicorn.Server(config)
    ending = asyncio.create_task(_end(server, ended))
    heap.settle()
    await server.serve()
    ending.cancel()
    return process.failed or not server.started


async def _end(server: uvicorn.Server, ended: asyncio.Event) -> None:
    """Not by a signal: uvicorn would raise it again, and the process would end as if it had been told to."""
    await ended.wait()
    server.should_exit = True
