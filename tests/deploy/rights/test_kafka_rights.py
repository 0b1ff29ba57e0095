"""What each user may do with each topic, group and transactional id on a secured broker, and what nobody may.

The table that generates the ACLs is also the test's input: every user with every name, allowed or not.
"""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from deploy.deadletters.topic import letters
from deploy.local.host.ports import HOST
from deploy.rights.kafka import KafkaRights
from deploy.rights.table import ADMIN, RIGHTS, USERS, acls, topics, user_of
from shared.messaging import broker
from shared.messaging.broker import KafkaNames
from shared.messaging.connection import KafkaConnection
from shared.messaging.dead_letters.dead_letter import DeadLetters
from tests.deploy.rights.secured import Secured, UserClient

NAMES = KafkaNames("")
USER = "User:giahan-notifier"
TABLE = acls(NAMES)
TOPICS = [topic for kept in topics(NAMES) for topic in kept]


@pytest.fixture(scope="module")
async def clients(secured: Secured) -> AsyncIterator[dict[str, UserClient]]:
    """Each user's clients. Every partition that is read has a record."""
    admin = await UserClient.connect(secured.as_user(ADMIN))
    for topic in TOPICS:
        assert await admin.may("write", topic)
    clients = {user: await UserClient.connect(secured.as_user(user)) for user in USERS}
    yield clients
    for client in (admin, *clients.values()):
        await client.leave()


@pytest.mark.parametrize("operation", ["read", "write"])
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("user", USERS)
async def test_user_and_topic(clients: dict[str, UserClient], user: str, topic: str, operation: str) -> None:
    allowed = any(acl[:4] == (user, "topic", topic, operation) for acl in TABLE)
    assert await clients[user].may(operation, topic) is allowed  # type: ignore[arg-type]


@pytest.mark.parametrize("service", RIGHTS)
@pytest.mark.parametrize("user", USERS)
async def test_user_and_group_and_relay(clients: dict[str, UserClient], user: str, service: str) -> None:
    own = user == user_of(service)
    assert await clients[user].may_join(NAMES.group(service)) is own
    assert await clients[user].may_relay(NAMES.transactional_id(service)) is (
        own and RIGHTS[service].publishes
    )


def test_table_lets_nobody_publish_for_another() -> None:
    """Whoever can write to a service's topics is believed to be that service."""
    for acl in TABLE:
        if acl.operation == "write":
            assert user_of(acl.name.partition(".")[0]) == acl.user, acl


def test_adapter_of_invoices_only_reads() -> None:
    """Guards against: a system of another vendor, or a token that was stolen there, publishes events."""
    rights = {acl[1:] for acl in TABLE if acl.user == "giahan-einvoice"}
    assert rights == {("topic", "renewal.events", "read"), ("group", "einvoice", "read")}
    assert "einvoice" not in {topic.partition(".")[0] for topic in TOPICS}


