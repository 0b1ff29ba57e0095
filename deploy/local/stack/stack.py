"""The whole system on one machine: Kafka, MongoDB, the stack's pages, the four services, the platform
simulator."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import cached_property
from pathlib import Path

from deploy import SERVICES as SERVICES
from deploy.local.host.ports import DEFAULT_BASE, Ports, is_open
from deploy.local.host.problem import StackProblem
from deploy.local.host.process import BackgroundProcess
from deploy.local.host.stall_timer import Tell
from deploy.local.servers import kafka, mongod
from deploy.local.servers.kafka import EmbeddedKafka
from deploy.local.servers.mongod import EmbeddedMongo
from deploy.local.servers.security import Security
from deploy.local.stack.component import ROOT, Component
from deploy.local.stack.environment import Environment
from deploy.local.stack.fork_server import ForkServer
from deploy.local.stack.parts import PLATFORM
from deploy.local.stack.supervisor import StackSupervisor
from deploy.local.texts import both

LEAST_DISK_MB = 500
_SECURE = "secure"
_CODE = {
    "pages": "deploy.local.web.server",
    **{name: f"services.{name}.main" for name in SERVICES},
    PLATFORM: "deploy.local.platform.platform",
}
"""The modules whose `main` the stack's own processes run."""


class Stack:
    """A stack with its state, logs and pid files under `directory`.

    `kafka` and `mongo` name servers to use instead of our own. `tied`: everything dies with this process
    (tests). `services`: which of them run, besides the pages and the simulator.
    """

    def __init__(
        self,
        directory: Path,
        ports: Ports,
        *,
        namespace: str = "",
        kafka: str | None = None,
        mongo: str | None = None,
        tied: bool = False,
        services: Sequence[str] = SERVICES,
        fork_server: ForkServer | None = None,
        security: Security | None = None,
    ) -> None:
        self.directory = directory
        self.ports = ports
        self._tied = tied
        self._security = security
        own_kafka = EmbeddedKafka(directory, ports.kafka, security=security.kafka if security else None)
        own_mongo = EmbeddedMongo(directory, ports.mongo, security=security.mongo if security else None)
        self.kafka = None if kafka else own_kafka
        self.mongo = None if mongo else own_mongo
        self.environment = Environment(
            directory, ports, kafka or own_kafka.bootstrap, mongo or own_mongo.address, namespace, security
        )
        self.parts = (*services, PLATFORM)
        self._names = services
        self._own_fork_server = ForkServer([*_CODE.values()], directory / "logs" / "fork_server.log")
        self.fork_server = fork_server or self._own_fork_server
        self._http_processes = {name: BackgroundProcess(name, directory) for name in ("pages", *self.parts)}
        self._supervisor = BackgroundProcess("keeper", directory)

    @classmethod
    def from_env(cls) -> "Stack":
        """This checkout's stack. Another GIAHAN_PORT_BASE gives another stack with its own state; so does
        GIAHAN_SECURE=1, the stack with users."""
        kafka, mongo = (os.environ.get(name) or None for name in ("GIAHAN_KAFKA", "GIAHAN_MONGO"))
        if not os.environ.get("GIAHAN_SECURE"):
            return cls(_directory(), Ports.from_env(), namespace=_namespace(), kafka=kafka, mongo=mongo)
        if kafka or mongo:
            raise StackProblem(
                *both("stack.secure"),
            )
        return cls._secured()

    @classmethod
    def _secured(cls) -> "Stack":
        security = Security.ensure(_directory() / _SECURE / "credentials")
        return cls(_directory() / _SECURE, Ports.from_env(), namespace=_namespace(), security=security)

    @classmethod
    def every(cls) -> list["Stack"]:
        """All stacks of this checkout that may have been started."""
        plain = cls(_directory(), Ports.from_env())
        return [plain, cls._secured()] if (_directory() / _SECURE).exists() else [plain]

    def apart(self, namespace: str, services: Sequence[str]) -> "Stack":
        """Another stack on the same servers, with its own pages and clock. It dies with this process."""
        environment = self.environment
        return Stack(
            self.directory / namespace,
            Ports.free(),
            namespace="-".join(filter(None, (environment.namespace, namespace))),
            kafka=environment.kafka,
            mongo=environment.mongo,
            tied=True,
            services=services,
            fork_server=self.fork_server,
            security=self._security,
        )

    @cached_property
    def pages(self) -> Component:
        return self._component("pages")

    @cached_property
    def services(self) -> dict[str, Component]:
        return {name: self._component(name) for name in self._names}

    @cached_property
    def platform(self) -> Component:
        return self._component(PLATFORM)

    def _component(self, name: str) -> Component:
        port, env = self.ports.named()[name], self.environment.of(name)
        return Component(_CODE[name], port, env, self._http_processes[name], self.fork_server, self._tied)

    @property
    def processes(self) -> list[BackgroundProcess]:
        """The processes that this stack starts, in the order of starting."""
        servers = [server.process for server in (self.kafka, self.mongo) if server]
        return [*servers, *self._http_processes.values()]

    @property
    def up(self) -> bool:
        return all(process.pid is not None for process in self.processes)

    def start(self, tell: Tell) -> None:
        """Start everything that does not run and wait until all of it is ready. Raises StackProblem.

        If it is interrupted or fails, it stops what this call had started.
        """
        with self._alone():
            running = {process.name for process in self.processes if process.pid is not None}
            try:
                self._check_room(running)
                if self._http_processes.keys() - running:
                    self.fork_server.load()
                self._start_servers(tell)
                self._give_rights(tell)
                self._start_components(tell)
                self._start_supervisor()
            except BaseException:
                self._stop([process for process in self.processes if process.name not in running])
                self._own_fork_server.close()
                raise

    def stop(self) -> list[str]:
        """Stop what this stack started, services first. Returns the names of the processes that ran."""
        with self._alone():
            self._supervisor.stop()
            stopped = self._stop(self.processes)
            self._own_fork_server.close()
            return stopped

    def keep(self, say: Callable[[str], None]) -> None:
        """Restart processes that die, until the stack is stopped."""
        StackSupervisor(self.processes, self._revive, say).run()

    def deaths(self) -> list[str]:
        """The supervisor's log since it started."""
        return self._supervisor.log_tail(100).splitlines()

    def _start_supervisor(self) -> None:
        """Not if the stack is tied to this process."""
        if not self._tied and self._supervisor.pid is None:
            self._supervisor.start([sys.executable, "-m", "deploy.local", "keep"], {})

    def _revive(self, process: BackgroundProcess) -> None:
        components = (self.pages, *self.services.values(), self.platform)
        with self._alone(waits=True):
            if process.pid is not None or not process.is_meant_to_run:
                return
            for part in (self.kafka, self.mongo, *components):
                if part and part.process is process:
                    part.start()
            self._own_fork_server.close()

    def _start_servers(self, tell: Tell) -> None:
        if self.kafka:
            with _timed(tell, "Kafka", self.kafka.bootstrap):
                self.kafka.start(tied=self._tied)
        elif not kafka.answers(self.environment.settings().connection):
            raise StackProblem(
                *both("kafka.no_answer", kafka=self.environment.kafka),
            )
        if self.mongo:
            with _timed(tell, "MongoDB", self.mongo.address):
                self.mongo.start(tied=self._tied)
        elif not mongod.has_primary(self.environment.settings().mongo.get_secret_value(), timeout_ms=5000):
            raise StackProblem(
                *both("mongo.no_answer"),
            )

    def _give_rights(self, tell: Tell) -> None:
        """Create users and rights before anybody signs in."""
        if self._security:
            with _timed(tell, "users, rights", "giahan-*"):
                self._security.apply(self.environment.settings())

    def _start_components(self, tell: Tell) -> None:
        """Start the pages first, because the services fetch the people's keys from them."""
        components = (self.pages, *self.services.values(), self.platform)
        for component in components:
            component.start()
        for component in components:
            with _timed(tell, component.process.name, component.url):
                component.wait_ready(tell)

    def _check_room(self, running: set[str]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(self.directory).free >> 20
        if free_mb < LEAST_DISK_MB:
            raise StackProblem(
                *both("stack.disk", free=free_mb, least=LEAST_DISK_MB),
            )
        for name, port in self.wanted_ports(running).items():
            if is_open(port):
                raise StackProblem(
                    *both("port.held", port=port, name=name),
                )

    def wanted_ports(self, running: set[str]) -> dict[str, int]:
        """The ports that processes which do not run yet will listen on."""
        needed = {process.name for process in self.processes} - running
        ports = {name: port for name, port in self.ports.named().items() if name in needed}
        return ports | ({"smtp": self.ports.smtp} if "pages" in needed else {})

    def _stop(self, processes: list[BackgroundProcess]) -> list[str]:
        """Stop all services together, then the servers they need. Returns the names of the processes that
        ran."""
        components = [process for process in processes if process in self._http_processes.values()]
        servers = [process for process in processes if process not in components]
        stopped: list[str] = []
        for group in (components, servers):
            with ThreadPoolExecutor() as pool:
                ran = pool.map(BackgroundProcess.stop, group)
                stopped += [process.name for process, did in zip(group, ran, strict=True) if did]
        return stopped

    @contextmanager
    def _alone(self, *, waits: bool = False) -> Iterator[None]:
        """Hold the stack's lock: one start or stop at a time.

        If another command holds it, wait for it if `waits`, else raise StackProblem.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "stack.lock").open("w") as lock:
            try:
                flock(lock, LOCK_EX if waits else LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise StackProblem(
                    *both("stack.locked"),
                ) from None
            yield


def _directory() -> Path:
    base = Ports.from_env().base
    return ROOT / ".run" if base == DEFAULT_BASE else ROOT / ".run" / f"base-{base}"


def _namespace() -> str:
    return os.environ.get("GIAHAN_NAMESPACE", "")


@contextmanager
def _timed(tell: Tell, what: str, where: str) -> Iterator[None]:
    tell(f"• {what:<13}{where:<48}")
    began = time.monotonic()
    yield
    tell(f"{time.monotonic() - began:5.1f} s\n")
