"""The services' processes on the cluster: normal ones, second ones, and faulty ones."""

import os
import signal
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx

from deploy.local.host.conditions import until
from deploy.local.host.ports import Ports
from deploy.local.host.process import BackgroundProcess
from deploy.local.stack.component import Component
from deploy.local.stack.fork_server import ForkServer
from shared.runtime.settings import Settings
from tests.faults import faulty_process

SERVICES = ("subscription", "notifier")
_SESSION_S, _SMTP_S = "6", "3"


class ServiceProcesses:
    """`env` is added to the environment made from the settings. `running`: processes by name. `ended`: how
    often a process ended without being asked to."""

    def __init__(self, directory: Path, settings: Settings, env: Mapping[str, str]) -> None:
        modules = [*(f"services.{name}.main" for name in SERVICES), faulty_process.MODULE]
        self.fork_server = ForkServer(modules, directory / "logs" / "fork_server.log")
        self.running: dict[str, Component] = {}
        self.ended: Counter[str] = Counter()
        self._killed: set[str] = set()
        self._directory = directory
        self._env = {**_environment(settings), **env}

    def start(self, *services: str) -> None:
        """Start normal processes and wait until they are ready. A service's first process has the service's
        name."""
        begun = [self._begin(service, service, f"services.{service}.main", {}) for service in services]
        for component in begun:
            component.wait_ready()

    def start_second(self, service: str) -> None:
        """Start another process of the same service."""
        self._begin(f"{service}-2", service, f"services.{service}.main", {}).wait_ready()

    def start_faulty(
        self, service: str, *, leads: bool = False, clock: timedelta = timedelta(0)
    ) -> Component:
        """Start a process that always leads or has a wrong clock; does not wait until it is ready."""
        env = faulty_process.environment(service, leads=leads, clock=clock)
        return self._begin(f"{service}-faulty", service, faulty_process.MODULE, env)

    def stop(self, name: str) -> None:
        """Stop as an operator would: the process shuts down properly."""
        self.running.pop(name).stop()

    def stop_all(self) -> None:
        for name in list(self.running):
            self.wake(name)
            self.stop(name)
        self.fork_server.close()

    def signal_kill(self, name: str) -> None:
        """Send SIGKILL, as a crash would. Works from any thread."""
        self._killed.add(name)
        self._signal(name, signal.SIGKILL)

    def freeze(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)

    def wake(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def await_detail(self, name: str, check: str, begins: str) -> None:
        """Wait until the process's health check reports this detail. Raises StackProblem."""

        def says() -> bool:
            try:
                answer = httpx.get(f"{self.running[name].url}/health/ready", trust_env=False).json()
            except (httpx.HTTPError, ValueError):
                return False
            return any(c["name"] == check and c["detail"].startswith(begins) for c in answer)

        until(says, f"{name}: {check} {begins}", f"{name}: {check} {begins}")

    def revive(self) -> None:
        """Restart processes that ended, as a supervisor does."""
        for name, component in self.running.items():
            if component.process.pid is None:
                if name not in self._killed:
                    self.ended[name] += 1
                self._killed.discard(name)
                component.start()

    def _begin(self, name: str, service: str, module: str, env: Mapping[str, str]) -> Component:
        ports = Ports.free()
        based = self._env | {"GIAHAN_PORT_BASE": str(ports.base)} | dict(env)
        process = BackgroundProcess(name, self._directory)
        component = Component(module, ports.named()[service], based, process, self.fork_server, tied=True)
        component.start()
        self.running[name] = component
        return component

    def _signal(self, name: str, which: signal.Signals) -> None:
        pid = self.running[name].process.pid
        if pid is not None:
            os.kill(pid, which)


def _environment(settings: Settings) -> dict[str, str]:
    told = settings.model_dump(
        mode="json", include={"environment", "kafka", "namespace", "replication", "jwks"}
    ) | {"mongo": settings.mongo.get_secret_value()}
    return {f"GIAHAN_{name.upper()}": str(value) for name, value in told.items()} | {
        "GIAHAN_SESSION_SECONDS": _SESSION_S,
        "GIAHAN_TICK_SECONDS": "0.2",
        "GIAHAN_RELAY_POLL_SECONDS": "0.2",
        "GIAHAN_IDLE_SECONDS": "1",
        "GIAHAN_SMTP_SECONDS": _SMTP_S,
        "GIAHAN_SMTP_RETRY_SECONDS": "1",
        "GIAHAN_SMTP_CONNECTIONS": "2",
        "PYTHONUNBUFFERED": "1",
    }
