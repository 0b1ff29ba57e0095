"""Three brokers and three mongod: what a relay, a database and a service endure, and what must hold then."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest

from tests.faults import kafka_faults, mongo_faults, service_faults
from tests.faults.cluster import start_cluster
from tests.faults.nemesis import FaultInjection, inject
from tests.faults.oracle import violations
from tests.faults.snapshot import take_snapshot
from tests.faults.world import World
from tests.faults.world import start_world as opened

SEED = 5


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers are away on purpose
    directory = tmp_path_factory.mktemp("cluster")
    with ExitStack() as ending:
        servers = ending.enter_context(start_cluster(directory))
        yield ending.enter_context(opened(servers, directory))


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [
        kafka_faults.leader_killed_in_transaction,
        mongo_faults.primary_stepped_down,
        service_faults.service_stopped_past_its_lease,
    ],
)
def test_each_event_is_told_once_and_each_letter_sent_once(world: World, fault: FaultInjection) -> None:
    before = len(take_snapshot(world).first_sights)
    inject(world, fault, Random(SEED))
    seen = take_snapshot(world)
    assert len(seen.first_sights) > before, "the day brought nothing"
    assert violations(seen) == []
