"""The same expiry job by Celery with Redis, and by APScheduler with MongoDB (tests/bench/peers)."""

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.host.ports import HOST, free_port, is_open
from deploy.local.host.process import BackgroundProcess
from deploy.local.stack.component import ROOT
from shared.runtime.settings import Settings
from shared.storage.mongo import Document
from tests.bench.lifecycle.race import Race
from tests.bench.peers.environment import installed, redis_server
from tests.bench.result import Result, compare
from tests.bench.scale import scale
from tests.bench.servers import alternate

_ROUNDS = 2
_START_WITHIN_S = 30
_WORKER = ("-m", "celery", "-A", "tests.bench.peers.celery_app", "worker", "--loglevel=warning")


async def run(settings: Settings) -> list[Result]:
    chosen = scale()
    race = await Race.of(settings, chosen.due)
    python = str(installed())
    with tempfile.TemporaryDirectory(prefix="giahan-peers-") as folder, _servers(python, race, folder) as env:
        celery = Peer([python, "-m", "tests.bench.peers.celery_run"], env, race)
        apscheduler = Peer([python, "-m", "tests.bench.peers.apscheduler_run"], env, race)
        ours, *theirs = await alternate("expiry", _ROUNDS, race.ours, celery.run, apscheduler.run)
    return [
        compare(f"expiry_{name}", ours, rate, at_least=10, unit="transitions/s", note=peer.versions)
        for name, rate, peer in zip(("celery", "apscheduler"), theirs, (celery, apscheduler), strict=True)
    ]


class Peer:
    """A program that does the job once and reports how long it took (tests/bench/peers/timed.py)."""

    def __init__(self, command: list[str], env: Mapping[str, str], race: Race) -> None:
        self._command, self._env, self._race = command, env, race
        self.versions = ""

    async def run(self) -> float:
        return await self._race.again(self._timed, _essence)

    async def _timed(self) -> float:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            self._race.now.isoformat(),
            cwd=ROOT,
            env={**os.environ, **self._env},
            stdout=asyncio.subprocess.PIPE,
        )
        answer, _ = await process.communicate()
        assert process.returncode == 0, f"{self._command[-1]} ended with {process.returncode}"
        told = json.loads(answer)
        self.versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
        return float(told["seconds"])


@contextmanager
def _servers(python: str, race: Race, folder: str) -> Iterator[dict[str, str]]:
    """Redis and a Celery worker with one process for each core. Yields the peers' environment."""
    port = free_port()
    env = {
        "PEER_REDIS": f"redis://{HOST}:{port}/0",
        "PEER_MONGO": race.life.service.settings.mongo.get_secret_value(),
        "PEER_DATABASE": race.life.service.database.name,
        "PEER_COLLECTION": race.life.kept.name,
    }
    redis, worker = BackgroundProcess("redis", Path(folder)), BackgroundProcess("celery", Path(folder))
    try:
        redis.start([str(redis_server()), "--port", str(port), "--bind", HOST, "--save", ""], {}, tied=True)
        redis.wait_until(lambda: is_open(port), _START_WITHIN_S)
        worker.start([python, *_WORKER], env, tied=True)
        yield env
    finally:
        worker.stop()
        redis.stop()


def _essence(document: Document) -> object:
    """Everything except what differs in each run: times of recording, correlation ids,
    and hashes over them."""
    state = {name: value for name, value in document.items() if name not in {"outbox", "trail", "audit"}}
    events = [(entry["id"], entry["key"], len(entry["body"])) for entry in document["outbox"]]
    return state, events, [sorted(entry["after"]) for entry in document.get("trail", [])]
