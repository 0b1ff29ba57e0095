"""Faults of the services' own processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

from deploy.local.host.conditions import until
from tests.faults.kafka_faults import wait_until_sprung
from tests.faults.processes import SERVICES
from tests.faults.proxy import Proxy, Side, Trap
from tests.faults.world import World

_TAKEN_OVER_WITHIN_S = 60.0


@contextmanager
def service_killed(world: World, random: Random) -> Iterator[None]:
    """A service is killed while its commit is on the way, and restarted at once as by a supervisor."""
    service = random.choice(SERVICES)
    trap = Trap(
        "EndTxn",
        side=random.choice(list(Side)),
        then=lambda proxy: world.parts.signal_kill(service),
        of=_relay(world, service),
    )
    with world.cluster.kafka.trapped(trap):
        yield
        wait_until_sprung(trap)
    world.parts.revive()


@contextmanager
def service_stopped_past_its_lease(world: World, random: Random) -> Iterator[None]:
    """A leader freezes while its commit is on the way. Another takes over; then the first wakes up and
    continues its work."""
    service = random.choice(SERVICES)
    world.parts.start_second(service)
    stopped = world.leader_of(service)

    def stop(proxy: Proxy) -> None:
        world.parts.freeze(stopped)

    trap = Trap("EndTxn", side=Side.BEFORE, then=stop, of=_relay(world, service))
    try:
        with world.cluster.kafka.trapped(trap):
            yield
            wait_until_sprung(trap)
        until(
            lambda: world.leader_of(service) != stopped,
            "tiến trình khác dẫn đầu",
            "another leads",
            _TAKEN_OVER_WITHIN_S,
        )
    finally:
        world.parts.wake(stopped)
    world.settle()
    world.parts.stop(f"{service}-2")


@contextmanager
def two_live(world: World, random: Random) -> Iterator[None]:
    """Each service gets a second process that leads whatever the lease says: two relays, two schedulers and
    two senders at once."""
    for service in SERVICES:
        world.parts.start_faulty(service, leads=True)
    for service in SERVICES:
        world.parts.await_detail(f"{service}-faulty", "relay", "leads")
        world.parts.await_detail(service, "relay", "leads")
    yield
    world.settle()
    for service in SERVICES:
        world.parts.stop(f"{service}-faulty")


@contextmanager
def clock_a_day_off(world: World, random: Random) -> Iterator[None]:
    """A machine whose clock is a day ahead or behind takes over one service; then the right one returns."""
    service = random.choice(SERVICES)
    world.parts.stop(service)
    world.parts.start_faulty(service, clock=timedelta(days=random.choice([1, -1]))).wait_ready()
    if service == "subscription":  # it compares clocks
        world.parts.await_detail(f"{service}-faulty", "clocks", "disagree")
    yield
    world.parts.start(service)
    world.parts.stop(f"{service}-faulty")


def _relay(world: World, service: str) -> bytes:
    return world.names.transactional_id(service).encode()
