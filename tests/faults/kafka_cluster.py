"""Three Kafka brokers, each also a controller, each behind a proxy that it advertises to clients."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.host.background import BackgroundLoop
from deploy.local.host.conditions import until
from deploy.local.host.ports import HOST
from deploy.local.servers.kafka import STALLED_S, EmbeddedKafka, brokers
from shared.messaging.connection import KafkaConnection
from tests.faults.kafka_layout import NODES, Layout
from tests.faults.nodes import Nodes
from tests.faults.proxy import Proxy
from tests.faults.wire_protocols import Kafka

_HEAP_MB = 256
_ASK_MS = 3000
_WITHIN_S = 10
_HEALED_WITHIN_S = 90

Partition = tuple[str, int]


class KafkaCluster(Nodes[EmbeddedKafka]):
    """Brokers are numbered from 0. `bootstrap` leads to one that is awake. `data` may place a broker's data
    outside `directory`."""

    def __init__(self, directory: Path, loop: BackgroundLoop, data: dict[int, Path] | None = None) -> None:
        layout = Layout.anywhere()
        self._loop = loop
        self.bootstrap = f"{HOST}:{layout.front}"
        nodes = [
            EmbeddedKafka(
                directory,
                layout.clients[number],
                name=f"kafka-{number}",
                settings=layout.settings(number, (data or {}).get(number)),
                heap_mb=_HEAP_MB,
            )
            for number in range(NODES)
        ]
        ways = zip(layout.proxied, layout.clients, strict=True)
        super().__init__(nodes, [Proxy(Kafka(), port, target) for port, target in ways])
        self._entry = Proxy(Kafka(), layout.front, layout.clients[0])

    def launch(self) -> None:
        """Start the brokers without waiting."""
        for proxy in (*self.proxies, self._entry):
            self._loop.run(proxy.start(), _WITHIN_S)
        with ThreadPoolExecutor() as pool:
            list(pool.map(EmbeddedKafka.prepare, self.nodes))
        for node in self.nodes:
            node.launch(tied=True)

    def wait_ready(self) -> None:
        for node in self.nodes:
            node.wait_ready()
        until(lambda: self._known() == NODES, "ba máy Kafka", "three brokers", STALLED_S)

    def stop(self) -> None:
        self.end()
        for proxy in (*self.proxies, self._entry):
            self._loop.run(proxy.close(), _WITHIN_S)

    def kill(self, number: int) -> None:
        super().kill(number)
        self.avoid(number)

    def restart(self, number: int) -> None:
        self.nodes[number].process.kill()
        self.nodes[number].launch(tied=True)
        self.nodes[number].wait_ready()

    def freeze(self, number: int) -> None:
        super().freeze(number)
        self.avoid(number)

    def number_of(self, proxy: Proxy) -> int:
        return self.proxies.index(proxy)

    def leader(self, partition: Partition) -> int | None:
        """The leader's number; None if there is no leader or nobody answers."""
        found = self._described(partition[0]).get(partition[1])
        return found["leader"] - 1 if found and found["leader"] > 0 else None

    def moved_from(self, number: int, partition: Partition) -> None:
        """Wait until another broker leads the partition."""

        def another() -> bool:
            return self.leader(partition) not in (None, number)

        until(another, "máy khác dẫn đầu", "another leader", _HEALED_WITHIN_S)

    def heal(self, topics: list[str]) -> None:
        """Wait until every partition of `topics` has all its replicas in sync."""

        def whole(topic: str) -> bool:
            partitions = self._described(topic)
            return bool(partitions) and all(len(p["isr"]) == NODES for p in partitions.values())

        for topic in topics:
            until(lambda topic=topic: whole(topic), f"{topic} đủ bản sao", f"{topic} whole", _HEALED_WITHIN_S)  # type: ignore[misc]

    def avoid(self, number: int) -> None:
        """Send new clients to another broker that is awake, as a load balancer would."""
        there = [n for n in range(NODES) if n != number and n not in self._asleep]
        self._entry.target = self.nodes[there[0]].port

    def _known(self) -> int:
        return self._loop.run(brokers(KafkaConnection(self.bootstrap), _ASK_MS), _WITHIN_S)

    def _described(self, topic: str) -> dict[int, dict[str, Any]]:
        """The topic's partitions by number; none if nobody answers."""
        try:
            return self._loop.run(_describe(self.bootstrap, topic), _WITHIN_S)
        except (KafkaError, TimeoutError, OSError):
            return {}


async def _describe(bootstrap: str, topic: str) -> dict[int, dict[str, Any]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_ASK_MS)
    try:
        await admin.start()
        (described,) = await admin.describe_topics([topic])
        return {found["partition"]: found for found in described["partitions"]}
    finally:
        await admin.close()
