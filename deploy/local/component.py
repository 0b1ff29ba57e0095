"""A part of the stack that speaks HTTP: a service, the platform's simulator, or the stack's own pages."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx

from deploy.local.nursery import Nursery
from deploy.local.ports import HOST
from deploy.local.process import Process

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 90


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
    return httpx.Client(timeout=5, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass(frozen=True, slots=True)
class Component:
    """`main` of `module`, ready when its /health/ready says so. `env` is added to our own."""

    module: str
    port: int
    env: Mapping[str, str]
    process: Process
    nursery: Nursery
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
        self.process.begin(lambda log: self.nursery.fork(self.module, self.env, log, tied=self.tied), mark)

    def wait_ready(self) -> None:
        """Raises Problem when it dies or takes too long."""
        self.process.wait_until(self.ready, READY_WITHIN_S)

    def ready(self) -> bool:
        try:
            return _http().get(f"{self.url}/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """As a crash would: SIGKILL."""
        self.process.kill()

    def stop(self) -> bool:
        return self.process.stop()
