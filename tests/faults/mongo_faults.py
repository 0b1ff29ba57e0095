"""Faults of the database's members."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.faults.kafka_faults import wait_until_sprung
from tests.faults.proxy import Side, Trap
from tests.faults.world import World

# The scheduler's saves, the relay's removals, the notices of the sender, and leases.
_WRITES = (
    ("update", b"subscriptions"),
    ("update", b"notices"),
    ("insert", b"notices"),
    ("findAndModify", b"leases"),
)


@contextmanager
def primary_killed(world: World, random: Random) -> Iterator[None]:
    mongo = world.cluster.mongo
    number = mongo.await_primary()
    mongo.kill(number)
    try:
        yield
        mongo.await_primary(but=number)
    finally:
        mongo.restart(number)
    mongo.heal()


@contextmanager
def primary_stepped_down(world: World, random: Random) -> Iterator[None]:
    """The primary steps down in the middle of the next day's work."""
    mongo = world.cluster.mongo
    number = mongo.await_primary()
    trap = _at_a_write(random)
    with mongo.trapped(trap):
        yield
        wait_until_sprung(trap)
    mongo.step_down(number)
    mongo.await_primary(but=number)
    mongo.heal()


@contextmanager
def primary_frozen(world: World, random: Random) -> Iterator[None]:
    """The primary freezes until another is elected, and wakes up believing that it is still primary."""
    mongo = world.cluster.mongo
    number = mongo.await_primary()
    mongo.freeze(number)
    try:
        yield
        mongo.await_primary(but=number)
    finally:
        mongo.wake(number)
    mongo.heal()


@contextmanager
def mongo_connection_cut(world: World, random: Random) -> Iterator[None]:
    """A connection is cut at a write, before the primary received it or after it answered."""
    trap = _at_a_write(random)
    with world.cluster.mongo.trapped(trap):
        yield
        wait_until_sprung(trap)


def _at_a_write(random: Random) -> Trap:
    command, collection = random.choice(_WRITES)
    return Trap(command, side=random.choice(list(Side)), of=collection + b"\0")
