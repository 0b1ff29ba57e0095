"""Publishes the present state of a service's aggregates again, for readers that begin anew or lost something.

A republished record has the type and the sequence of the aggregate's last event, an id of its own and the
header `ce_republished`. Readers copy its state, unless they know a newer one, and run no handler that has an
effect. Aggregates whose events are not all published wait: otherwise a record of the state would come before
an event that it includes, and hide it from those who copy.

Snapshots for compacted topics are not republished: of two records with one key the broker keeps the later
one, which might be the older state.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer

from shared import ids
from shared.background.leader_loop import CheckLeadership
from shared.events.base import Event
from shared.messaging.broker import ProducerContext
from shared.messaging.envelope import Envelope
from shared.messaging.relay import RelayBatches
from shared.messaging.republication.republications import Republication, Republications
from shared.resilience.timeouts import with_timeout
from shared.storage.aggregate import Cause, Stored, envelopes
from shared.storage.store import Page, Store
from shared.time.clock import Clock

log = structlog.get_logger()

PAGE = 500
_SEND_SECONDS = 30.0


class StateEvent(Protocol):
    """Makes the event that tells the whole public state as of `now`."""

    def __call__(self, state: Any, *, now: datetime) -> Event: ...


@dataclass(frozen=True, slots=True)
class Republished:
    """One kind of aggregate that a service republishes: those of `store` that match `query`."""

    store: Store[Any]
    query: dict[str, Any]
    event: StateEvent

    async def page(self, after: str) -> Page[Any]:
        return await self.store.published_after(after, self.query, PAGE)


@dataclass(frozen=True, slots=True)
class Republisher:
    """`clock` is domain time and stands in the records. `real` is the machine's. `rate` is how many records
    a second it publishes at most, so that those of the day's work get their turn."""

    source: str
    topic: str
    kinds: Sequence[Republished]
    republications: Republications
    producer: Callable[[], ProducerContext]
    clock: Clock
    real: Clock
    rate: float
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def sweep(self, check_leadership: CheckLeadership) -> bool:
        """Work on the oldest request until it is finished. Returns whether it must wait for the relay."""
        progress = await self.republications.pending()
        if progress is None:
            return False
        async with self.producer() as producer:
            while progress.kind < len(self.kinds):
                await check_leadership()
                page = await self.kinds[progress.kind].page(progress.after)
                if page.waits and page.last is None:
                    return True
                progress = await self._publish(producer, progress, page)
        done = progress.model_copy(update={"finished_at": self.real.now()})
        await self.republications.save(done)
        log.info("republication.finished", id=str(done.id), published=done.published, left_out=done.left_out)
        return False

    async def _publish(
        self, producer: AIOKafkaProducer, progress: Republication, page: Page[Any]
    ) -> Republication:
        """Publish one page and save the progress."""
        if page.last is None:
            return progress.next_kind()
        kind, now = self.kinds[progress.kind], self.clock.now()
        records = [self._envelope(kind, stored, progress, now) for stored in page.stored if stored.sequence]
        await with_timeout(_SEND_SECONDS, _send(producer, self.topic, records))
        gone_on = progress.gone_on(page.last, len(records), len(page.unreadable))
        await self.republications.save(gone_on)
        await self.pause(len(records) / self.rate)
        return gone_on

    def _envelope(
        self, kind: Republished, stored: Stored[Any], progress: Republication, now: datetime
    ) -> Envelope:
        before = replace(stored, sequence=stored.sequence - 1)
        cause = Cause(None, progress.id)
        (envelope,) = envelopes(self.source, before, (kind.event(stored.state, now=now),), cause, now)
        id = ids.derived("republished", envelope.aggregate, envelope.sequence, progress.id)
        return replace(envelope, id=id, republished=True)


async def _send(producer: AIOKafkaProducer, topic: str, records: Sequence[Envelope]) -> None:
    batches = RelayBatches(producer)
    for record in records:
        await batches.add(topic, {"key": record.subject, "headers": record.headers(), "body": record.body})
    await batches.flush()
