"""Negative control: a machine whose clock is a day ahead locks offices a day early."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from typing_extensions import override

from services.subscription.entitlement.clock_agreement import ClockAgreement
from shared.background.heartbeat import Heartbeat
from tests.faults.controls.control import Control
from tests.faults.controls.subscription_steps import finish, idle_heartbeat, publish_all
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components, Permission
from tests.faults.system.subscriptions import SubscriptionProcess
from tests.faults.system.world import START, World

_BEATS = 3


def always(agreement: ClockAgreement) -> Permission:
    return lambda: True


class CountingHeartbeat(Heartbeat):
    """Sets `enough` at the third beat, after two complete rounds."""

    def __init__(self) -> None:
        super().__init__("schedule", limit=30)
        self.enough = asyncio.Event()
        self._beats = 0

    @override
    def beat(self, detail: str) -> None:
        super().beat(detail)
        self._beats += 1
        if self._beats >= _BEATS:
            self.enough.set()


async def _a_day_ahead(world: World) -> None:
    punctual, ahead = SubscriptionProcess(world), SubscriptionProcess(world, timedelta(days=1))
    await punctual.service.prepare([])
    await punctual.adopt("office", START.date())
    world.recorder.record(InjectedFault(name="clock +1 day on one scheduler"))
    await ahead.agreement.begin()
    heartbeat = CountingHeartbeat()
    running = asyncio.create_task(ahead.schedule.run(heartbeat))
    await heartbeat.enough.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    relay = punctual.service.relay(idle_heartbeat())
    async with relay.producer() as producer:
        await publish_all(relay, producer)
    await finish(world, punctual)


CONTROL = Control(
    name="no clock-agreement check",
    breaks="never early",
    scenario=_a_day_ahead,
    broken=Components(may=always),
)
