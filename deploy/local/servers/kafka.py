"""One real Apache Kafka broker (KRaft) as a child process, from the jars that the bootstrap downloaded."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.local.host.ports import HOST, free_port, is_open
from deploy.local.host.problem import StackProblem
from deploy.local.host.process import BackgroundProcess
from deploy.local.servers.kafka_security import CLIENTS, KafkaSecurity, argument_file
from deploy.local.texts import both
from deploy.rights.table import ADMIN
from shared.messaging.connection import KafkaConnection

T = TypeVar("T")

JARS = Path(__file__).parents[3] / ".run" / "jars"
CLUSTER_ID = "R2lhSGFuLWxvY2FsLWthZg"
STALLED_S = 300
_HEAP_MB = 512
_PARTING_S = 0.1
_JAVA = (
    "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
    "-Djava.awt.headless=true", "-Dlog4j2.level=WARN",
)  # fmt: skip
# One broker with many short-lived groups and topics: internal topics are small, and no group waits for a
# second member.
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "1000",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "log.index.size.max.bytes": "1048576",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


def java() -> str | None:
    """The path of Java, or None if there is none. JAVA_HOME wins over PATH."""
    home = os.environ.get("JAVA_HOME")
    at_home = Path(home, "bin", "java") if home else None
    return str(at_home) if at_home and at_home.exists() else shutil.which("java")


async def brokers(connection: KafkaConnection, timeout_ms: int) -> int:
    """The number of brokers that the answering broker knows; 0 if none answers."""
    client = AIOKafkaClient(**connection.client(), request_timeout_ms=timeout_ms)
    try:
        await client.bootstrap()
        return len(client.cluster.brokers())
    except (KafkaError, OSError):
        return 0
    finally:
        await client.close()


def run_once(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a new event loop. The loop stays a little longer, because TLS connections close late."""

    async def parting() -> T:
        done = await work
        await asyncio.sleep(_PARTING_S)
        return done

    return asyncio.run(parting())


def answers(connection: KafkaConnection, timeout_ms: int = 5000) -> bool:
    """Whether a broker answers there. Only for synchronous code: it runs its own event loop."""
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        return run_once(brokers(connection, timeout_ms)) > 0
    finally:
        log.setLevel(level)


class EmbeddedKafka:
    """A broker with data under `directory/NAME` and its log at `directory/logs/NAME.log`. A restart keeps the
    data.

    `settings` override our defaults; in a cluster they also name the other brokers.
    """

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        name: str = "kafka",
        settings: Mapping[str, str] | None = None,
        heap_mb: int = _HEAP_MB,
        security: KafkaSecurity | None = None,
    ) -> None:
        self.port = port
        self.bootstrap = f"{HOST}:{port}"
        self.process = BackgroundProcess(name, directory)
        self._home = directory / name
        self._settings = settings or {}
        self._heap_mb = heap_mb
        self._security = security
        self.connection = (
            security.connection(self.bootstrap, ADMIN) if security else KafkaConnection(self.bootstrap)
        )

    def start(self, *, tied: bool = False) -> None:
        """Start the broker and wait until it answers. Does nothing if it already runs.

        `tied`: it dies with this process (tests). Raises StackProblem.
        """
        if self.process.pid is not None and answers(self.connection):
            return
        self.launch(tied=tied)
        self.wait_ready()

    def launch(self, *, tied: bool = False) -> None:
        """Stop the broker if it runs and start it without waiting: in a cluster it answers only once enough
        brokers run."""
        self.process.stop()
        if is_open(self.port):
            raise StackProblem(
                *both("kafka.port_held", port=self.port),
            )
        settings = self.prepare()
        self.process.start(self._command("kafka.Kafka", str(settings)), {}, tied=tied)

    def prepare(self) -> Path:
        """Write the settings and format the data directory once. Returns the settings file."""
        settings = self._write_settings()
        self._format(settings)
        return settings

    def wait_ready(self) -> None:
        """Raises StackProblem if the broker dies, or logs nothing for STALLED_S without answering."""
        self.process.wait_until(self._ready, STALLED_S)

    def stop(self) -> bool:
        """Stop the broker if we started it, in this process or an earlier one. True if it was running."""
        return self.process.stop()

    def _ready(self) -> bool:
        return is_open(self.port) and answers(self.connection)

    def _write_settings(self) -> Path:
        controller = f"{HOST}:{free_port()}"
        alone = {
            "listeners": f"{self._clients},CONTROLLER://{controller}",
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self._home / "data"),
        }
        security = self._security.settings() if self._security else {}
        settings = _SETTINGS | security | alone | dict(self._settings)
        self._home.mkdir(parents=True, exist_ok=True)
        file = self._home / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return file

    @property
    def _clients(self) -> str:
        """The listeners: one for clients; with security also a separate one for other brokers."""
        if self._security is None:
            return f"PLAINTEXT://{self.bootstrap}"
        return f"{CLIENTS}://{self.bootstrap},INTERNAL://{HOST}:{free_port()}"

    def _format(self, settings: Path) -> None:
        """Format the log directory once. A directory that a killed start left half formatted is removed
        first."""
        done = self._home / "formatted"
        if done.exists():
            return
        shutil.rmtree(self._home / "data", ignore_errors=True)
        users = self._security.scram() if self._security else []
        executable, *arguments = self._command(
            "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(settings), *users
        )
        told = argument_file(self._home, arguments)
        try:
            result = subprocess.run([executable, f"@{told}"], capture_output=True, text=True, check=False)
        finally:
            told.unlink()
        if result.returncode:
            raise StackProblem(
                *both("kafka.not_formatted", home=self._home),
                (result.stdout + result.stderr)[-800:],
            )
        done.touch()

    def _command(self, main: str, *arguments: str) -> list[str]:
        executable = java()
        if executable is None or not any(JARS.glob("kafka_*.jar")):
            raise StackProblem(
                *both("kafka.missing"),
            )
        return [executable, f"-Xmx{self._heap_mb}m", *_JAVA, "-cp", f"{JARS}/*", main, *arguments]
