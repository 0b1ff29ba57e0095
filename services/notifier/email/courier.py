"""Brings one notice to the mail server, line by line, and what it means to die there.

1. read, packed, line open    dies: nothing happened; the next sender finds it due.
2. saved as `sending`         dies before: as above. After: the next sender can't know how far the
   (compare-and-set)          attempt got, waits until `held_until`, when it has surely ended, and settles
                              it as unknown. Insistent notices (what takes access or a registration away, a
                              form sent back, a contract) then go again under the same Message-ID;
                              reminders and receipts are parked, not repeated.
3. handed to the server       dies: as 2, whether the server had all of it or nothing.
4. the answer is saved        dies before: as 2, although the server had answered. This and a server that
                              falls silent after DATA are the only ways to a second copy of a letter.
5. NoticeDelivered / Failed   were saved with 4 and leave through the outbox. Of a doubted refusal they are
                              saved some seconds after 4. Dies between: the next sender, who can't know what
                              the relay said to others, asks the server once more.

Two senders at once, whatever the lease says: the second loses the compare-and-set of step 2.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import structlog

from services.notifier.domain.answer import UNKNOWN, Answer, DeliveryOutcome
from services.notifier.domain.delivery import (
    AttemptMoment,
    RetryPolicy,
    conclude,
    excuse,
    postpone,
    refuse,
    take,
    weigh,
)
from services.notifier.domain.notice import Notice, NoticeStatus, Wait, overtake
from services.notifier.domain.relay_record import RelayRecord, domain_of
from services.notifier.email.composer import Composer, NoAddress, Outgoing
from services.notifier.email.smtp_connection import ServerAway, SmtpConnection
from services.notifier.notices.store import Notices
from shared.resilience.retry import is_transient, suppress_transient
from shared.storage.aggregate import Decision, Stored
from shared.time.clock import Clock

log = structlog.get_logger()

_UNSAVED_SECONDS = 0.5


class Courier:
    """`clock` is domain time and says what is due; `real` bounds attempts, which take real time.

    `attempt` is the longest that one may take. `relay` is what this process has heard of the relay. `sent`
    counts by reason, `bounced` by the kind of the refusal.
    """

    def __init__(
        self,
        notices: Notices,
        mailbag: Composer,
        patience: RetryPolicy,
        attempt: timedelta,
        clock: Clock,
        real: Clock,
    ) -> None:
        self._notices = notices
        self._mailbag = mailbag
        self._patience = patience
        # Twice, for clocks of two machines that differ.
        self._held = 2 * attempt
        self._furthest = 2 * max(patience.longest, self._held)
        self._clock = clock
        self._real = real
        self._began = real.now()
        self.relay = RelayRecord()
        self._suspects: dict[UUID, Notice] = {}
        self.sent: Counter[str] = Counter()
        self.bounced: Counter[str] = Counter()

    async def due(self, limit: int) -> list[Stored[Notice]]:
        """What is to be sent now, the longest due first."""
        return await self._notices.due(self._clock.now(), self._real.now(), self._furthest, limit)

    async def bring(self, line: SmtpConnection, stored: Stored[Notice]) -> None:
        """One notice of `due`. Raises ServerAway while the relay is at fault, unless it took this one."""
        if stored.state.status is NoticeStatus.SENDING:
            await self._settle(stored.state, UNKNOWN)
            return
        if stored.state.doubted and self._heard(stored.state):
            await self._judge(stored)
            return
        outgoing = await self._pack(stored)
        if outgoing is None:
            return
        try:
            await line.ready()
        except ServerAway as error:
            self._note(self.relay.says(str(error)))
            raise
        beginning = take(stored.state, self._clock.now(), self._real.now() + self._held)
        taken = await self._notices.replace(stored, beginning)
        if taken is None:
            return
        answer = await line.send(outgoing.recipient, outgoing.letter)
        domain = domain_of(outgoing.recipient)
        self._note(weigh(self.relay, taken.state, answer, domain, self._moment()))
        await self._settle(taken.state, answer)
        if answer.outcome is DeliveryOutcome.DELIVERED:
            return
        self._suspects[taken.state.id] = taken.state
        if self.relay.cause:
            await self._excuse_suspects()
            raise ServerAway(self.relay.cause)

    async def _excuse_suspects(self) -> None:
        """What was refused before the relay was found to be at fault is the relay's too. Dies before: it
        waits as its recipient's, and goes a little later."""

        def excused(known: Notice) -> Decision[Notice] | None:
            waits = known.status is NoticeStatus.RECORDED and known.waits_for is Wait.RECIPIENT
            return excuse(known, self._clock.now()) if waits else None

        while self._suspects:
            _, suspect = self._suspects.popitem()
            await self._notices.change(suspect, excused)

    def _heard(self, notice: Notice) -> bool:
        """Whether this process heard the refusal, and what others were told since."""
        return notice.refused_at is not None and self._began <= notice.refused_at

    async def _judge(self, stored: Stored[Notice]) -> None:
        if self.relay.cause:
            await self._notices.replace(stored, excuse(stored.state, self._clock.now()))
            return
        await self._notices.replace(stored, refuse(stored.state, self._clock.now()))
        assert stored.state.doubted is not None
        self.bounced[stored.state.doubted.kind] += 1

    def _note(self, record: RelayRecord) -> None:
        """One alert each time that the relay is found to be at fault."""
        if record.sound_at != self.relay.sound_at:
            self._suspects.clear()
        before, self.relay = self.relay.cause, record
        if record.cause and not before:
            log.error("mail.held", cause=record.cause)
        elif before and not record.cause:
            log.info("mail.released", cause=before)

    def _moment(self) -> AttemptMoment:
        return AttemptMoment(now=self._clock.now(), real=self._real.now())

    async def _pack(self, stored: Stored[Notice]) -> Outgoing | None:
        """None where there is nothing to send, or nothing yet; that is saved."""
        try:
            outgoing = await self._mailbag.pack(stored.state)
        except NoAddress:
            await self._notices.replace(stored, refuse(stored.state, self._clock.now()))
            self.bounced["no address"] += 1
            return None
        except Exception as error:  # a letter that can't be written must not hold up the others
            if is_transient(error):
                raise
            log.error("mail.not_written", notice_id=stored.id, error=type(error).__name__)
            await self._notices.replace(stored, postpone(stored.state, self._clock.now(), self._patience))
            return None
        if outgoing is None:
            await self._notices.replace(stored, overtake(stored.state))
        return outgoing

    async def _settle(self, taken: Notice, answer: Answer) -> None:
        """Record the answer. Only we know it, so this is tried until the database takes it."""
        at, at_fault = self._moment(), self.relay.cause is not None
        while True:
            with suppress_transient("mail.answer_unsaved", notice_id=str(taken.id)):
                stored = await self._notices.change(
                    taken,
                    lambda known: conclude(
                        known, taken.attempts, answer, at, self._patience, relay_at_fault=at_fault
                    ),
                )
                break
            await asyncio.sleep(_UNSAVED_SECONDS)
        self._count(stored, answer)
        log.info(
            "mail.attempt",
            notice_id=str(taken.id),
            reason=taken.matter.reason,
            attempt=taken.attempts,
            outcome=answer.outcome,
            code=answer.code,
            enhanced=answer.reply.enhanced if answer.reply else None,
        )

    def _count(self, stored: Stored[Notice] | None, answer: Answer) -> None:
        if answer.outcome is DeliveryOutcome.DELIVERED and stored:
            self.sent[stored.state.matter.reason] += 1
        elif stored and stored.state.status in (NoticeStatus.REFUSED, NoticeStatus.PARKED):
            self.bounced[answer.reply.kind if answer.reply else "no answer"] += 1
