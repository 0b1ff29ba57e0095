"""Brings a run to the points that an undisturbed renewal passes by: parked, dead letters, redrives.

A registration is refused before its subscription is known: as a record, and as a dead letter that an
operator has redriven. Both wait until the subscription comes. And two records that no one can read.
"""

import asyncio

from services.subscription.row import Row
from shared import mongo
from shared.broker import Names
from shared.calendar import civil_date
from shared.clock import SystemClock
from shared.deadletters import DeadLetter
from shared.events.renewal import RenewalRefused
from shared.ids import fresh
from shared.redrives import Redrives
from shared.settings import Settings
from tests.support.topic import Raw, publish, raw

_POISONED = {
    "subscription": frozenset({"renewal", "signing", "notifier"}),
    "renewal": frozenset({"subscription", "signing", "notifier"}),
}
"""Whose topics get a record that no one can read, and which services then have a dead letter."""
Poison = dict[str, frozenset[str]]
_REDRIVEN_FROM = 1_000_000


def provoke(settings: Settings, row: Row, number: int) -> Poison:
    """Before `row` is taken in; `number` counts the calls. For each record that must end as a dead letter,
    `topic/partition/offset`, the services that read it."""
    return asyncio.run(_provoke(settings, row, number))


async def _provoke(settings: Settings, row: Row, number: int) -> Poison:
    topic = Names(settings.namespace).topic("renewal")
    await _redrive(settings, topic, number, _early(row))
    await publish(settings.kafka, topic, _early(row))
    poison = Raw(b"{", [("ce_id", b"\xc3\x28")])
    poisoned: Poison = {}
    for producer, readers in _POISONED.items():
        topic = Names(settings.namespace).topic(producer)
        (offset,) = await publish(settings.kafka, topic, poison)
        poisoned[f"{topic}/{poison.partition}/{offset}"] = readers
    return poisoned


def _early(row: Row) -> Raw:
    now = SystemClock().now()
    refused = RenewalRefused(
        subscription_id=row.subscription_id,
        office_ref=row.office_ref,
        product_code=row.product_code,
        effective_on=civil_date(now, row.zone),
        occurred_at=now,
        recorded_at=now,
        renewal_id=fresh(),
        registration_no="SOM-1",
        reason="too early",
    )
    # An aggregate of its own: the witness holds each source's numbers against each other.
    return raw(refused, source=f"renewal-{refused.renewal_id}")


async def _redrive(settings: Settings, topic: str, number: int, record: Raw) -> None:
    client = mongo.connect(settings.mongo)
    now = SystemClock().now()
    where = topic, record.partition, _REDRIVEN_FROM + number
    letter = DeadLetter(*where, "tried", now, record.key, record.value, tuple(record.headers))
    redrives = Redrives(client[settings.database("subscription")]["redrives"])
    await redrives.ask(letter, "ops", "crash points", now)
    client.close()
