"""Commitments to pay and payments come over the topic of renewal: in the order of their aggregates."""

from datetime import datetime
from pathlib import Path
from typing import Any

from shared.events.base import Event
from shared.events.commitment import CommitmentAccepted, CommitmentBroken
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.ids import derived
from shared.runtime.settings import Settings
from tests.services.subscription.examples import days
from tests.services.subscription.lifecycle.registrations import (
    OFFICE,
    RENEWAL,
    about,
    publish_and_wait,
    registered,
    signed,
)
from tests.services.subscription.world import World, row, world
from tests.support.people import People
from tests.support.service_process import until
from tests.support.topic import publish, raw, records

DUE = 1_000_000


def money(now: datetime, paid: int, **more: Any) -> dict[str, Any]:
    ways = {"renewal_id": RENEWAL, "registration_no": "GH-1", "receipt_id": RENEWAL, "amount_vnd": DUE}
    return about(now) | ways | {"paid_vnd": paid, "total_vnd": DUE} | more


async def publish_payments(it: World, *events: tuple[int, Event]) -> None:
    """Each with its place among the events of the receivable."""
    receivable = derived("receivable", RENEWAL)
    records = [raw(event, source="renewal", sequence=place, aggregate=receivable) for place, event in events]
    await publish(it.service.settings.kafka, it.service.names.topic("renewal"), *records)


async def test_payments_count_in_the_order_of_their_receivable(settings: Settings) -> None:
    """A redriven dead letter, or two replicas whose clocks differ, change nothing."""
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(20))])
        now = it.service.clock.now()
        order = registered(it, now).model_copy(update={"total_vnd": DUE})
        await publish_and_wait(it, "renewal", order, 1)
        reversal = PaymentReversed(**money(now - days(1), 0), reason="nhầm", refunded=False)
        late = PaymentRecorded(**money(now, DUE), received_on=it.today)
        other_sum = PaymentRecorded(**money(now, DUE, total_vnd=DUE + 1), received_on=it.today)
        await publish_payments(it, (2, reversal), (1, late), (3, other_sum))
        ways = {"renewal_id": RENEWAL, "registration_no": "GH-1"}
        last_day = it.today + days(50)
        accepted = CommitmentAccepted(
            **about(now), **ways, pay_by=last_day, access_until=last_day, decided_by="desk", reason=""
        )
        await publish_and_wait(it, "renewal", accepted, 2)
        broken = CommitmentBroken(**about(now), **ways, pay_by=last_day, open_vnd=DUE, total_vnd=DUE)
        await publish_and_wait(it, "renewal", broken, 3)
        await publish_and_wait(it, "signing", signed(it, now + days(1)), 1)
        state = await it.subscription(OFFICE)
        assert (state.registrations[RENEWAL].committed_until, state.temporary_until) == (last_day, None)
        assert state.registrations[RENEWAL].payment_sequence == 2
        await publish_payments(it, (4, late))
        paid = {f"registrations.{RENEWAL}.payment_sequence": 4}
        await until(lambda: it.service.database["subscriptions"].find_one(paid), "the payment recorded")
        assert (await it.subscription(OFFICE)).temporary_until == it.today + days(365)
        assert (await it.access(OFFICE))["products"][0]["access"]
        dead = await records(it.service.settings.kafka, it.service.names.dead("subscription"))
        assert len(dead) == 1, "the payment of another sum"
