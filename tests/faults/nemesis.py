"""Chooses the next fault: each fault once in an order that the seed gives, then all of them again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from random import Random

from tests.faults import kafka_faults, mail_faults, message_faults, mongo_faults, service_faults
from tests.faults.world import World

FaultInjection = Callable[[World, Random], AbstractContextManager[None]]

FAULTS: tuple[FaultInjection, ...] = (
    kafka_faults.leader_killed,
    kafka_faults.leader_killed_in_transaction,
    kafka_faults.coordinator_killed_at_commit,
    kafka_faults.broker_frozen,
    kafka_faults.kafka_connection_cut,
    kafka_faults.disk_full,
    mongo_faults.primary_killed,
    mongo_faults.primary_stepped_down,
    mongo_faults.primary_frozen,
    mongo_faults.mongo_connection_cut,
    service_faults.service_killed,
    service_faults.service_stopped_past_its_lease,
    service_faults.two_live,
    service_faults.clock_a_day_off,
    message_faults.rebalance_storm,
    message_faults.offsets_rewound,
    message_faults.produced_twice,
    message_faults.oversize_record,
    mail_faults.smtp_later,
    mail_faults.smtp_never,
    mail_faults.smtp_cut_in_the_letter,
    mail_faults.smtp_dropped_after_data,
)


def possible(world: World) -> list[FaultInjection]:
    """The faults that this machine can inject: only root can mount a small disk."""
    impossible = () if world.cluster.small else (kafka_faults.disk_full,)
    return [fault for fault in FAULTS if fault not in impossible]


def choices(world: World, random: Random) -> Iterator[FaultInjection]:
    while True:
        yield from random.sample(faults := possible(world), len(faults))


def inject(world: World, fault: FaultInjection, random: Random) -> None:
    """Start a new day while the fault is active; afterwards all work must finish. Raises StackProblem."""
    with fault(world, random):
        world.next_day()
    world.settle()
