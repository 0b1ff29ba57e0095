"""Faults of records and of their consumers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError

from deploy.local.host.conditions import until
from shared.messaging.broker import PARTITIONS
from tests.faults.processes import SERVICES
from tests.faults.world import World
from tests.support.counter import expiring
from tests.support.topic import Raw, publish, raw, records

_GUESTS = 3
_WITHIN_S = 90.0
_JOINED_WITHIN_S = 60.0
_SESSION_MS = 6000
_NEARLY_TOO_LARGE = 1_000_000


@contextmanager
def rebalance_storm(world: World, random: Random) -> Iterator[None]:
    """Other consumers join a group and leave it, one after another. They read and commit nothing."""
    service = random.choice(SERVICES)
    yield
    for _ in range(_GUESTS):
        world.cluster.loop.run(_visit(world, service), _WITHIN_S)


@contextmanager
def offsets_rewound(world: World, random: Random) -> Iterator[None]:
    """A group reads all of its topics again from the beginning."""
    service = random.choice(SERVICES)
    world.parts.stop(service)
    until(lambda: _rewind(world, service), "đã lùi về 0", "offsets rewound", _WITHIN_S)
    world.parts.start(service)
    yield


@contextmanager
def produced_twice(world: World, random: Random) -> Iterator[None]:
    """All records of a topic are produced a second time."""
    topic = world.names.topic(random.choice(SERVICES))
    yield
    loop, bootstrap = world.cluster.loop, world.settings.kafka
    found = loop.run(records(bootstrap, topic), _WITHIN_S)
    assert found, "nothing to produce twice"
    again = [Raw(r.value, list(r.headers), r.key, r.partition) for r in found]
    loop.run(publish(bootstrap, topic, *again), _WITHIN_S)
    world.expected_dead += sum(len(r.value) == _NEARLY_TOO_LARGE for r in found)


@contextmanager
def oversize_record(world: World, random: Random) -> Iterator[None]:
    """A record as large as the topic allows, incompressible and no event. It must still fit into the dead
    letters."""
    record = raw(expiring(random.randrange(1_000_000)), partition=random.randrange(PARTITIONS))
    large = Raw(random.randbytes(_NEARLY_TOO_LARGE), record.headers, record.key, record.partition)
    topic = world.names.topic("subscription")
    world.cluster.loop.run(publish(world.settings.kafka, topic, large), _WITHIN_S)
    world.expected_dead += 1
    yield


async def _visit(world: World, service: str) -> None:
    guest = AIOKafkaConsumer(
        *map(world.names.topic, SERVICES),
        bootstrap_servers=world.settings.kafka,
        group_id=world.names.group(service),
        enable_auto_commit=False,
        session_timeout_ms=_SESSION_MS,
        heartbeat_interval_ms=_SESSION_MS // 3,
        partition_assignment_strategy=(RoundRobinPartitionAssignor,),
    )
    async with guest:
        async with asyncio.timeout(_JOINED_WITHIN_S):
            while not guest.assignment():
                await guest.getmany(timeout_ms=100)


def _rewind(world: World, service: str) -> bool:
    """Whether the broker allowed it: it does so once the group has no members."""
    try:
        world.cluster.loop.run(_commit_zero(world, service), _WITHIN_S)
    except KafkaError:
        return False
    return True


async def _commit_zero(world: World, service: str) -> None:
    everywhere = [
        TopicPartition(world.names.topic(name), number) for name in SERVICES for number in range(PARTITIONS)
    ]
    async with AIOKafkaConsumer(
        bootstrap_servers=world.settings.kafka, group_id=world.names.group(service), enable_auto_commit=False
    ) as consumer:
        consumer.assign(everywhere)
        await consumer.commit(dict.fromkeys(everywhere, 0))
