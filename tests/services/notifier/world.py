"""The notifier on real Kafka, MongoDB and SMTP. The test plays the other services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from services.notifier.domain.matter import NoticeEvent
from services.notifier.main import compose
from services.notifier.settings import NotifierSettings
from shared import ids
from shared.events.base import Event, Stage
from shared.messaging.envelope import Envelope
from shared.runtime.service import Service
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import PostOffice
from tests.support.clock import FixedClock
from tests.support.service_process import run_service, until
from tests.support.topic import committed

_OF_RECEIVABLE = (None, "not_seen")
"""Reminders of a day to pay are events of the renewal; all else about a payment is the receivable's."""


@dataclass
class World:
    """`clock` is the service's domain time."""

    client: httpx.AsyncClient
    service: Service
    post: PostOffice
    clock: FixedClock
    producer: AIOKafkaProducer
    numbers: dict[str, int] = field(default_factory=dict)

    async def publish(self, *events: Event) -> list[Envelope]:
        """Publish the events as their services do, each with the next sequence number of its aggregate."""
        envelopes = [self._envelope(event) for event in events]
        await self.publish_again(*envelopes)
        return envelopes

    async def publish_again(self, *envelopes: Envelope) -> None:
        """Publish the same records once more."""
        for envelope in envelopes:
            topic = self.service.names.topic(envelope.source.removeprefix("/giahan/"))
            await self.producer.send_and_wait(
                topic, envelope.body, key=envelope.subject.encode(), headers=envelope.headers()
            )

    def _envelope(self, event: Event) -> Envelope:
        aggregate = aggregate_of(event)
        number = self.numbers[aggregate] = self.numbers.get(aggregate, 0) + 1
        return envelope(event, number)

    async def banners(self, office_ref: str, **more: str) -> list[dict[str, Any]]:
        answer = await self._get_banners(office_ref, **more)
        assert answer.status_code == 200, answer.text
        body: list[dict[str, Any]] = answer.json()
        return body

    async def _get_banners(self, office_ref: str, **more: str) -> httpx.Response:
        return await self.client.get("/v1/banners", params={"office_ref": office_ref, **more})

    async def banner(self, office_ref: str, **fields: Any) -> dict[str, Any]:
        """The office's only banner, once it has these fields. A busy database may be silent meanwhile."""

        async def ask() -> dict[str, Any] | None:
            answer = await self._get_banners(office_ref)
            entries = answer.json() if answer.status_code == 200 else []
            return next((b for b in entries if all(b[name] == value for name, value in fields.items())), None)

        return await until(ask, f"banner {fields}")

    async def notices(self, **fields: Any) -> list[dict[str, Any]]:
        return await self.service.database["notices"].find(fields).to_list(None)

    async def ended_notice(self, event: NoticeEvent) -> dict[str, Any]:
        """The stored notice of this event, once it has ended."""

        async def ended() -> dict[str, Any] | None:
            found = await self.notices(_id=str(ex.notice(event).id), due_at=None)
            return found[0] if found else None

        return await until(ended, f"notice {type(event).__name__} ended")

    async def published(self, count: int) -> list[tuple[Envelope, Event]]:
        """The events that the notifier has published, once there are `count`."""

        async def enough() -> list[tuple[Envelope, Event]] | None:
            found = await committed(self.service.settings.kafka, self.service.names.topic("notifier"))
            return found if len(found) >= count else None

        return await until(enough, f"{count} events of the notifier")


async def adopted_office(world: World, office_ref: str, stage: Stage = Stage.ACTIVE) -> str:
    """An office with a licence. Returns its contact's address."""
    await world.publish(ex.recorded(stage, office_ref=office_ref, email=ex.address(office_ref)))
    return ex.address(office_ref)


def aggregate_of(event: Event) -> str:
    source = event.TYPE.split(".")[2]
    if source == "subscription":
        return f"{source}/{event.subscription_id}"
    if event.TYPE.startswith("vn.giahan.renewal.payment_") and getattr(event, "why", None) in _OF_RECEIVABLE:
        return f"{source}/{ids.derived('receivable', getattr(event, 'renewal_id', None))}"
    return f"{source}/{getattr(event, 'renewal_id', event.subscription_id)}"


def envelope(event: Event, number: int) -> Envelope:
    """`event` as its service publishes it, with sequence number `number`."""
    aggregate = aggregate_of(event)
    return Envelope(
        id=ids.event_id(aggregate, number, event.TYPE),
        type=event.TYPE,
        source=f"/giahan/{event.TYPE.split('.')[2]}",
        subject=str(event.subscription_id),
        time=event.recorded_at,
        aggregate=aggregate,
        sequence=number,
        correlation_id=ids.fresh(),
        causation_id=None,
        traceparent=None,
        body=event.model_dump_json().encode(),
    )


@asynccontextmanager
async def world(settings: NotifierSettings, post: PostOffice) -> AsyncIterator[World]:
    clock = FixedClock(ex.NOON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.runtime.service.SystemClock", lambda: clock)
        service, plan = compose(settings)
    async with (
        run_service(service, plan) as client,
        AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True) as producer,
    ):
        yield World(client, service, post, clock, producer)
    service.client.close()
