"""Faults of the brokers. Each fault begins when its context is entered, and is healed after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from deploy.local.host.conditions import until
from shared.messaging.broker import PARTITIONS
from tests.faults.cluster import SMALL
from tests.faults.processes import SERVICES
from tests.faults.proxy import Proxy, Side, Trap
from tests.faults.world import World

_SPRUNG_WITHIN_S = 60.0
_BALLAST = "ballast"
_PIECE = bytes(1 << 20)


def wait_until_sprung(trap: Trap) -> None:
    """Wait until the trap has sprung: a trap that caught nothing tested nothing. Raises StackProblem."""
    until(trap.sprung.is_set, "bẫy đã sập", "the trap has sprung", _SPRUNG_WITHIN_S)


def any_partition(world: World, random: Random) -> tuple[str, int]:
    return world.names.topic(random.choice(SERVICES)), random.randrange(PARTITIONS)


@contextmanager
def _trapped(world: World, trap: Trap, broken: list[int]) -> Iterator[None]:
    """`broken`: the brokers that the trap killed. They are restarted afterwards."""
    with world.cluster.kafka.trapped(trap):
        yield
        wait_until_sprung(trap)
    for number in broken:
        world.cluster.kafka.restart(number)
    world.cluster.kafka.heal(world.topics)


@contextmanager
def leader_killed(world: World, random: Random) -> Iterator[None]:
    """The leader of a partition dies, and comes back after another broker leads."""
    kafka, partition = world.cluster.kafka, any_partition(world, random)
    number = until(lambda: _found(kafka.leader(partition)), "có máy dẫn đầu", "a leader")[0]
    kafka.kill(number)
    yield
    kafka.moved_from(number, partition)
    kafka.restart(number)
    kafka.heal(world.topics)


@contextmanager
def leader_killed_in_transaction(world: World, random: Random) -> Iterator[None]:
    """The leader has a relay's records in an open transaction, and dies before it answers."""
    kafka, broken = world.cluster.kafka, list[int]()

    def die(proxy: Proxy) -> None:
        broken.append(kafka.number_of(proxy))
        kafka.kill(broken[-1])

    with _trapped(world, Trap("Produce", side=Side.AFTER, then=die, of=b".relay"), broken):
        yield


@contextmanager
def coordinator_killed_at_commit(world: World, random: Random) -> Iterator[None]:
    """The coordinator dies while it commits a relay's transaction: undecided, or decided but not answered."""
    kafka, broken = world.cluster.kafka, list[int]()

    def die(proxy: Proxy) -> None:
        broken.append(kafka.number_of(proxy))
        kafka.kill(broken[-1])

    with _trapped(world, Trap("EndTxn", side=random.choice(list(Side)), then=die), broken):
        yield


@contextmanager
def broker_frozen(world: World, random: Random) -> Iterator[None]:
    """A leader freezes until its session expires and another broker leads; then it wakes up."""
    kafka, partition = world.cluster.kafka, any_partition(world, random)
    number = until(lambda: _found(kafka.leader(partition)), "có máy dẫn đầu", "a leader")[0]
    kafka.freeze(number)
    try:
        yield
        kafka.moved_from(number, partition)
    finally:
        kafka.wake(number)
    kafka.heal(world.topics)


@contextmanager
def kafka_connection_cut(world: World, random: Random) -> Iterator[None]:
    """A connection is cut at a writing request, before the broker received it or after it answered."""
    request = random.choice(["Produce", "EndTxn", "AddPartitionsToTxn", "OffsetCommit"])
    with _trapped(world, Trap(request, side=random.choice(list(Side))), []):
        yield


@contextmanager
def disk_full(world: World, random: Random) -> Iterator[None]:
    """One broker's disk is full until the broker gives up. Then it gets space again and restarts."""
    kafka, small = world.cluster.kafka, world.cluster.small
    assert small is not None
    ballast = small / _BALLAST
    kafka.avoid(SMALL)
    _fill(ballast)
    try:
        yield
        until(lambda: _filled_and_dead(world, ballast), "máy đầy đĩa dừng", "the full broker gave up")
    finally:
        ballast.unlink()
    kafka.restart(SMALL)
    kafka.heal(world.topics)


def _filled_and_dead(world: World, ballast: Path) -> bool:
    _fill(ballast)
    return world.cluster.kafka.nodes[SMALL].process.pid is None


def _fill(ballast: Path) -> None:
    """Fill the remaining space to the last byte."""
    size = len(_PIECE)
    with ballast.open("ab", buffering=0) as file:
        while size:
            try:
                file.write(_PIECE[:size])
            except OSError:
                size //= 2


def _found(number: int | None) -> list[int] | None:
    return None if number is None else [number]
