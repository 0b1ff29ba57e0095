"""Real Kafka and real MongoDB for the whole run; a namespace of its own for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from deploy.local.host.ports import free_port
from deploy.local.servers.kafka import EmbeddedKafka
from deploy.local.servers.mongod import EmbeddedMongo
from shared.ids import fresh
from shared.runtime.settings import Settings
from shared.storage import last_known
from tests.support.album import Album

# How long an example takes says something of the machine, not of the code. To explain a failure takes longer
# than a test may.
_PHASES = [phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.explain]
hypothesis.settings.register_profile("giahan", deadline=None, print_blob=True, phases=_PHASES)
hypothesis.settings.load_profile("giahan")

# A service here is one process, which wakes its own relay. Polls in between take time from the tests.
os.environ["GIAHAN_RELAY_POLL_SECONDS"] = "1"
os.environ["GIAHAN_IDLE_SECONDS"] = "0.2"

# A loaded machine may answer later than a page may wait. Tests of a silent database have their own limit.
last_known._READ_SECONDS = 30.0


_LONGEST = (
    "tests/e2e/test_walk.py",
    "tests/services/renewal/test_every_route.py",
    "tests/services/renewal/pages/test_browser.py",
    "tests/deploy/rights/test_denied_service.py",
    "tests/faults/test_controls.py",
    "tests/services/renewal/paper/pages/test_copy.py",
    "tests/deploy/rights/test_kafka_rights.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker is left alone with one at the end."""
    rank = {config.rootpath / name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30


@pytest.fixture(scope="session")
def server_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for the servers' data: in memory where there is room, so that no write waits for a disk.

    A killed run leaves its folder behind; the next run removes it."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        yield tmp_path_factory.mktemp("data")
        return
    for left in _MEMORY.glob("giahan-*"):
        if not Path("/proc", left.name.removeprefix("giahan-")).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = _MEMORY / f"giahan-{os.getpid()}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def kafka(server_data: Path) -> Iterator[str]:
    """The bootstrap address of a broker that lives as long as the run."""
    broker = EmbeddedKafka(server_data, free_port())
    broker.start(tied=True)
    yield broker.bootstrap
    broker.stop()


@pytest.fixture(scope="session")
def mongo_uri(server_data: Path) -> Iterator[str]:
    server = EmbeddedMongo(server_data, free_port(), test_commands=True)
    server.start(tied=True)
    yield server.uri
    server.stop()


@pytest.fixture
def namespace() -> str:
    return f"t{fresh().hex[:12]}"


@pytest.fixture
def album() -> Album:
    """Pictures of pages go to the folder GIAHAN_PICTURES, if it is set; those of the guide for offices to
    GIAHAN_GUIDE_PICTURES."""
    pages, guide = (os.environ.get(name) for name in ("GIAHAN_PICTURES", "GIAHAN_GUIDE_PICTURES"))
    return Album(Path(pages) if pages else None, Path(guide) if guide else None)


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
