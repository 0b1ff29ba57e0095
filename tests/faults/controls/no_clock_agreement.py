"""Without it: a machine whose clock is a day ahead takes access away a day early."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from services.subscription.entitlement.clock_agreement import ClockAgreement
from shared.background.heartbeat import Heartbeat
from tests.faults.controls.subscription_steps import published, quiet, rest
from tests.faults.controls.control import Control
from tests.faults.history import Fault
from tests.faults.system.components import May, Parts
from tests.faults.system.subscriptions import Clerk
from tests.faults.system.world import START, World

_TURNS = 3


def always(agreement: ClockAgreement) -> May:
    return lambda: True


class CountedPulse(Heartbeat):
    """Sets `enough` at the third beat, when two whole turns lie behind."""

    def __init__(self) -> None:
        super().__init__("schedule", limit=30)
        self.enough = asyncio.Event()
        self._beats = 0

    def beat(self, detail: str) -> None:
        super().beat(detail)
        self._beats += 1
        if self._beats >= _TURNS:
            self.enough.set()


async def _a_day_ahead(world: World) -> None:
    punctual, ahead = Clerk(world), Clerk(world, timedelta(days=1))
    await punctual.service.prepare([])
    await punctual.adopt("office", START.date())
    world.noted.note(Fault(name="clock +1 day on one scheduler"))
    await ahead.agreement.begin()
    pulse = CountedPulse()
    running = asyncio.create_task(ahead.schedule.run(pulse))
    await pulse.enough.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    relay = punctual.service.relay(quiet())
    async with relay.producer() as producer:
        await published(relay, producer)
    await rest(world, punctual)


CONTROL = Control(
    name="no clock-agreement check",
    breaks="never early",
    scenario=_a_day_ahead,
    broken=Parts(may=always),
)
