"""What comes from outside: offices, registrations, and records that nobody can read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import ids
from shared.envelope import Envelope
from shared.events.base import Stage
from shared.events.renewal import RenewalRegistered, Term
from tests.faults.history import Outcome, Produced
from tests.faults.system.world import World
from tests.services.notifier import examples as ex


class Driver:
    def __init__(self, world: World, producer: AIOKafkaProducer) -> None:
        self._world, self._producer = world, producer
        self._topic = f"{world.settings.namespace}.renewal.events"

    async def register(self, number: int, office_ref: str, basis: date, times: int = 1) -> Envelope:
        """The registration with that number of an office whose term ends on `basis`, produced so often."""
        envelope = _envelope(_registered(self._world, number, office_ref, basis))
        for _ in range(times):
            await self._produce(
                str(envelope.id), envelope.subject.encode(), envelope.body, envelope.headers()
            )
        return envelope

    async def poison(self, office_ref: str) -> None:
        """A record whose headers no parser decodes, in the midst of an office's own."""
        key = str(ids.subscription_id(office_ref, "qlts")).encode()
        await self._produce(None, key, b"{", [("ce_id", b"\xc3\x28"), ("ce_type", b"\xff")])

    async def _produce(
        self, id: str | None, key: bytes, body: bytes, headers: list[tuple[str, bytes]]
    ) -> None:
        outcome: Outcome = "error"
        try:
            await self._producer.send_and_wait(self._topic, body, key=key, headers=headers)
            outcome = "ok"
        except KafkaError:
            pass  # unknown is an outcome too
        finally:
            self._world.noted.note(Produced(topic=self._topic, id=id, outcome=outcome))


@asynccontextmanager
async def driving(world: World) -> AsyncIterator[Driver]:
    async with AIOKafkaProducer(bootstrap_servers=world.settings.kafka, enable_idempotence=True) as producer:
        yield Driver(world, producer)


def _registered(world: World, number: int, office_ref: str, basis: date) -> RenewalRegistered:
    like = ex.registered(at=world.truth.now(), name=f"{office_ref}-{number}", office_ref=office_ref)
    term = Term(
        basis_expires_on=basis,
        basis_stage=Stage.EXPIRING,
        term_from=basis + timedelta(days=1),
        term_to=basis + timedelta(days=365),
        years=1,
    )
    return like.model_copy(update={"term": term, "registration_no": f"DK-{number}"})


def _envelope(event: RenewalRegistered) -> Envelope:
    aggregate = f"renewal/{event.renewal_id}"
    return Envelope(
        id=ids.event_id(aggregate, 1, event.TYPE),
        type=event.TYPE,
        source="/giahan/renewal",
        subject=str(event.subscription_id),
        time=event.recorded_at,
        aggregate=aggregate,
        sequence=1,
        correlation_id=ids.fresh(),
        causation_id=None,
        traceparent=None,
        body=event.model_dump_json().encode(),
    )
