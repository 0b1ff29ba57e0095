"""Delivers one notice to the mail server. The steps, and what a process that dies there leaves behind:

1. read, composed, connected  dies: nothing happened; the next sender finds it due.
2. saved as `sending`         dies before: as above. After: the next sender can't know how far the
   (compare-and-set)          attempt got. It waits until `held_until`, when the attempt has certainly ended,
                              and records it as unknown. Insistent notices (access or a registration ends, a
                              form is sent back, a contract) are then sent again under the same Message-ID;
                              reminders and receipts are parked, not repeated.
3. handed to the server       dies: as 2, whether the server had all of the letter or nothing.
4. the answer is saved        dies before: as 2, although the server had answered. This and a server that
                              falls silent after DATA are the only ways to a second copy of a letter.
5. NoticeDelivered / Failed   were saved with 4 and leave through the outbox. For a doubted hard bounce they
                              are saved some seconds after 4. Dies between: the next sender does not know what
                              the relay replied for others, so it tries the server once more.

If two senders run at once in spite of the lease, the second loses the compare-and-set of step 2.
"""

import asyncio
import math
from collections import Counter
from datetime import timedelta
from uuid import UUID

import structlog

from services.notifier.domain.delivery import (
    AttemptMoment,
    RetryPolicy,
    begin_attempt,
    end_attempt,
    postpone,
    refuse,
    update_relay_record,
    wait_for_relay,
)
from services.notifier.domain.delivery_result import UNKNOWN, DeliveryOutcome, DeliveryResult
from services.notifier.domain.notice import Notice, NoticeStatus, Wait, overtake
from services.notifier.domain.relay_record import RelayRecord, registrable_domain
from services.notifier.email.composer import Composer, NoAddress, OutgoingMessage
from services.notifier.email.smtp_connection import ServerUnavailable, SmtpConnection
from services.notifier.notices.store import Notices
from shared.resilience.retry import is_transient, suppress_transient
from shared.storage.aggregate import Decision, Stored
from shared.time.clock import Clock

log = structlog.get_logger()

_UNSAVED_SECONDS = 0.5


