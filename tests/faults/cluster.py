"""Three brokers and three mongod as child processes on this machine, and an event loop for clients."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.host.background import BackgroundLoop
from tests.faults.kafka_cluster import KafkaCluster
from tests.faults.mongo_cluster import MongoCluster

SMALL = 2
"""The broker with the small disk."""
_SMALL_MB = 192


@dataclass(frozen=True, slots=True)
class Cluster:
    """The running servers. `small` is the small disk's folder; None if it cannot be mounted, which needs
    root."""

    kafka: KafkaCluster
    mongo: MongoCluster
    loop: BackgroundLoop
    small: Path | None


@contextmanager
def start_cluster(directory: Path) -> Iterator[Cluster]:
    """Start the cluster and wait until all members are in sync. Afterwards it is removed with its data."""
    with BackgroundLoop() as loop, ExitStack() as ending:
        small = ending.enter_context(_small_disk(directory / "small"))
        kafka = KafkaCluster(directory, loop, {SMALL: small / "data"} if small else {})
        mongo = MongoCluster(directory, loop)
        ending.callback(kafka.stop)
        ending.callback(mongo.stop)
        kafka.launch()
        mongo.start()
        kafka.wait_ready()
        yield Cluster(kafka, mongo, loop, small)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    folder.mkdir(parents=True)
    mounted = os.getuid() == 0 and _ran("mount", "-t", "tmpfs", "-o", f"size={_SMALL_MB}m", "tmpfs", folder)
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            _ran("umount", folder)
        shutil.rmtree(folder, ignore_errors=True)


def _ran(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
