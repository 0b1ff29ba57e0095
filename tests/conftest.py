"""Real Kafka and real MongoDB for the whole run; a namespace of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from deploy.local.kafka import EmbeddedKafka
from deploy.local.mongod import EmbeddedMongo
from deploy.local.ports import free_port
from shared.ids import fresh
from shared.settings import Settings

# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile("giahan", deadline=None, print_blob=True)
hypothesis.settings.load_profile("giahan")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a broker that lives as long as the run."""
    broker = EmbeddedKafka(tmp_path_factory.mktemp("kafka"), free_port())
    broker.start(tied=True)
    yield broker.bootstrap
    broker.stop()


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedMongo(tmp_path_factory.mktemp("mongo"), free_port(), test_commands=True)
    server.start(tied=True)
    yield server.uri
    server.stop()


@pytest.fixture
def namespace() -> str:
    return f"t{fresh().hex[:12]}"


@pytest.fixture
def settings(kafka: str, mongo_uri: str, namespace: str, tmp_path: Path) -> Settings:
    return Settings(
        environment="local",
        kafka=kafka,
        mongo=mongo_uri,
        namespace=namespace,
        jwks=str(tmp_path / "jwks.json"),
        log_level="warning",
        writes_a_minute=100_000,
        desk_writes_a_minute=100_000,
    )
