"""A secured broker, and the operations that each of its users is allowed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from deploy.local.servers.kafka import EmbeddedKafka
from deploy.local.servers.kafka_security import KafkaSecurity
from deploy.rights.kafka import ANY, KafkaRights
from shared.messaging.connection import KafkaConnection
from tests.support.service_process import until


@dataclass(frozen=True)
class Secured:
    folder: Path
    broker: EmbeddedKafka
    security: KafkaSecurity
    rights: KafkaRights

    def as_user(self, user: str) -> KafkaConnection:
        return self.security.connection(self.broker.bootstrap, user)

    async def revoke_all(self, user: str, of: ResourceType = ResourceType.ANY) -> None:
        """Revoke all rights of the user until the rights are applied again. Returns once the broker knows."""
        every = AclBindingFilter(
            of, ANY, ResourcePatternType.ANY, f"User:{user}", ANY, AclOperation.ANY,
            AclPermissionType.ANY,
        )  # fmt: skip
        for taken in self.rights.admin.delete_acls([every]).values():
            taken.result(30)
        kinds = [of] if of is not ResourceType.ANY else list(ResourceType)

        def gone() -> bool:
            left = [acl for acl in self.rights.present() if acl.principal == f"User:{user}"]
            return all(acl.restype not in kinds for acl in left)

        await self._wait_until(gone)

    async def grant(self, more: list[AclBinding]) -> None:
        """Grant more rights. Returns once the broker knows; at first only the controller does."""
        for made in self.rights.admin.create_acls(more).values():
            made.result(30)
        await self._wait_until(lambda: self.rights.present() >= set(more))

    async def _wait_until(self, holds: Callable[[], bool]) -> None:
        async def asked() -> bool:
            return holds()

        await until(asked, "the broker knows")


@dataclass(frozen=True)
class UserClient:
    """One user's clients. Each call returns whether it is allowed; any other error fails the test."""

    client: AIOKafkaClient
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer

    @classmethod
    async def connect(cls, connection: KafkaConnection) -> "UserClient":
        client = cls(
            AIOKafkaClient(**connection.client()),
            AIOKafkaProducer(**connection.client()),
            AIOKafkaConsumer(**connection.client(), enable_auto_commit=False, auto_offset_reset="earliest"),
        )
        await client.client.bootstrap()
        await client.producer.start()
        await client.consumer.start()
        return client

    async def leave(self) -> None:
        await self.consumer.stop()
        await self.producer.stop()
        await self.client.close()

    async def may(self, operation: Literal["read", "write"], topic: str) -> bool:
        try:
            await (self._read(topic) if operation == "read" else self._write(topic))
        except TopicAuthorizationFailedError:
            return False
        return True

    async def _write(self, topic: str) -> None:
        await self.producer.send_and_wait(topic, b"{}", key=b"key", partition=0)

    async def _read(self, topic: str) -> None:
        """Read the first record; every topic has one.

        A consumer waits for ever for a topic that it may not see, so the producer checks the topic first.
        """
        await self.producer.partitions_for(topic)
        place = TopicPartition(topic, 0)
        self.consumer.assign([place])
        await self.consumer.seek_to_beginning(place)
        await self.consumer.getone(place)

    async def may_join(self, group: str) -> bool:
        try:
            await self.client.coordinator_lookup(CoordinationType.GROUP, group)
        except GroupAuthorizationFailedError:
            return False
        except GroupCoordinatorNotAvailableError:  # let in, and told to come again
            return True
        return True

    async def may_relay(self, transactional_id: str) -> bool:
        try:
            await self.client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
        except TransactionalIdAuthorizationFailed:
            return False
        except GroupCoordinatorNotAvailableError:
            return True
        return True
