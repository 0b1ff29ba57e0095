"""Produces the input from outside: offices, registrations, and records that nobody can read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import ids
from shared.events.base import Stage
from shared.events.paper_form import PaperFormReceived, PaperFormReturned
from shared.events.renewal import RenewalRegistered, SendingChanged, Term
from shared.messaging.envelope import Envelope
from tests.faults.history import Outcome, Produced
from tests.faults.system.world import World
from tests.services.notifier import examples as ex

_OfPaper = SendingChanged | PaperFormReceived | PaperFormReturned


class Driver:
    """`_surely` counts, for each registration, the events that are certainly in the log. An event after one
    with unknown result would leave a gap."""

    def __init__(self, world: World, producer: AIOKafkaProducer) -> None:
        self._world, self._producer = world, producer
        self._topic = f"{world.settings.namespace}.renewal.events"
        self._surely: dict[str, int] = {}

    async def register(self, number: int, office_ref: str, basis: date, times: int = 1) -> Envelope:
        """Produce the office's registration with that number, `times` times. The office's term ends on
        `basis`."""
        envelope = _envelope(_registered(self._world, number, office_ref, basis), 1)
        for _ in range(times):
            if await self._tell(envelope) == "ok":
                self._surely.setdefault(f"{office_ref}-{number}", 1)
        return envelope

    async def post(self, office_ref: str) -> None:
        """Produce the next paper event for each of the office's registrations."""
        for name, known in list(self._surely.items()):
            if known and name.rpartition("-")[0] == office_ref:
                event = _of_paper(known, self._world.truth.now(), name, office_ref)
                outcome = await self._tell(_envelope(event, known + 1))
                self._surely[name] = known + 1 if outcome == "ok" else 0

    async def _tell(self, envelope: Envelope) -> Outcome:
        key = envelope.subject.encode()
        return await self._produce(str(envelope.id), key, envelope.body, envelope.headers())

    async def poison(self, office_ref: str) -> None:
        """Produce a record whose headers no parser decodes, among the office's own records."""
        key = str(ids.subscription_id(office_ref, "qlts")).encode()
        await self._produce(None, key, b"{", [("ce_id", b"\xc3\x28"), ("ce_type", b"\xff")])

    async def _produce(
        self, id: str | None, key: bytes, body: bytes, headers: list[tuple[str, bytes]]
    ) -> Outcome:
        outcome: Outcome = "error"
        try:
            await self._producer.send_and_wait(self._topic, body, key=key, headers=headers)
            outcome = "ok"
        except KafkaError:
            pass  # the result is unknown
        finally:
            self._world.recorder.record(Produced(topic=self._topic, id=id, outcome=outcome))
        return outcome


@asynccontextmanager
async def start_driver(world: World) -> AsyncIterator[Driver]:
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


def _of_paper(known: int, at: datetime, name: str, office_ref: str) -> _OfPaper:
    """First "sent on paper"; then alternately received and returned."""
    if known == 1:
        return ex.sent_on_paper(at, name, office_ref)
    if known % 2 == 0:
        return ex.paper_received(at, name, office_ref)
    return ex.paper_returned(at, name, office_ref)


def _envelope(event: RenewalRegistered | _OfPaper, sequence: int) -> Envelope:
    aggregate = f"renewal/{event.renewal_id}"
    return Envelope(
        id=ids.event_id(aggregate, sequence, event.TYPE),
        type=event.TYPE,
        source="/giahan/renewal",
        subject=str(event.subscription_id),
        time=event.recorded_at,
        aggregate=aggregate,
        sequence=sequence,
        correlation_id=ids.fresh(),
        causation_id=None,
        traceparent=None,
        body=event.model_dump_json().encode(),
    )
