"""One secured broker for each test module, with the users and ACLs of the table."""

from collections.abc import Iterator

import pytest

from deploy.local.host.ports import HOST, free_port
from deploy.local.servers.kafka import EmbeddedKafka, run_once
from deploy.local.servers.kafka_security import KafkaSecurity
from deploy.local.servers.tls import ensure_credentials
from deploy.rights.kafka import KafkaRights
from shared.messaging.broker import KafkaNames
from tests.deploy.rights.secured import Secured


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    security = KafkaSecurity(ensure_credentials(folder / "credentials", (HOST,)))
    broker = EmbeddedKafka(folder, free_port(), security=security)
    broker.start(tied=True)
    rights = KafkaRights(broker.connection, KafkaNames(""))
    run_once(rights.apply(replication=1))
    yield Secured(folder, broker, security, rights)
    broker.stop()
