"""Handles one record, with retries, until it has had its effect, is parked or is a dead letter."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog
from aiokafka import ConsumerRecord
from prometheus_client import Counter

from shared.messaging.consumption.record_batches import UnreadableRecord
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.envelope import BadRecord, Envelope
from shared.messaging.parked import Parked
from shared.messaging.routes import Routes
from shared.resilience import denials
from shared.resilience.errors import Interrupted, NotYet, Unproven
from shared.resilience.retry import is_transient

log = structlog.get_logger()

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 15.0


class RecordHandler:
    """`attempt` runs the handlers of a record's event once: a subscriber's `process_message`.
    `at_once` bounds how many records of different partitions are handled at the same time."""

    def __init__(
        self,
        attempt: Callable[[ConsumerRecord], Awaitable[object]],
        routes: Routes,
        parked: Parked,
        dead: DeadLetters,
        results: Counter,
        *,
        at_once: int,
    ) -> None:
        self._attempt = attempt
        self._routes = routes
        self._parked = parked
        self._dead = dead
        self._results = results
        self._slots = asyncio.Semaphore(at_once)
        self._waiting: set[str] = set()
        """Subscriptions that have parked messages; the others need no look-up."""

    async def handle(self, record: ConsumerRecord) -> None:
        if isinstance(record, UnreadableRecord):
            self._results.labels("unreadable").inc()
            log.error(
                "consumer.unreadable", reason=record.reason, topic=record.topic, partition=record.partition,
                offset=record.offset, next_offset=record.next_offset,
            )  # fmt: skip
            return await self._dead_letter(record, record.reason)
        try:
            envelope = Envelope.parse(record.headers, record.value)
            self._routes.check_origin(envelope, record.topic)
            with structlog.contextvars.bound_contextvars(
                event_id=str(envelope.id),
                event_type=envelope.type,
                correlation_id=str(envelope.correlation_id),
            ):
                await self._retry(lambda: self._route(record, envelope))
                if envelope.subject in self._waiting:
                    await self._retry(lambda: self.retry_parked(envelope.subject))
        except Exception as error:  # no error of a handler may lose the record
            await self._dead_letter(record, reason_of(error))

    async def _dead_letter(self, record: ConsumerRecord, reason: str) -> None:
        await self._retry(lambda: self._dead.put(record, reason))
        self._results.labels("dead_lettered").inc()

    async def _route(self, record: ConsumerRecord, envelope: Envelope) -> None:
        try:
            if self._routes.model_of(envelope):
                await self._attempt(record)
            self._results.labels("handled").inc()
        except NotYet as why:
            await self._park(envelope, why)
        except Interrupted as stopped:
            await self._park(envelope, NotYet(f"a worker that finishes ({type(stopped).__name__})"))

    async def _park(self, envelope: Envelope, why: NotYet) -> None:
        await self._parked.put(envelope, why)
        self._waiting.add(envelope.subject)
        self._results.labels("parked").inc()

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

    async def _retry(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Attempt until it succeeds or raises an error that is not transient. The pause grows each time and
        holds no slot."""
        wait = _FIRST_WAIT
        while True:
            try:
                async with self._slots:
                    await attempt()
                return
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