class DeliveryService:
    """`clock` is domain time and decides what is due. `real` is real time and limits attempts.

    `attempt` is the longest time of one attempt. `relay` is this process's record of the relay. `sent` counts
    letters by reason, `bounced` by the kind of the refusal. `unreadable` holds the ids of due notices that
    this process can't read, because they are damaged or a newer release recorded them.
    """

    def __init__(
        self,
        notices: Notices,
        composer: Composer,
        policy: RetryPolicy,
        attempt: timedelta,
        clock: Clock,
        real: Clock,
    ) -> None:
        self._notices = notices
        self._composer = composer
        self._policy = policy
        # Twice, because the clocks of two machines may differ.
        self._longest_hold = 2 * attempt
        self._furthest_due = 2 * max(policy.longest, self._longest_hold)
        self._clock = clock
        self._real = real
        self._started_at = real.now()
        self.relay = RelayRecord()
        self._suspects: dict[UUID, Notice] = {}
        self.sent: Counter[str] = Counter()
        self.bounced: Counter[str] = Counter()
        self.unreadable: set[str] = set()

    async def due(self, limit: int) -> list[Stored[Notice]]:
        """The notices to send now, the most urgent first. An unreadable one is logged once and left out."""
        now, real = self._clock.now(), self._real.now()
        due, damaged = await self._notices.due(now, real, self._furthest_due, limit, without=self.unreadable)
        for id in damaged:
            log.error("mail.unreadable", notice_id=id)
        self.unreadable.update(damaged)
        return due

    async def until_due(self) -> float:
        """Seconds until the next notice is due by its time; negative if one is due, but still held."""
        due_at = await self._notices.next_due_at(without=self.unreadable)
        return (due_at - self._clock.now()).total_seconds() if due_at else math.inf

    async def deliver(self, connection: SmtpConnection, stored: Stored[Notice]) -> None:
        """Deliver one notice of `due`. Raises ServerUnavailable if the relay is at fault and did not take
        it."""
        if stored.state.status is NoticeStatus.SENDING:
            await self._record_result(stored.state, UNKNOWN)
            return
        if stored.state.doubted and self._heard_refusal(stored.state):
            await self._resolve_doubt(stored)
            return
        outgoing = await self._compose(stored)
        if outgoing is None:
            return
        try:
            await connection.ready()
        except ServerUnavailable as error:
            self._update_relay(self.relay.record_complaint(str(error)))
            raise
        decision = begin_attempt(stored.state, self._clock.now(), self._real.now() + self._longest_hold)
        begun = await self._notices.replace(stored, decision)
        if begun is None:
            return
        result = await connection.send(outgoing.recipient, outgoing.letter)
        domain = registrable_domain(outgoing.recipient)
        self._update_relay(update_relay_record(self.relay, begun.state, result, domain, self._moment()))
        await self._record_result(begun.state, result)
        if result.outcome is DeliveryOutcome.DELIVERED:
            return
        self._suspects[begun.state.id] = begun.state
        if self.relay.cause:
            await self._release_suspects()
            raise ServerUnavailable(self.relay.cause)

    async def _release_suspects(self) -> None:
        """Let the notices that were refused before the relay was found to be at fault wait for the relay:
        their refusals were its fault too. Dies before: they wait for their recipients, and go a little
        later."""

        def decide(known: Notice) -> Decision[Notice] | None:
            waits = known.status is NoticeStatus.RECORDED and known.waits_for is Wait.RECIPIENT
            return wait_for_relay(known, self._clock.now()) if waits else None

        while self._suspects:
            _, suspect = self._suspects.popitem()
            await self._notices.change(suspect, decide)

    def _heard_refusal(self, notice: Notice) -> bool:
        """Whether this process received the refusal, and so knows the results of other domains since."""
        return notice.refused_at is not None and self._started_at <= notice.refused_at

    async def _resolve_doubt(self, stored: Stored[Notice]) -> None:
        if self.relay.cause:
            await self._notices.replace(stored, wait_for_relay(stored.state, self._clock.now()))
            return
        await self._notices.replace(stored, refuse(stored.state, self._clock.now()))
        assert stored.state.doubted is not None
        self.bounced[stored.state.doubted.kind] += 1

    def _update_relay(self, record: RelayRecord) -> None:
        """Log one alert each time that the relay is found to be at fault."""
        if record.healthy_at != self.relay.healthy_at:
            self._suspects.clear()
        before, self.relay = self.relay.cause, record
        if record.cause and not before:
            log.error("mail.held", cause=record.cause)
        elif before and not record.cause:
            log.info("mail.released", cause=before)

    def _moment(self) -> AttemptMoment:
        return AttemptMoment(now=self._clock.now(), real=self._real.now())

    async def _compose(self, stored: Stored[Notice]) -> OutgoingMessage | None:
        """The message; None if there is nothing to send now. Then the reason is already saved."""
        try:
            outgoing = await self._composer.compose(stored.state)
        except NoAddress:
            await self._notices.replace(stored, refuse(stored.state, self._clock.now()))
            self.bounced["no address"] += 1
            return None
        except Exception as error:  # a letter that can't be written must not hold up the others
            if is_transient(error):
                raise
            log.error("mail.not_written", notice_id=stored.id, error=type(error).__name__)
            await self._notices.replace(stored, postpone(stored.state, self._clock.now(), self._policy))
            return None
        if outgoing is None:
            await self._notices.replace(stored, overtake(stored.state))
        return outgoing

    async def _record_result(self, begun: Notice, result: DeliveryResult) -> None:
        """Record the result. Only this process knows it, so it retries until the database takes it."""
        at, at_fault = self._moment(), self.relay.cause is not None
        while True:
            with suppress_transient("mail.answer_unsaved", notice_id=str(begun.id)):
                stored = await self._notices.change(
                    begun,
                    lambda known: end_attempt(
                        known, begun.attempts, result, at, self._policy, relay_at_fault=at_fault
                    ),
                )
                break
            await asyncio.sleep(_UNSAVED_SECONDS)
        self._count(stored, result)
        log.info(
            "mail.attempt",
            notice_id=str(begun.id),
            reason=begun.matter.reason,
            attempt=begun.attempts,
            outcome=result.outcome,
            code=result.code,
            enhanced=result.reply.enhanced if result.reply else None,
        )

    def _count(self, stored: Stored[Notice] | None, result: DeliveryResult) -> None:
        if result.outcome is DeliveryOutcome.DELIVERED and stored:
            self.sent[stored.state.matter.reason] += 1
        elif stored and stored.state.status in (NoticeStatus.REFUSED, NoticeStatus.PARKED):
            self.bounced[result.reply.kind if result.reply else "no answer"] += 1
