"""A part of the stack that speaks HTTP: a service, the platform's simulator, or the stack's own pages."""

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

ROOT = Path(__file__).parents[3]


def _fingerprint(env: Mapping[str, str]) -> str:
    """Changes whenever the settings do, or a file of the code."""
    digest = hashlib.sha256(repr(sorted(env.items())).encode())
    for part in ("shared", "services", "deploy/local"):
        for file in sorted((ROOT / part).rglob("*.*")):
            if file.suffix != ".pyc":
                digest.update(f"{file} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


@cache
def _http() -> httpx.Client:
    """One for all: making a client reads the machine's certificates, which takes longer than the request."""
    return httpx.Client(timeout=15, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass(frozen=True, slots=True)
class Component:
    """`main` of `module`, ready when its /health/ready says so. `env` is added to our own."""

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
        """Start it, without waiting; one that runs with the same settings and code is left alone."""
        mark = _fingerprint(self.env)
        if self.process.pid is not None:
            if self.process.mark == mark:
                return
            self.process.stop()
        self.process.begin(
            lambda log: self.fork_server.fork(self.module, self.env, log, tied=self.tied), mark
        )

    def wait_ready(self, tell: Tell = discard) -> None:
        """Raises Problem when it dies, or when what it lacks stays the same for long."""
        lacks: list[str] | None = None

        def ready() -> bool:
            nonlocal lacks
            lacks = self.lacks()
            return lacks == []

        self.process.wait_until(
            ready,
            STALLED_S,
            progress=lambda: self.process.activity if lacks is None else lacks,
            waits_for=lambda: "chương trình / its start" if lacks is None else "; ".join(lacks),
            tell=tell,
        )

    def lacks(self) -> list[str] | None:
        """What it says that it lacks to be ready; None while it doesn't answer."""
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
        """As a crash would: SIGKILL."""
        self.process.kill()

    def stop(self) -> bool:
        return self.process.stop()
