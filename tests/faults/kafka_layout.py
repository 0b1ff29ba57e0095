"""The ports and settings of the three brokers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.host.ports import HOST
from tests.faults.ports import block

NODES = 3
_SHARED = {
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "INTERNAL",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "unclean.leader.election.enable": "false",
    "controlled.shutdown.enable": "true",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """`clients`: where brokers listen to clients; `proxied`: what they advertise; `front`: the bootstrap
    address."""

    front: int
    controllers: list[int]
    internal: list[int]
    clients: list[int]
    proxied: list[int]

    @classmethod
    def anywhere(cls) -> Self:
        """A layout on ports that are free now."""
        front, *others = block(4 * NODES + 1)
        return cls(front, *(others[first::4] for first in range(4)))

    def settings(self, number: int, data: Path | None) -> dict[str, str]:
        """The settings of the broker with that number, from 0. `data`: its data folder,
        if not the default."""
        voters = ",".join(f"{n}@{HOST}:{port}" for n, port in enumerate(self.controllers, 1))
        inside = f"INTERNAL://{HOST}:{self.internal[number]}"
        client = f"CLIENT://{HOST}:{self.clients[number]}"
        settings = _SHARED | {
            "node.id": str(number + 1),
            "controller.quorum.voters": voters,
            "listeners": f"{client},{inside},CONTROLLER://{HOST}:{self.controllers[number]}",
            "advertised.listeners": f"CLIENT://{HOST}:{self.proxied[number]},{inside}",
        }
        return settings | ({"log.dirs": str(data)} if data else {})
