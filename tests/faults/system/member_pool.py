"""The running members: each can be started, killed and replaced while the others continue."""

from collections.abc import Callable
from datetime import timedelta

from shared.background.workers import Workers
from tests.faults.system.contracts import SigningProcess
from tests.faults.system.member import Member
from tests.faults.system.notices import NotifierProcess, RecordingPostOffice
from tests.faults.system.subscriptions import SubscriptionProcess
from tests.faults.system.world import World

SERVICES = ("subscription", "signing", "notifier")
NOTHING = timedelta(0)


class MemberPool:
    def __init__(self, world: World, workers: Workers, post: RecordingPostOffice) -> None:
        self.world = world
        self.setup = SubscriptionProcess(world)
        """Not a running member: it adopts offices and gives access to the collections."""
        self.running: list[Member] = []
        self._made: dict[str, Callable[[timedelta], Member]] = {
            "subscription": lambda skew: SubscriptionProcess(world, skew).member(),
            "signing": lambda skew: SigningProcess(world, workers).member(),
            "notifier": lambda skew: NotifierProcess(world, post).member(),
        }

    async def prepare(self) -> None:
        """Create indexes and topics before any member runs."""
        for service in SERVICES:
            member = self._made[service](NOTHING)
            await member.service.prepare(member.topics)

    async def begin(self, service: str, skew: timedelta = NOTHING) -> Member:
        member = self._made[service](skew)
        await member.start()
        self.running.append(member)
        return member

    async def end(self, member: Member, *, killed: bool = True) -> None:
        self.running.remove(member)
        await member.end(killed=killed)

    async def end_all(self, *services: str, killed: bool = True) -> None:
        for member in [member for member in self.running if member.service.name in services]:
            await self.end(member, killed=killed)
