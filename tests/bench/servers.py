"""The real servers for the benchmarks, and rounds that alternate with the baseline."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from deploy.local.host.ports import free_port
from deploy.local.servers.kafka import EmbeddedKafka
from deploy.local.servers.mongod import EmbeddedMongo
from shared.ids import fresh
from shared.runtime.settings import LOCAL_AUDIENCE, LOCAL_ISSUER, Settings

Rate = Callable[[], Awaitable[float]]
"""One run; returns events per second."""


@contextmanager
def servers() -> Iterator[Settings]:
    """A Kafka and a MongoDB of their own on free ports. They are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="giahan-bench-") as folder:
        kafka = EmbeddedKafka(Path(folder), free_port())
        mongo = EmbeddedMongo(Path(folder), free_port())
        try:
            kafka.start(tied=True)
            mongo.start(tied=True)
            yield Settings(
                environment="local",
                kafka=kafka.bootstrap,
                mongo=mongo.uri,
                log_level="error",
                jwks="/nowhere",
                issuer=LOCAL_ISSUER,
                audience=LOCAL_AUDIENCE,
                writes_a_minute=1_000_000,
                desk_writes_a_minute=1_000_000,
            )
        finally:
            kafka.stop()
            mongo.stop()


def with_own_namespace(settings: Settings) -> Settings:
    """The same servers under a new namespace."""
    return settings.model_copy(update={"namespace": f"b{fresh().hex[:8]}"})


async def alternate(name: str, rounds: int, *runs: Rate) -> list[float]:
    """Run each in turn, `rounds` times, so that other load on the machine affects all alike.

    Returns the median rate of each.
    """
    rates: list[list[float]] = [[] for _ in runs]
    for round in range(1, rounds + 1):
        for run, taken in zip(runs, rates, strict=True):
            taken.append(await run())
        print(f"  {name} {round}/{rounds}: " + " ".join(f"{taken[-1]:,.0f}/s" for taken in rates), flush=True)
    return [median(taken) for taken in rates]


class Meter:
    """Measures the rate of effects from number `warming` to number `total`, after the warm-up."""

    def __init__(self, warming: int, total: int) -> None:
        self._warming, self._total = warming, total
        self._done = 0
        self._began = self._ended = 0.0
        self.finished = asyncio.Event()

    def effect(self) -> None:
        self._done += 1
        if self._done == self._warming:
            self._began = time.perf_counter()
        if self._done == self._total:
            self._ended = time.perf_counter()
            self.finished.set()

    @property
    def rate(self) -> float:
        return (self._total - self._warming) / (self._ended - self._began)
