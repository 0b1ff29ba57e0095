"""Publishes the present state of a service's aggregates again, for readers that begin anew or lost something.

A republished record has the sequence of the aggregate's last event, an id of its own and the header
`ce_republished`. Readers copy its state, unless they know a newer one, and run no handler that has an effect.
Aggregates whose events are not all published wait: otherwise a record of the state would come before an event
that it includes, and hide it from those who copy.

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
_PAGES = 10
"""Published before the redrives get their turn."""
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

    async def page(self, after: str, size: int) -> Page[Any]:
        return await self.store.published_after(after, self.query, size)


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
        """Publish the next pages of the request, so that redrives get their turn between. Returns whether
        there is more to do, now or once the relay has published what waits."""
        progress = await self.republications.pending()
        if progress is None:
            return False
        async with self.producer() as producer:
            for _ in range(_PAGES):
                await check_leadership()
                if progress.kind == len(self.kinds):
                    await self._finish(progress)
                    return False
                page = await self.kinds[progress.kind].page(progress.after, self._size)
                if page.waits and page.last is None:
                    break
                progress = await self._publish(producer, progress, page)
        return True

    @property
    def _size(self) -> int:
        """Of a page: it is published in about half a second, far less than the leadership lasts."""
        return max(1, min(PAGE, int(self.rate / 2)))

    async def _publish(
        self, producer: AIOKafkaProducer, progress: Republication, page: Page[Any]
    ) -> Republication:
        """Publish one page and save the progress."""
        if page.last is None:
            gone_on = progress.next_kind()
        else:
            records = self._envelopes(self.kinds[progress.kind], page.stored, progress)
            await with_timeout(_SEND_SECONDS, _send(producer, self.topic, records))
            left_out = len(page.stored) + len(page.unreadable) - len(records)
            gone_on = progress.gone_on(page.last, len(records), left_out)
            await self.pause(len(records) / self.rate)
        await self.republications.save(progress, gone_on)
        return gone_on

    async def _finish(self, progress: Republication) -> None:
        done = progress.model_copy(update={"finished_at": self.real.now()})
        await self.republications.save(progress, done)
        log.info("republication.finished", id=str(done.id), published=done.published, left_out=done.left_out)

    def _envelopes(
        self, kind: Republished, page: Sequence[Stored[Any]], progress: Republication
    ) -> list[Envelope]:
        """Without those that can't be told, such as a subscription whose policy is no longer configured: one
        of them must not hold up the others."""
        made: list[Envelope] = []
        for stored in page:
            try:
                made.append(self._envelope(kind, stored, progress, self.clock.now()))
            except Exception as error:
                log.error("republication.left_out", id=stored.id, error=type(error).__name__)
        return made

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
