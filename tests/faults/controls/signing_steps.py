"""Runs the signing service alone with registrations made by hand; several controls use it."""

from shared.background.workers import Workers
from tests.faults.system.contracts import SigningProcess
from tests.faults.system.driver import Driver
from tests.faults.system.member import Member
from tests.faults.system.world import START, World

BASIS = START.date()


def signing_member(world: World, pool: Workers, seal_seconds: float = 0.0) -> Member:
    return SigningProcess(world, pool, seal_seconds).member()


async def start(member: Member) -> Member:
    await member.service.prepare(member.topics)
    await member.start()
    return member


async def register_offices(driver: Driver, *, offices: int, each: int = 1) -> None:
    for office in range(offices):
        for number in range(each):
            await driver.register(number, f"office-{office}", BASIS)
