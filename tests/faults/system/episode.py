"""One random run: offices through a few days, registrations and garbage, while the nemesis is at work; then
everything heals, comes to rest, and is looked at."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

from shared.runtime.settings import Settings
from tests.faults.history import History
from tests.faults.system.contracts import workers
from tests.faults.system.driver import Driver, driving
from tests.faults.system.nemesis import Nemesis
from tests.faults.system.notices import opened
from tests.faults.system.observation import observe
from tests.faults.system.components import Parts, sealed_apart
from tests.faults.system.quiescence import settle
from tests.faults.system.member_pool import SERVICES, Troupe
from tests.faults.system.world import START, World

OFFICES = 8
_LONGEST_DWELL_S = 1.5


async def play(settings: Settings, file: Path, rng: Random, rounds: int, parts: Parts | None = None) -> None:
    """Writes the history of one run of so many faults into `file`. Each kind of fault comes before one comes
    again."""
    noted = History(file)
    world = World(settings, noted, parts or Parts(seal=sealed_apart))
    try:
        async with workers() as pool, opened(noted) as post, driving(world) as driver:
            troupe = Troupe(world, pool, post)
            addresses = tuple(f"office-{number}@giahanso.example" for number in range(OFFICES))
            nemesis = Nemesis(troupe, post, addresses, rng)
            world.interfere = nemesis.interfere
            await _play(troupe, driver, nemesis, rounds)
    finally:
        for service in world.services:
            service.client.close()
        noted.close()


async def _play(troupe: Troupe, driver: Driver, nemesis: Nemesis, rounds: int) -> None:
    await troupe.prepare()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(troupe.end_all, *SERVICES)
        for service in SERVICES:
            await troupe.begin(service)
        for office in range(OFFICES):
            await troupe.clerk.adopt(f"office-{office}", START.date() + timedelta(days=office % 4))
        for attack in _order(list(nemesis.attacks), nemesis.rng, rounds):
            async with nemesis.attacks[attack]():
                await _a_day(troupe, driver, nemesis.rng)
        await _heal(troupe, nemesis)


def _order(names: list[str], rng: Random, rounds: int) -> list[str]:
    order: list[str] = []
    while len(order) < rounds:
        order += rng.sample(names, k=len(names))
    return order[:rounds]


async def _a_day(troupe: Troupe, driver: Driver, rng: Random) -> None:
    """What comes in on one day. The nemesis leaves the system some time for it, however far it then is."""
    world = troupe.world
    for _ in range(rng.randint(1, 4)):
        office = rng.randrange(OFFICES)
        basis = START.date() + timedelta(days=office % 4)
        await driver.register(rng.randrange(3), f"office-{office}", basis, times=rng.choice((1, 1, 2)))
    await driver.post(f"office-{rng.randrange(OFFICES)}")
    if rng.random() < 0.4:
        await driver.poison(f"office-{rng.randrange(OFFICES)}")
    world.truth.move(timedelta(days=1))
    await asyncio.sleep(rng.uniform(0.0, _LONGEST_DWELL_S))


async def _heal(troupe: Troupe, nemesis: Nemesis) -> None:
    """All begin anew, so that nobody still waits for what is over."""
    nemesis.post.data.clear()
    await troupe.end_all(*SERVICES)
    for service in SERVICES:
        await troupe.begin(service)
    await settle(troupe.world, troupe.at_work)
    members = tuple(troupe.at_work)
    await troupe.end_all(*SERVICES, killed=False)
    await observe(troupe.world, members)
