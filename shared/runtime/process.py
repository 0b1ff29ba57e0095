"""Runs one service in one process: HTTP, consumer, relay and loops, until it is asked to stop."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from shared.background import calls
from shared.background.heartbeat import Heartbeat
from shared.background.supervisor import Supervisor, Work
from shared.messaging import broker
from shared.messaging.consumption.lifecycle import ConsumptionHeartbeats, consume
from shared.messaging.consumption.subscriber import EventBroker
from shared.messaging.republication import rest as republications_rest
from shared.observability.meters import BacklogMetrics, HeartbeatMetrics
from shared.observability.metrics import Metrics, Timing
from shared.resilience import denials
from shared.resilience.retry import error_names, is_transient
from shared.resilience.timeouts import with_timeout
from shared.runtime import gc_tuning
from shared.runtime.service import Loop, Plan, Service
from shared.storage import mongo
from shared.time.clock import OffsetClock
from shared.time.clock_feed import ClockFeed
from shared.web import http_server, problems
from shared.web.body_limit import BodyLimit
from shared.web.health import Health
from shared.web.host_check import HostCheck
from shared.web.preparation import PreparationGate
from shared.web.request_context import RequestContext

log = structlog.get_logger()

_LOOP_LIMIT = 60.0
_CONSUMER_LIMIT = 10.0
_OPEN_SECONDS = 10.0
_PREPARE_SECONDS = 60.0
_PING_SECONDS = 2.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0
_END_SECONDS = 40.0


class Process:
    """`parts` is what this process runs: `api`, `worker`, or both. A process with only `api` does not use
    Kafka."""

    def __init__(self, service: Service, plan: Plan, parts: set[str]) -> None:
        self._service = service
        self._plan = plan
        self._parts = parts
        self._topics = [service.names.topic(producer) for producer in plan.routes.producers]
        self._relay_heartbeat = Heartbeat("relay", limit=_LOOP_LIMIT)
        self._archive_heartbeat = Heartbeat("archive", limit=_LOOP_LIMIT)
        self._consumption_heartbeats = ConsumptionHeartbeats.new(_CONSUMER_LIMIT)
        self._broker = service.settings.connection.broker()
        self._metrics = Metrics()
        self.supervisor = Supervisor(self._metrics.deaths)
        self._opened = asyncio.Event()
        self._preparing = asyncio.Lock()
        self._topics_prepared = False
        self._unpublished = service.unpublished()

    @property
    def _consumes(self) -> bool:
        return "worker" in self._parts and bool(self._topics)

    def app(self) -> FastAPI:
        app = FastAPI(
            title=f"Gia Hạn: {self._service.name}", lifespan=self._lifespan, docs_url=None, redoc_url=None
        )
        problems.install(app)
        app.add_middleware(PreparationGate, opened=self._opened.is_set)
        app.add_middleware(HostCheck)
        app.add_middleware(RequestContext)
        app.add_middleware(Timing, requests=self._metrics.requests)
        app.add_middleware(BodyLimit, larger=self._plan.larger_bodies)
        probes = {
            "database": self._noting_denials(self._database_answers),
            "unpublished": self._unpublished.probe,
            "rights": self._service.denials.probe,
        }
        if "worker" in self._parts:
            probes["broker"] = self._noting_denials(self._broker_answers)
        app.include_router(Health(probes, self._heartbeats()).router())
        app.include_router(self._metrics_router())
        if "api" in self._parts:
            for router in self._plan.routers:
                app.include_router(router)
            if self._service.republished:
                app.include_router(self._republications_router())
        return app

    def _republications_router(self) -> APIRouter:
        service = self._service
        return republications_rest.router(service.republications, service.real, service.verifier)

    def _metrics_router(self) -> APIRouter:
        service = self._service
        self._metrics.registry.register(HeartbeatMetrics(self._heartbeats()))
        self._metrics.registry.register(service.denials)
        backlog = BacklogMetrics(self._metrics, self._unpublished, service.parked, service.clock)
        own = [register(self._metrics) for register in self._plan.meters]
        return self._metrics.router([backlog.refresh, *own])

    def _heartbeats(self) -> list[Heartbeat]:
        loops = [loop.heartbeat for loop in self._loops()]
        if "worker" not in self._parts:
            return loops
        heartbeats = [*loops, self._relay_heartbeat]
        if self._service.trails:
            heartbeats.append(self._archive_heartbeat)
        return [*heartbeats, *self._consumption_heartbeats] if self._consumes else heartbeats

    def _loops(self) -> list[Loop]:
        return [loop for loop in self._plan.loops if loop.always or "worker" in self._parts]

    async def _database_answers(self) -> str:
        with mongo.limit(_PING_SECONDS):
            await self._service.database.command("ping")
        return "answers"

    async def _broker_answers(self) -> str:
        if not await self._broker.ping(timeout=2.0):
            raise ConnectionError
        return "answers"

    def _noting_denials(self, probe: Callable[[], Awaitable[str]]) -> Callable[[], Awaitable[str]]:
        """The probe, which also reports what it is denied."""

        async def noting() -> str:
            try:
                return await probe()
            except Exception as error:
                self._service.denials.note(error)
                raise

        return noting

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """HTTP is served once the database is prepared, or after _OPEN_SECONDS: it then answers 503 until the
        database is. Neither an unreachable broker nor background work that dies ends it."""
        denials.begin(self._service.denials)
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            stack.callback(self._service.client.close)
            for close in self._plan.closing:
                stack.push_async_callback(close)
            for start in self._plan.starting:
                await start()
            calling = tasks.create_task(self.supervisor.run(self._calling()))
            running: list[asyncio.Task[None]] = []
            running.append(tasks.create_task(self._begin(stack, tasks, running)))
            with suppress(TimeoutError):
                async with asyncio.timeout(_OPEN_SECONDS):
                    await self._opened.wait()
            try:
                yield
            finally:
                await _end_all(running)
                await _end_all([calling])
                # In a task of its own: this one may look as if it was cancelled (Supervisor.run).
                last = calls.call_last(self._service.leases, self._service.wakes.calling)
                await asyncio.ensure_future(last)

    async def _begin(
        self, stack: AsyncExitStack, tasks: asyncio.TaskGroup, running: list[asyncio.Task[None]]
    ) -> None:
        feed = self._clock_feed()
        await self._until_done("database", lambda: self._prepare_database(feed))
        self._opened.set()
        running += [tasks.create_task(self.supervisor.run(work)) for work in self._work(stack, feed)]

    async def _prepare_database(self, feed: ClockFeed | None) -> None:
        await with_timeout(_PREPARE_SECONDS, self._service.prepare_database())
        if feed:
            await with_timeout(_PREPARE_SECONDS, feed.read())

    async def _prepare_topics(self) -> None:
        """Done before the first record is published or read. Another service may create its topics later."""
        async with self._preparing:
            if not self._topics_prepared:
                await self._until_done("topics", lambda: self._service.prepare_topics(self._topics))
                self._topics_prepared = True

    async def _until_done(self, what: str, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat `step` until it succeeds, and log why it does not: another system may start later than this
        process."""
        wait = _FIRST_WAIT
        while True:
            try:
                return await step()
            except Exception as error:
                denials.note(error)
                write_log = log.warning if is_transient(error) or isinstance(error, OSError) else log.error
                write_log("start.waits", what=what, errors=error_names(error), seconds=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _work(self, stack: AsyncExitStack, feed: ClockFeed | None) -> list[Work]:
        work = [
            Work(loop.heartbeat.name, partial(loop.run, loop.heartbeat), (loop.heartbeat,))
            for loop in self._loops()
        ]
        if feed:
            work.append(Work("clock", feed.follow))
        if "worker" not in self._parts:
            return work
        work.append(Work("listening", partial(calls.listen, self._service.leases, self._service.wakes)))
        relay = self._service.relay(self._relay_heartbeat)
        stack.push_async_callback(relay.lease.release)
        work.append(Work("relay", partial(self._after_topics, relay.run), (self._relay_heartbeat,)))
        if self._service.trails:
            archive = self._service.archive()
            stack.push_async_callback(archive.leader_loop.lease.release)
            run = partial(archive.run, self._archive_heartbeat)
            work.append(Work("archive", run, (self._archive_heartbeat,)))
        if self._consumes:
            heartbeats = tuple(self._consumption_heartbeats)
            work.append(Work("consumer", partial(self._after_topics, self._consume), heartbeats))
        else:
            work.append(Work("broker", self._connect))
        return work

    def _calling(self) -> Work:
        """It ends last, because what the others do while they end is told too."""
        service = self._service
        return Work("calling", partial(calls.call_when_woken, service.leases, service.wakes.calling))

    async def _after_topics(self, run: Callable[[], Awaitable[None]]) -> None:
        await self._prepare_topics()
        await run()

    async def _consume(self) -> None:
        """Uses a new broker client each time: a stopped one keeps its old subscribers."""
        self._broker = await self._new_broker()
        heartbeats = self._consumption_heartbeats
        await consume(self._service, self._plan.routes, self._broker, heartbeats, self._metrics)

    async def _new_broker(self) -> EventBroker:
        """A broker client that is not started yet. Raises the error if its user cannot sign in."""
        connection = self._service.settings.connection
        await connection.sign_in()
        return connection.broker()

    async def _connect(self) -> None:
        """Connect only to probe the broker: this service consumes nothing."""
        self._broker = await self._new_broker()
        try:
            await with_timeout(broker.START_SECONDS, self._broker.start())
            await asyncio.Event().wait()
        finally:
            await broker.leave(self._broker)

    def _clock_feed(self) -> ClockFeed | None:
        """None outside the local stack: only its clock can be moved."""
        service = self._service
        if not isinstance(service.clock, OffsetClock):
            return None
        stack = service.client[service.settings.database("stack")]
        who = f"{service.name}-{'-'.join(sorted(self._parts))}"
        return ClockFeed(service.clock, stack, who, service.wakes.look)


async def _end_all(running: list[asyncio.Task[None]]) -> None:
    """Cancel all tasks, again and again until all have ended: a library may swallow a cancellation."""
    while alive := [task for task in running if not task.done()]:
        for task in alive:
            task.cancel()
        if (await asyncio.wait(alive, timeout=_END_SECONDS))[1]:
            log.warning("process.cancels_again", work=[str(task.get_coro()) for task in alive])


def serve(name: str, compose: Callable[[], tuple[Service, Plan]], port: int) -> None:
    """Run until SIGTERM or SIGINT. Ends with status 1 if HTTP could not be served.

    `compose` is called inside the event loop, because the database driver binds to the first loop that it
    sees.
    """
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument("--only", choices=["api", "worker"], help="run only this part")
    only = parser.parse_args().only
    if not asyncio.run(_serve(compose, {only} if only else {"api", "worker"}, port)):
        raise SystemExit(1)


async def _serve(compose: Callable[[], tuple[Service, Plan]], parts: set[str], port: int) -> bool:
    """Run the service. Returns whether it could serve HTTP."""
    service, plan = compose()
    settings = service.settings
    app = Process(service, plan, parts).app()
    server = uvicorn.Server(http_server.config(app, settings.host, port, connections=settings.connections))
    gc_tuning.tune()
    await server.serve()
    return server.started
