"""Makes a Kafka cluster's users, topics and ACLs match the table of rights. Connects as the admin."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from deploy.rights.table import RIGHTS, USERS, Acl, acls, topics
from shared.messaging.broker import KafkaNames, ensure_topics
from shared.messaging.connection import MECHANISM, KafkaConnection

_SECONDS = 60
_LOOK_SECONDS = 0.1
_ITERATIONS = 8192
_KINDS = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional_id": ResourceType.TRANSACTIONAL_ID,
}
_OPERATIONS = {"read": AclOperation.READ, "write": AclOperation.WRITE}
ANYWHERE = "*"
ANY: Any = None
_PRINCIPALS = frozenset(f"User:{user}" for user in USERS)
_EVERY = AclBindingFilter(
    ResourceType.ANY, ANY, ResourcePatternType.ANY, ANY, ANY, AclOperation.ANY, AclPermissionType.ANY
)


class KafkaRights:
    """The rights of one namespace, whose names `names` gives. Everything outside the namespace stays
    unchanged."""

    def __init__(self, connection: KafkaConnection, names: KafkaNames) -> None:
        self._connection = connection
        self._names = names
        self.admin = AdminClient(_librdkafka(connection))

    async def apply(self, *, replication: int) -> None:
        """Create what is missing and remove what is too much. Repeating it changes nothing.

        If the process dies halfway, some services still lack rights until it runs again. Raises KafkaError,
        KafkaException or TimeoutError.
        """
        needed = topics(self._names)
        await ensure_topics(
            self._connection, needed.events, needed.dead, needed.compacted, replication=replication
        )
        await _until(self._agrees)

    def _agrees(self) -> bool:
        """Correct the ACLs once, and return whether they were already correct.

        A broker learns of a change a moment after the controller accepts it, so one call is not enough.
        """
        wanted, present = {_binding(acl) for acl in acls(self._names)}, self.present()
        if missing := list(wanted - present):
            _all_of(self.admin.create_acls(missing))
        if others := [_just(binding) for binding in present - wanted]:
            _all_of(self.admin.delete_acls(others))
        return present == wanted

    def present(self) -> set[AclBinding]:
        """The ACLs of our users on resources of our namespace, with any pattern type."""
        found = self.admin.describe_acls(_EVERY).result(_SECONDS)
        return {one for one in found if one.principal in _PRINCIPALS and self._owns(one.name)}

    def _owns(self, name: str) -> bool:
        """Whether the name belongs to our namespace: after the prefix it starts with a service's name, or has
        no dot (a group, or `*`)."""
        local = self._names.local(name)
        return local is not None and (local.partition(".")[0] in RIGHTS or "." not in local)

    async def add_users(self, passwords: Mapping[str, SecretStr]) -> list[str]:
        """Create the users that do not exist; existing users keep their passwords. Returns the users it
        created."""
        new = self._unknown(passwords)
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        secrets: list[UserScramCredentialAlteration] = [
            UserScramCredentialUpsertion(user, info, passwords[user].get_secret_value().encode())
            for user in new
        ]
        if secrets:
            _all_of(self.admin.alter_user_scram_credentials(secrets))
        await _until(lambda: not self._unknown(new))
        return new

    def _unknown(self, users: Iterable[str]) -> list[str]:
        """Those of `users` that have no SCRAM credentials yet."""
        asked = list(users)
        described: Any = self.admin.describe_user_scram_credentials(asked) if asked else {}
        return [user for user, found in described.items() if not _is_there(found)]


async def _until(holds: Callable[[], bool]) -> None:
    """Wait until `holds` is true: the controller knows a change first, the brokers learn it later. Raises
    TimeoutError."""
    async with asyncio.timeout(_SECONDS):
        while not holds():
            await asyncio.sleep(_LOOK_SECONDS)


def _binding(acl: Acl) -> AclBinding:
    return AclBinding(
        _KINDS[acl.kind],
        acl.name,
        ResourcePatternType.LITERAL,
        f"User:{acl.user}",
        ANYWHERE,
        _OPERATIONS[acl.operation],
        AclPermissionType.ALLOW,
    )


def _just(binding: AclBinding) -> AclBindingFilter:
    """A filter that matches exactly this binding."""
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _is_there(found: "Future[Any]") -> bool:
    try:
        found.result(_SECONDS)
    except KafkaException:
        return False
    return True


def _all_of(futures: Mapping[Any, "Future[Any]"]) -> None:
    for future in futures.values():
        future.result(_SECONDS)


def _librdkafka(connection: KafkaConnection) -> dict[str, Any]:
    """The same connection as settings of librdkafka."""
    settings: dict[str, Any] = {"bootstrap.servers": connection.servers, "log_level": 2}
    if connection.secured:
        settings |= {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": MECHANISM,
            "sasl.username": connection.user,
            "sasl.password": connection.password.get_secret_value(),
        }
        if connection.ca:
            settings["ssl.ca.location"] = connection.ca
    return settings
