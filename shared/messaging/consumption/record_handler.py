"""Handles records, with retries, until each has had its effect, is parked or is a dead letter."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog
from aiokafka import ConsumerRecord
from prometheus_client import Counter

from shared.background.wake import Wake
from shared.events.base import Event
from shared.messaging.consumption.record_batches import UnreadableRecord
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.envelope import BadRecord, Envelope
from shared.messaging.parked import Parked
from shared.messaging.routes import Routes
from shared.resilience import denials
from shared.resilience.errors import Interrupted, NotYet, Unproven
from shared.resilience.retry import is_transient
from shared.storage.pooled_change import AnyPooled, save_pooled
from shared.storage.projection import CopyWrite, write_copies

log = structlog.get_logger()

T = TypeVar("T")

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 15.0
_BULK = 100
"""Records whose changes are decided before other work of the process gets its turn."""


@dataclass(slots=True)
class ReadRecord:
    """A record, and what is known of it so far. `copies` is what its `latest` handlers write; `waits_for` the
    missing document for which one of them waits; `is_saved` says that its effects are saved; `reason` why it
    is a dead letter; `is_dead` once it is one."""

    record: ConsumerRecord
    envelope: Envelope | None = None
    event: Event | None = None
    copies: Sequence[CopyWrite] = ()
    has_effects: bool = False
    waits_for: str | None = None
    is_saved: bool = False
    reason: str = ""
    is_dead: bool = False

    @property
    def needs_attempt(self) -> bool:
        return self.has_effects and not self.is_saved


class RecordHandler:
    """`attempt` runs the handlers of a record's event that have effects, once: a subscriber's
    `process_message`. `at_once` bounds how many attempts are made at the same time. `wake` is set when a
    message is parked."""

    def __init__(
        self,
        attempt: Callable[[ConsumerRecord], Awaitable[object]],
        routes: Routes,
        parked: Parked,
        dead: DeadLetters,
        results: Counter,
        *,
        at_once: int,
        wake: Wake | None = None,
    ) -> None:
        self._attempt = attempt
        self._routes = routes
        self._parked = parked
        self._dead = dead
        self._results = results
        self.at_once = at_once
        self._wake = wake or Wake()
        self._slots = asyncio.Semaphore(at_once)
        self._waiting: set[str] = set()
        """Subscriptions that have parked messages; the others need no look-up."""

    def read(self, record: ConsumerRecord) -> ReadRecord:
        """Never raises: what is wrong with a record is its `reason`."""
        if isinstance(record, UnreadableRecord):
            self._results.labels("unreadable").inc()
            log.error(
                "consumer.unreadable", reason=record.reason, topic=record.topic, partition=record.partition,
                offset=record.offset, next_offset=record.next_offset,
            )  # fmt: skip
            return ReadRecord(record, reason=record.reason)
        try:
            envelope = Envelope.parse(record.headers, record.value)
            self._routes.check_origin(envelope, record.topic)
            if self._routes.model_of(envelope) is None:
                return ReadRecord(record, envelope)
            event = self._routes.read(envelope)
            copies = self._routes.copies(event, envelope) if event else ()
            return ReadRecord(record, envelope, event, copies, self._routes.has_effects(envelope))
        except Exception as error:  # no error of a handler may lose the record
            return ReadRecord(record, reason=reason_of(error))

    def is_waited_for(self, one: ReadRecord) -> bool:
        """Whether messages of the same subscription are parked. They are tried again after each record."""
        return one.envelope is not None and one.envelope.subject in self._waiting

    async def copy(self, records: Sequence[ReadRecord]) -> None:
        """Write the copies of all records. If that fails, one of them can't be written: then each record's
        are written alone. Who can't is a dead letter before a newer copy hides that it was never written."""
        writes = [write for one in records for write in one.copies]
        if not writes:
            return
        try:
            waiting = await self._retry(lambda: write_copies(writes))
        except Exception as error:
            if len(records) == 1:
                records[0].reason = reason_of(error)
                return
            for one in records:
                await self.copy([one])
                if one.reason:
                    await self.finish(one)
            return
        missing = {id(write): write.document for write in waiting}
        for one in records:
            one.waits_for = next((missing[id(write)] for write in one.copies if id(write) in missing), None)

    async def save_pooled(self, records: Sequence[ReadRecord]) -> None:
        """Save the effects of many records together, as far as their handlers pool them. `finish` handles
        the others alone: those that are refused, and all of a bulk that the database refuses for good."""
        bulks = (records[first : first + _BULK] for first in range(0, len(records), _BULK))
        await asyncio.gather(*map(self._save_bulk, bulks))

    async def _save_bulk(self, records: Sequence[ReadRecord]) -> None:
        pooled = [(one, change) for one in records if (change := self._pooled_change(one))]
        if not pooled:
            return
        try:
            left = await self._retry(lambda: save_pooled([change for _, change in pooled]))
        except Exception as error:
            log.warning("consumer.one_by_one", reason=reason_of(error), records=len(pooled))
            return
        alone = {id(change) for change in left}
        for one, change in pooled:
            one.is_saved = id(change) not in alone

    def _pooled_change(self, one: ReadRecord) -> AnyPooled | None:
        if one.envelope is None or one.event is None or one.waits_for or one.reason:
            return None
        try:
            return self._routes.pooled_change(one.event, one.envelope)
        except Exception:  # the handler fails again when the record is handled alone
            return None

    async def finish(self, one: ReadRecord) -> None:
        """Run the handlers that have effects, with retries, of a record whose copies are written."""
        envelope = one.envelope
        try:
            if envelope is None or one.reason:
                return await self._dead_letter(one, one.reason)
            if not (one.waits_for or one.needs_attempt or envelope.subject in self._waiting):
                return self._results.labels("handled").inc()
            with structlog.contextvars.bound_contextvars(
                event_id=str(envelope.id),
                event_type=envelope.type,
                correlation_id=str(envelope.correlation_id),
            ):
                if one.waits_for or one.needs_attempt:
                    await self._retry(lambda: self._route(one, envelope))
                else:
                    self._results.labels("handled").inc()
                if envelope.subject in self._waiting:
                    await self._retry(lambda: self.retry_parked(envelope.subject))
        except Exception as error:  # no error of a handler may lose the record
            await self._dead_letter(one, reason_of(error))

    async def _dead_letter(self, one: ReadRecord, reason: str) -> None:
        if one.is_dead:
            return
        await self._retry(lambda: self._dead.put(one.record, reason))
        one.is_dead = True
        self._results.labels("dead_lettered").inc()

    async def _route(self, one: ReadRecord, envelope: Envelope) -> None:
        try:
            await self._run_effects(one, envelope)
            self._results.labels("handled").inc()
        except NotYet as why:
            await self._park(envelope, why)
        except Interrupted as stopped:
            await self._park(envelope, NotYet(f"a worker that finishes ({type(stopped).__name__})"))

    async def _run_effects(self, one: ReadRecord, envelope: Envelope) -> None:
        if one.waits_for:
            raise NotYet(one.waits_for)
        await self._attempt(one.record)

    async def _park(self, envelope: Envelope, why: NotYet) -> None:
        await self._parked.put(envelope, why)
        self._waiting.add(envelope.subject)
        self._wake.set()
        self._results.labels("parked").inc()

    @property
    def has_parked(self) -> bool:
        return bool(self._waiting)

    async def retry_parked(self, subject: str | None = None) -> None:
        """Try parked messages again: those of one subscription, or all (at the start and every few seconds).

        A message that still waits, or fails in another way, stays parked with its reason.
        """
        tried = {subject} if subject else set()
        left: set[str] = set()
        for message in await self._parked.of(subject):
            tried.add(message.envelope.subject)
            try:
                await self._routes.handle(message.envelope)
                await self._parked.remove(message.envelope)
            except NotYet as why:
                left.add(message.envelope.subject)
                await self._parked.update_reason(message, why.waits_for)
            except Exception as error:
                reason = reason_of(error)
                log.error("consumer.parked_fails", event_id=str(message.envelope.id), reason=reason)
                left.add(message.envelope.subject)
                if not is_transient(error):
                    await self._parked.update_reason(message, message.waits_for, reason)
        self._waiting = (self._waiting - tried) | left

    async def _retry(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Attempt until it succeeds or raises an error that is not transient. The pause grows each time and
        holds no slot."""
        wait = _FIRST_WAIT
        while True:
            try:
                async with self._slots:
                    return await attempt()
            except Exception as error:
                if not is_transient(error):
                    raise
                denials.note(error)
                log.warning("consumer.retry", error=type(error).__name__, seconds=wait)
                self._results.labels("retried").inc()
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(wait * 2, _LONGEST_WAIT)


def reason_of(error: Exception) -> str:
    """The error's class and where it was raised. Only texts of this code are quoted: others may hold personal
    data."""
    if isinstance(error, BadRecord | Unproven):
        return str(error)
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "unknown"
    return f"{type(error).__name__} in {where}"
