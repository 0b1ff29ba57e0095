"""Three mongod of one replica set, each behind a proxy through which clients and other members reach it."""

from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, PyMongoError

from deploy.local.host.background import BackgroundLoop
from deploy.local.host.conditions import until
from deploy.local.host.ports import HOST
from deploy.local.servers.mongod import REPLICA_SET, EmbeddedMongo, initiate
from tests.faults.nodes import Nodes
from tests.faults.ports import block
from tests.faults.proxy import Proxy
from tests.faults.wire_protocols import Mongo

NODES = 3
_CACHE_GB = 0.25
_ASK_MS = 1000
_WITHIN_S = 10
_ELECTED_WITHIN_S = 60
_STEPS_DOWN_FOR_S = 10
_ELECTIONS = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}

Answer = dict[str, Any]


class MongoCluster(Nodes[EmbeddedMongo]):
    """Members are numbered from 0."""

    def __init__(self, directory: Path, loop: BackgroundLoop) -> None:
        ports = block(2 * NODES)
        self._loop = loop
        nodes = [
            EmbeddedMongo(directory, port, test_commands=True, name=f"mongo-{number}", cache_gb=_CACHE_GB)
            for number, port in enumerate(ports[:NODES])
        ]
        ways = zip(ports[NODES:], ports[:NODES], strict=True)
        super().__init__(nodes, [Proxy(Mongo(), port, target) for port, target in ways])
        self._hosts = [f"{HOST}:{proxy.port}" for proxy in self.proxies]
        self.uri = f"mongodb://{','.join(self._hosts)}/?replicaSet={REPLICA_SET}"

    def start(self) -> None:
        for proxy in self.proxies:
            self._loop.run(proxy.start(), _WITHIN_S)
        for node in self.nodes:
            node.launch(tied=True)
        initiate(self.nodes[0].port, self._hosts, _ELECTIONS)
        self.await_primary()
        self.heal()

    def stop(self) -> None:
        self.end()
        for proxy in self.proxies:
            self._loop.run(proxy.close(), _WITHIN_S)

    def restart(self, number: int) -> None:
        self.nodes[number].launch(tied=True)

    def step_down(self, number: int) -> None:
        """The member steps down and cannot be elected for a while."""
        try:
            self.ask(number, {"replSetStepDown": _STEPS_DOWN_FOR_S, "secondaryCatchUpPeriodSecs": 5})
        except AutoReconnect:
            """A member that steps down closes the connection."""

    def primary(self, *, but: int | None = None) -> int | None:
        """The number of the member that says it is primary, if any. `but`: ignore that member."""
        for number in range(NODES):
            if number == but or number in self._asleep or self.nodes[number].process.pid is None:
                continue
            try:
                if self.ask(number, {"hello": 1})["isWritablePrimary"]:
                    return number
            except PyMongoError:
                continue
        return None

    def await_primary(self, *, but: int | None = None) -> int:
        def elected() -> list[int] | None:
            found = self.primary(but=but)
            return None if found is None else [found]

        return until(elected, "MongoDB có primary", "a primary", _ELECTED_WITHIN_S)[0]

    def heal(self) -> None:
        """Wait until all members follow one primary."""

        def whole() -> bool:
            primary = self.primary()
            if primary is None:
                return False
            states = [m["state"] for m in self.ask(primary, {"replSetGetStatus": 1})["members"]]
            return sorted(states) == [1, 2, 2]

        until(whole, "MongoDB đủ ba máy", "all members follow", _ELECTED_WITHIN_S)

    def ask(self, number: int, command: Answer) -> Answer:
        """Send a command to this member directly, not through the proxy."""
        client: MongoClient[Answer] = MongoClient(
            HOST, self.nodes[number].port, directConnection=True, serverSelectionTimeoutMS=_ASK_MS,
            socketTimeoutMS=10 * _ASK_MS, connectTimeoutMS=_ASK_MS,
        )  # fmt: skip
        with client:
            return client.admin.command(command)
