"""A part of the stack that serves HTTP: a service, the platform simulator, or the stack's own pages."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx

from deploy.local.host.ports import HOST
from deploy.local.host.process import BackgroundProcess
from deploy.local.host.stall_timer import STALLED_S, Tell, discard
from deploy.local.stack.fork_server import ForkServer
from deploy.local.texts import line

ROOT = Path(__file__).parents[3]


def _fingerprint(env: Mapping[str, str]) -> str:
    """A hash that changes whenever the settings or a file of the code changes."""
    digest = hashlib.sha256(repr(sorted(env.items())).encode())
    for part in ("shared", "services", "deploy/local"):
        for file in sorted((ROOT / part).rglob("*.*")):
            if file.suffix != ".pyc":
                digest.update(f"{file} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


@cache
def _http() -> httpx.Client:
    """One client for all: creating a client reads the machine's certificates, which takes longer than the
    request."""
    return httpx.Client(timeout=15, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass(frozen=True, slots=True)
class Component:
    """A process that runs `main` of `module`; it is ready when its /health/ready says so. `env` is added to
    our own environment."""

    module: str
    port: int
    env: Mapping[str, str]
    process: BackgroundProcess
    fork_server: ForkServer
    tied: bool

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it without waiting. If it already runs with the same settings and code, nothing happens."""
        mark = _fingerprint(self.env)
        if self.process.pid is not None:
            if self.process.mark == mark:
                return
            self.process.stop()
        self.process.begin(
            lambda log: self.fork_server.fork(self.module, self.env, log, tied=self.tied), mark
        )

    def wait_ready(self, tell: Tell = discard) -> None:
        """Raises StackProblem if it dies, or if the checks that it fails stay the same for too long."""
        lacks: list[str] | None = None

        def ready() -> bool:
            nonlocal lacks
            lacks = self.lacks()
            return lacks == []

        self.process.wait_until(
            ready,
            STALLED_S,
            progress=lambda: self.process.activity if lacks is None else lacks,
            waits_for=lambda: line("open.start") if lacks is None else "; ".join(lacks),
            tell=tell,
        )

    def lacks(self) -> list[str] | None:
        """The failed checks that its /health/ready reports; None if it does not answer."""
        try:
            answer = _http().get(f"{self.url}/health/ready")
            if answer.status_code == 200:
                return []
            return [f"{check['name']}: {check['detail']}" for check in answer.json() if not check["ok"]]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None

    def ready(self) -> bool:
        return self.lacks() == []

    def kill(self) -> None:
        """Send SIGKILL, as a crash would."""
        self.process.kill()

    def stop(self) -> bool:
        return self.process.stop()
