"""Kafka and MongoDB start again, whatever an earlier start left behind."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.host.ports import HOST, free_port
from deploy.local.host.problem import StackProblem
from deploy.local.servers.kafka import EmbeddedKafka, answers
from deploy.local.servers.mongod import EmbeddedMongo, has_primary


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    broker = EmbeddedKafka(tmp_path, free_port())
    yield broker
    broker.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[EmbeddedMongo]:
    database = EmbeddedMongo(tmp_path, free_port())
    yield database
    database.stop()


def test_a_half_formatted_kafka_is_formatted_anew(broker: EmbeddedKafka, tmp_path: Path) -> None:
    data = tmp_path / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\n")
    broker.start(tied=True)
    assert answers(broker.connection)


def test_mongo_comes_back_after_a_kill_with_its_lock_left(database: EmbeddedMongo, tmp_path: Path) -> None:
    database.start(tied=True)
    database.process.kill()
    assert (tmp_path / "mongo" / "mongod.lock").read_text(), "the killed server left its lock"
    database.start(tied=True)
    assert has_primary(database.uri)


def test_starting_twice_starts_once(database: EmbeddedMongo) -> None:
    database.start(tied=True)
    pid = database.process.pid
    database.start(tied=True)
    assert database.process.pid == pid


@pytest.mark.parametrize("kind", [EmbeddedKafka, EmbeddedMongo])
def test_a_taken_port_is_told(kind: type[EmbeddedKafka] | type[EmbeddedMongo], tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackProblem, match=f"port {port}"):
            kind(tmp_path, port).start(tied=True)


def test_missing_java_is_told(broker: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StackProblem, match="Java"):
        broker.start(tied=True)
