"""What each user may do in each database of a secured MongoDB: everything in its own
databases, and no more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.host.ports import HOST, free_port
from deploy.local.servers.mongo_security import MongoSecurity
from deploy.local.servers.mongod import EmbeddedMongo
from deploy.local.servers.tls import ensure_credentials
from deploy.rights.mongo import MongoRights
from deploy.rights.table import DATABASE_USERS, PUBLISHERS, user_of
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.documents import MongoDocuments
from shared.time.clock import SystemClock

Client = MongoClient[dict[str, Any]]
Act = Callable[[Any], object]

SETTINGS = Settings(environment="local")
OWNERS = {
    SETTINGS.database(name): service
    for service, rights in PUBLISHERS.items()
    for name in (service, *rights.databases)
}
_ACTS: dict[str, Act] = {
    "find": lambda kept: kept.find_one({}),
    "insert": lambda kept: kept.insert_one({}),
    "update": lambda kept: kept.update_one({}, {"$set": {"n": 1}}),
    "remove": lambda kept: kept.delete_one({"_id": "nobody's"}),
}


@dataclass(frozen=True)
class Database:
    folder: Path
    server: EmbeddedMongo
    security: MongoSecurity
    admin: Client

    def as_user(self, user: str) -> Client:
        return MongoClient(self.security.uri(self.server.address, user), serverSelectionTimeoutMS=5000)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("secured-mongo")
    security = MongoSecurity(ensure_credentials(folder / "credentials", (HOST,)))
    server = EmbeddedMongo(folder, free_port(), security=security)
    server.start(tied=True)
    with Client(server.uri) as admin:
        assert MongoRights(admin, SETTINGS).apply(security.passwords()) == list(DATABASE_USERS)
        yield Database(folder, server, security, admin)
    server.stop()


@pytest.fixture(scope="module")
def clients(database: Database) -> Iterator[dict[str, Client]]:
    clients = {user: database.as_user(user) for user in DATABASE_USERS}
    yield clients
    for client in clients.values():
        client.close()


def _may(act: Act, kept: Any) -> bool:
    try:
        act(kept)
    except OperationFailure as error:
        if error.code != 13:
            raise
        return False
    return True


@pytest.mark.parametrize("name", OWNERS)
@pytest.mark.parametrize("user", DATABASE_USERS)
def test_user_and_database(clients: dict[str, Client], user: str, name: str) -> None:
    for act in _ACTS.values():
        assert _may(act, clients[user][name]["things"]) is (user_of(OWNERS[name]) == user)


@pytest.mark.parametrize("service", PUBLISHERS)
def test_documents_are_kept_and_read_and_never_changed(clients: dict[str, Client], service: str) -> None:
    kept = clients[user_of(service)][SETTINGS.database("documents")]
    reads, keeps = PUBLISHERS[service].documents != "none", PUBLISHERS[service].documents == "keep"
    forgets = PUBLISHERS[service].forgets
    for collection, goes in (("documents", forgets), ("provenance", False)):
        allowed = {name: _may(act, kept[collection]) for name, act in _ACTS.items()}
        assert allowed == {"find": reads, "insert": keeps, "update": False, "remove": goes}
    assert not _may(_ACTS["update"], kept["fs.chunks"])
    assert not _may(lambda files: files.drop(), kept["fs.files"])
    assert not _may(_ACTS["find"], kept["another"])


@pytest.mark.parametrize("user", DATABASE_USERS)
def test_the_stacks_clock_is_read_and_not_moved(clients: dict[str, Client], user: str) -> None:
    stack = clients[user][SETTINGS.database("stack")]
    allowed = {name: _may(act, stack["clock"]) for name, act in _ACTS.items()}
    assert allowed == {"find": True, "insert": False, "update": False, "remove": False}


@pytest.mark.parametrize("user", DATABASE_USERS)
def test_nobody_gives_rights(clients: dict[str, Client], user: str) -> None:
    admin = clients[user]["admin"]
    assert not _may(lambda to: to.command("grantRolesToUser", user, roles=["root"]), admin)
    assert not _may(lambda to: to.command("createUser", "x", pwd="y", roles=[]), admin)


def test_production_knows_no_clock_of_a_stack(database: Database) -> None:
    production = Settings(environment="production", namespace="real")
    MongoRights(database.admin, production).apply(database.security.passwords())
    (role,) = database.admin["admin"].command("rolesInfo", "real_giahan_renewal", showPrivileges=True)[
        "roles"
    ]
    assert "real_giahan_stack" not in str(role["privileges"])
    with database.as_user("giahan-renewal") as client:  # of both namespaces
        assert _may(_ACTS["insert"], client["real_giahan_renewal"]["things"])
        assert _may(_ACTS["insert"], client["giahan_renewal"]["things"])
        assert not _may(_ACTS["find"], client["real_giahan_signing"]["things"])


@pytest.mark.parametrize(
    "user_and_password",
    ["giahan-renewal:wrong@", "giahan-stranger:wrong@", ""],
    ids=["wrong", "stranger", "none"],
)
def test_nobody_else_is_let_in(database: Database, user_and_password: str) -> None:
    uri = (
        database.server.address.replace("//", f"//{user_and_password}")
        + f"&tls=true&tlsCAFile={database.security.credentials.ca}"
    )
    with Client(uri, serverSelectionTimeoutMS=5000) as client, pytest.raises(OperationFailure):
        client["giahan_renewal"]["things"].find_one({})


def test_nothing_is_said_in_the_clear(database: Database) -> None:
    with Client(database.server.address, serverSelectionTimeoutMS=500) as client, pytest.raises(PyMongoError):
        client.admin.command("ping")


async def test_documents_work_for_their_users(database: Database) -> None:
    """Including the first document, for which the driver checks the indexes."""
    for user in ("giahan-renewal", "giahan-signing"):
        client = mongo.connect(database.security.uri(database.server.address, user))
        documents = MongoDocuments(client[SETTINGS.database("documents")], SystemClock())
        ref = await documents.put(user.encode(), media_type="text/plain", name="a.txt")
        assert await documents.get(ref.sha256) == user.encode()
        assert await documents.collect() == 0
        client.close()


async def test_a_denial_is_told_by_database_and_collection(database: Database) -> None:
    client = mongo.connect(database.security.uri(database.server.address, "giahan-renewal"))
    with pytest.raises(OperationFailure) as denied:
        await client["giahan_signing"]["forms"].find_one({"name": "UBND xã Tân An"})
    client.close()
    assert mongo.is_transient(denied.value)
    assert mongo.denied_resource(denied.value) == "database giahan_signing: find forms"


def test_passwords_are_in_no_log_and_on_no_command_line(database: Database) -> None:
    pid = database.server.process.pid
    told = Path(f"/proc/{pid}/cmdline").read_text() + database.server.process.log.read_text(errors="replace")
    for password in (
        *database.security.passwords().values(),
        SecretStr(database.security.credentials.keyfile.read_text()),
    ):
        assert password.get_secret_value() not in told
