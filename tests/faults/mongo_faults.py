"""What may happen to the database's members."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.faults.kafka_faults import sprung
from tests.faults.proxy import Side, Trap
from tests.faults.world import World


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
    """In the middle of work: when the next day's first write has come in."""
    mongo = world.cluster.mongo
    number = mongo.await_primary()
    trap = Trap("update", side=random.choice(list(Side)))
    with mongo.trapped(trap):
        yield
        sprung(trap)
    mongo.step_down(number)
    mongo.await_primary(but=number)
    mongo.heal()


@contextmanager
def primary_frozen(world: World, random: Random) -> Iterator[None]:
    """It stands still until another is elected, and wakes up believing that it is the primary."""
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
    """A connection ends at a write, before the primary got it or after it answered."""
    command = random.choice(["update", "insert", "findAndModify"])
    trap = Trap(command, side=random.choice(list(Side)))
    with world.cluster.mongo.trapped(trap):
        yield
        sprung(trap)
