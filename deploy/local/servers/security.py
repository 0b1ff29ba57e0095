"""The secured local stack (`make up SECURE=1`): users, passwords and rights for Kafka and MongoDB."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pymongo import MongoClient

from deploy.local.host.ports import HOST
from deploy.local.servers.kafka import run_once
from deploy.local.servers.kafka_security import KafkaSecurity
from deploy.local.servers.mongo_security import MongoSecurity
from deploy.local.servers.tls import ensure_credentials
from deploy.rights.kafka import KafkaRights
from deploy.rights.mongo import Document, MongoRights
from shared.messaging.broker import KafkaNames
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Security:
    kafka: KafkaSecurity
    mongo: MongoSecurity

    @classmethod
    def ensure(cls, folder: Path) -> Self:
        """Security with the credentials in `folder`, which are created on first use."""
        credentials = ensure_credentials(folder, (HOST, "localhost"))
        return cls(KafkaSecurity(credentials), MongoSecurity(credentials))

    def apply(self, settings: Settings) -> None:
        """Create the users and their rights; `settings` must be the admin's. Repeating it changes nothing."""
        rights = KafkaRights(settings.connection, KafkaNames(settings.namespace))
        run_once(rights.add_users(self.kafka.passwords()))
        run_once(rights.apply(replication=settings.replication))
        with MongoClient[Document](settings.mongo.get_secret_value()) as client:
            MongoRights(client, settings).apply(self.mongo.passwords())