@pytest.mark.parametrize("user", USERS)
async def test_only_the_admin_makes_topics(secured: Secured, user: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await broker.ensure_topics(secured.as_user(user), ["new.events"], [], [], replication=1)


@pytest.mark.parametrize("user", USERS)
async def test_topics_stay_as_the_admin_made_them(secured: Secured, user: str) -> None:
    admin = AIOKafkaAdminClient(**secured.as_user(user).client())
    await admin.start()
    try:
        answer = await admin.delete_topics(["renewal.events"])
    finally:
        await admin.close()
    ((_, code, *_),) = answer.topic_error_codes
    assert code == TopicAuthorizationFailedError.errno


@pytest.mark.parametrize("server", ["", "secured"])
async def test_nobody_without_a_name_is_let_in(secured: Secured, server: str) -> None:
    """Neither without TLS and sign-in, nor with TLS alone."""
    connection = KafkaConnection(secured.broker.bootstrap)
    arguments = connection.client()
    if server:
        arguments |= {
            "security_protocol": "SSL",
            "ssl_context": ssl.create_default_context(cafile=str(secured.security.credentials.ca)),
        }
    consumer = AIOKafkaConsumer(**arguments, request_timeout_ms=3000)
    with pytest.raises(KafkaError):
        await consumer.start()
    await consumer.stop()


async def test_a_wrong_password_and_a_stranger_are_refused(secured: Secured) -> None:
    known = secured.as_user("giahan-renewal")
    wrong = KafkaConnection(known.servers, known.user, SecretStr("wrong"), known.ca)
    stranger = KafkaConnection(known.servers, "giahan-stranger", known.password, known.ca)
    for connection in (wrong, stranger):
        with pytest.raises(KafkaConnectionError):
            await broker.ensure_topics(connection, [], [], [], replication=1)


def _listeners(secured: Secured) -> dict[str, int]:
    lines = (secured.folder / "kafka" / "server.properties").read_text().splitlines()
    (listeners,) = (line.partition("=")[2] for line in lines if line.startswith("listeners="))
    return {
        name: int(where.rpartition(":")[2])
        for name, _, where in (one.partition("://") for one in listeners.split(","))
    }


@pytest.mark.parametrize("listener", ["CONTROLLER", "INTERNAL"])
def test_controller_and_fellow_brokers_want_a_certificate(secured: Secured, listener: str) -> None:
    trusting = ssl.create_default_context(cafile=str(secured.security.credentials.ca))
    with (
        socket.create_connection((HOST, _listeners(secured)[listener]), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname=HOST) as talking,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        talking.recv(1)


def test_no_password_is_in_a_file_of_settings_or_a_log(secured: Secured) -> None:
    files = [
        file
        for file in secured.folder.rglob("*")
        if file.is_file() and file.suffix in (".properties", ".log", ".args")
    ]
    assert files
    for password in secured.security.passwords().values():
        for file in files:
            assert password.get_secret_value() not in file.read_text(errors="replace"), file
    private = [
        secured.folder / "credentials" / name for name in ("passwords.json", "giahan-kafka.pem", "keyfile")
    ]
    assert all(file.stat().st_mode & 0o077 == 0 for file in private)


TOO_MUCH = [
    AclBinding(kind, name, pattern, "User:giahan-notifier", "*", AclOperation.ALL, AclPermissionType.ALLOW)
    for kind, name, pattern in (
        (ResourceType.TOPIC, "*", ResourcePatternType.LITERAL),
        (ResourceType.TOPIC, "signing", ResourcePatternType.PREFIXED),
        (ResourceType.GROUP, "renewal", ResourcePatternType.LITERAL),
    )
]


async def test_applying_again_takes_away_what_is_too_much(secured: Secured) -> None:
    await secured.grant(TOO_MUCH)
    await secured.rights.apply(replication=1)
    assert len(secured.rights.present()) == len(TABLE)


class BehindRights(KafkaRights):
    """Its broker answers once with old state."""

    def __init__(self, secured: Secured, before: set[AclBinding]) -> None:
        super().__init__(secured.broker.connection, NAMES)
        self._before = [before]

    def present(self) -> set[AclBinding]:
        return self._before.pop() if self._before else super().present()


async def test_what_the_broker_tells_of_later_is_taken_away_as_well(secured: Secured) -> None:
    await secured.grant(TOO_MUCH)
    await BehindRights(secured, before=set()).apply(replication=1)
    assert len(secured.rights.present()) == len(TABLE)


async def test_another_namespace_is_left_alone(secured: Secured) -> None:
    beside = KafkaRights(secured.broker.connection, KafkaNames("beside"))
    await beside.apply(replication=1)
    await secured.rights.apply(replication=1)
    assert len(beside.present()) == len(TABLE) == len(secured.rights.present())


async def test_dead_letters_are_read_by_their_service_alone(secured: Secured) -> None:
    """As `deploy.deadletters` reads them: it signs in as the service."""
    connection = secured.as_user("giahan-renewal")
    assert [letter async for letter in letters(connection, NAMES.dead("renewal"))] == []
    assert [letter async for letter in letters(connection, NAMES.dead("signing"))] == []
    async with broker.dead_letter_producer(connection) as producer:
        record = ConsumerRecord("renewal.events", 0, 0, 0, 0, b"key", b"{}", None, 3, 2, ())
        await DeadLetters(lambda: nullcontext(producer), NAMES.dead("renewal")).put(record, "tried")
    (letter,) = [letter async for letter in letters(connection, NAMES.dead("renewal"))]
    assert letter.reason == "tried"


async def test_a_user_who_came_later_is_added_and_keeps_the_password(secured: Secured) -> None:
    late = {"giahan-late": SecretStr("first"), "giahan-renewal": SecretStr("another")}
    assert await secured.rights.add_users(late) == ["giahan-late"]
    assert await secured.rights.add_users({"giahan-late": SecretStr("second")}) == []
    known = KafkaConnection(
        secured.broker.bootstrap, "giahan-late", SecretStr("first"), secured.broker.connection.ca
    )
    for connection in (known, secured.as_user("giahan-renewal")):
        client = AIOKafkaClient(**connection.client())
        await client.bootstrap()
        await client.close()
