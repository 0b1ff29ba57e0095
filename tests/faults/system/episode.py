"""One random run. Offices live through a few days with registrations and unreadable records while faults are
injected; then everything heals, comes to rest, and is observed."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

from shared.runtime.settings import Settings
from tests.faults.history import HistoryRecorder
from tests.faults.system.components import Components, seal_in_worker
from tests.faults.system.contracts import worker_pool
from tests.faults.system.driver import Driver, start_driver
from tests.faults.system.member_pool import SERVICES, MemberPool
from tests.faults.system.nemesis import Nemesis
from tests.faults.system.notices import open_post_office
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.world import START, World

OFFICES = 8
_LONGEST_DWELL_S = 1.5


async def run_episode(
    settings: Settings, file: Path, rng: Random, rounds: int, parts: Components | None = None
) -> None:
    """Record one run with that many faults in `file`. Every kind of fault comes once
    before one comes again."""
    recorder = HistoryRecorder(file)
    world = World(settings, recorder, parts or Components(seal=seal_in_worker))
    try:
        async with (
            worker_pool() as workers,
            open_post_office(recorder) as post,
            start_driver(world) as driver,
        ):
            pool = MemberPool(world, workers, post)
            addresses = tuple(f"office-{number}@giahanso.example" for number in range(OFFICES))
            nemesis = Nemesis(pool, post, addresses, rng)
            world.interfere = nemesis.interfere
            await _play(pool, driver, nemesis, rounds)
    finally:
        for service in world.services:
            service.client.close()
        recorder.close()


async def _play(pool: MemberPool, driver: Driver, nemesis: Nemesis, rounds: int) -> None:
    await pool.prepare()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pool.end_all, *SERVICES)
        for service in SERVICES:
            await pool.begin(service)
        for office in range(OFFICES):
            await pool.setup.adopt(f"office-{office}", START.date() + timedelta(days=office % 4))
        for attack in _order(list(nemesis.attacks), nemesis.rng, rounds):
            async with nemesis.attacks[attack]():
                await _a_day(pool, driver, nemesis.rng)
        await _heal(pool, nemesis)


def _order(names: list[str], rng: Random, rounds: int) -> list[str]:
    order: list[str] = []
    while len(order) < rounds:
        order += rng.sample(names, k=len(names))
    return order[:rounds]


async def _a_day(pool: MemberPool, driver: Driver, rng: Random) -> None:
    """One day's input. The system gets a random pause, however far it is then."""
    world = pool.world
    for _ in range(rng.randint(1, 4)):
        office = rng.randrange(OFFICES)
        basis = START.date() + timedelta(days=office % 4)
        await driver.register(rng.randrange(3), f"office-{office}", basis, times=rng.choice((1, 1, 2)))
    await driver.post(f"office-{rng.randrange(OFFICES)}")
    if rng.random() < 0.4:
        await driver.poison(f"office-{rng.randrange(OFFICES)}")
    world.truth.move(timedelta(days=1))
    await asyncio.sleep(rng.uniform(0.0, _LONGEST_DWELL_S))


async def _heal(pool: MemberPool, nemesis: Nemesis) -> None:
    """Restart all members, so that nobody still waits for something that is over."""
    nemesis.post.data.clear()
    await pool.end_all(*SERVICES)
    for service in SERVICES:
        await pool.begin(service)
    await wait_for_quiescence(pool.world, pool.running)
    members = tuple(pool.running)
    await pool.end_all(*SERVICES, killed=False)
    await observe(pool.world, members)
