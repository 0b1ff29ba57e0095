"""The members at work: started, killed and replaced while the others go on."""

from collections.abc import Callable
from datetime import timedelta

from shared.background.workers import Workers
from tests.faults.system.contracts import Signing
from tests.faults.system.member import Member
from tests.faults.system.notices import Notifier, NotingPost
from tests.faults.system.subscriptions import Clerk
from tests.faults.system.world import World

SERVICES = ("subscription", "signing", "notifier")
NOTHING = timedelta(0)


class Troupe:
    def __init__(self, world: World, pool: Workers, post: NotingPost) -> None:
        self.world = world
        self.clerk = Clerk(world)
        """Never at work: takes over offices, and knows the collections."""
        self.at_work: list[Member] = []
        self._made: dict[str, Callable[[timedelta], Member]] = {
            "subscription": lambda skew: Clerk(world, skew).member(),
            "signing": lambda skew: Signing(world, pool).member(),
            "notifier": lambda skew: Notifier(world, post).member(),
        }

    async def prepare(self) -> None:
        """Indexes and topics, before anybody works."""
        for service in SERVICES:
            member = self._made[service](NOTHING)
            await member.service.prepare(member.topics)

    async def begin(self, service: str, skew: timedelta = NOTHING) -> Member:
        member = self._made[service](skew)
        await member.start()
        self.at_work.append(member)
        return member

    async def end(self, member: Member, *, killed: bool = True) -> None:
        self.at_work.remove(member)
        await member.end(killed=killed)

    async def end_all(self, *services: str, killed: bool = True) -> None:
        for member in [member for member in self.at_work if member.service.name in services]:
            await self.end(member, killed=killed)
