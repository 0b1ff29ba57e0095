"""The faults of a random run. Each lasts as long as its context."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from shared.events.renewal import RenewalRegistered
from shared.events.subscription import AccessLocked, SubscriptionExpiring
from shared.messaging.envelope import Envelope
from shared.resilience.errors import NotYet, Transient
from shared.storage import mongo
from tests.faults.history import InjectedFault
from tests.faults.system.groups import partitions_of, rewind
from tests.faults.system.member_pool import SERVICES, MemberPool
from tests.faults.system.notices import RecordingPostOffice
from tests.services.notifier.postoffice import DROP, SILENCE

_MAY_DIE = {
    "signing": frozenset({RenewalRegistered.TYPE}),
    "notifier": frozenset({AccessLocked.TYPE, SubscriptionExpiring.TYPE}),
}
"""The event types whose records may become dead letters: nothing else waits for them, so nothing stays parked
for ever."""
_WRITES = ["update", "insert", "findAndModify"]
_ANSWERS = ("451 later", DROP, SILENCE, "550 no")

Attack = AbstractAsyncContextManager[None]


@dataclass(slots=True)
class Nemesis:
    pool: MemberPool
    post: RecordingPostOffice
    addresses: tuple[str, ...]
    rng: Random
    raising: int = 0
    """How many more times a handler raises before it does anything."""

    @property
    def attacks(self) -> dict[str, Callable[[], Attack]]:
        return {
            "killed": self._killed,
            "rewound": self._rewound,
            "two of each": self._two_of_each,
            "handlers raise": self._handlers_raise,
            "writes cut": self._writes_cut,
            "mail answers": self._mail_answers,
            "clock a day ahead": lambda: self._clock(1),
            "clock a day behind": lambda: self._clock(-1),
            "dead letters refused": self._dead_letters_refused,
        }

    async def interfere(self, service: str, envelope: Envelope) -> None:
        if not self.raising:
            return
        self.raising -= 1
        errors: list[Exception] = [Transient("nemesis"), TimeoutError(), NotYet("the nemesis")]
        if envelope.type in _MAY_DIE.get(service, ()):
            errors.append(ValueError("nemesis"))
        raise self.rng.choice(errors)

    def _tell(self, name: str, detail: str = "") -> None:
        self.pool.world.recorder.record(InjectedFault(name=name, detail=detail))

    @asynccontextmanager
    async def _killed(self) -> AsyncIterator[None]:
        """Kill a service while its work arrives, then start another."""
        service = self.rng.choice(SERVICES)
        self._tell("killed", service)
        yield
        await self.pool.end_all(service)
        await self.pool.begin(service)

    @asynccontextmanager
    async def _rewound(self) -> AsyncIterator[None]:
        service = self.rng.choice(SERVICES)
        self._tell("offsets rewound to 0", service)
        (member,) = [member for member in self.pool.running if member.service.name == service]
        await self.pool.end_all(service, killed=False)
        group = member.service.names.group(service)
        await rewind(member.service.settings.kafka, group, partitions_of(member))
        await self.pool.begin(service)
        yield

    @asynccontextmanager
    async def _two_of_each(self) -> AsyncIterator[None]:
        """Two relays, two schedulers and two senders that all believe that they lead."""
        self._tell("two of each, both leading")
        world = self.pool.world
        world.share_leases = False
        others = [await self.pool.begin(service) for service in SERVICES]
        world.share_leases = True
        yield
        for other in others:
            await self.pool.end(other)

    @asynccontextmanager
    async def _handlers_raise(self) -> AsyncIterator[None]:
        self.raising = self.rng.randint(3, 12)
        self._tell("handlers raise", f"{self.raising} times")
        yield
        self.raising = 0

    @asynccontextmanager
    async def _writes_cut(self) -> AsyncIterator[None]:
        """The server closes the connection instead of answering."""
        times = self.rng.randint(2, 10)
        self._tell("connections cut at writes", f"{times} times")
        admin = self.pool.setup.service.client["admin"]
        data = {"failCommands": _WRITES, "closeConnection": True}
        await admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=data)
        try:
            yield
        finally:
            await _no_failures(admin)

    @asynccontextmanager
    async def _mail_answers(self) -> AsyncIterator[None]:
        """The mail server gives these answers to the next letters of some offices. Unused answers stay until
        the end."""
        for address in self.rng.sample(self.addresses, k=3):
            answer = self.rng.choice(_ANSWERS)
            self._tell("mail server answers", f"{address}: {answer}")
            self.post.answers(self.post.data, address, answer)
        yield

    @asynccontextmanager
    async def _clock(self, days: int) -> AsyncIterator[None]:
        self._tell("clock of one more subscription service", f"{days:+} day")
        world = self.pool.world
        world.share_leases = False
        wrong = await self.pool.begin("subscription", timedelta(days=days))
        world.share_leases = True
        yield
        await self.pool.end(wrong)

    @asynccontextmanager
    async def _dead_letters_refused(self) -> AsyncIterator[None]:
        self.pool.world.dead_refusals = times = self.rng.randint(1, 4)
        self._tell("dead letters refused", f"{times} times")
        yield
        self.pool.world.dead_refusals = 0


async def _no_failures(admin: mongo.Database) -> None:
    await admin.command("configureFailPoint", "failCommand", mode="off")
