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
5. NoticeDelivered / Failed   were saved with 4 and leave through the outbox.

Two senders at once, whatever the lease says: the second loses the compare-and-set of step 2.
"""

import asyncio
from datetime import timedelta

import structlog

from services.notifier.domain.answer import NOT_SENT, UNKNOWN, Answer
from services.notifier.domain.delivery import Patience, postpone, refuse, settle, take
from services.notifier.domain.notice import Notice, Status, overtake
from services.notifier.mailbag import Mailbag, NoAddress, Outgoing
from services.notifier.post import Line, ServerAway
from services.notifier.store import Notices
from shared.aggregate import Stored
from shared.clock import Clock
from shared.passing import borne, passes

log = structlog.get_logger()

_UNSAVED_SECONDS = 0.5


class Courier:
    """`clock` is domain time and says what is due; `real` bounds attempts, which take real time.

    `attempt` is the longest that one may take.
    """

    def __init__(
        self,
        notices: Notices,
        mailbag: Mailbag,
        patience: Patience,
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

    async def due(self, limit: int) -> list[Stored[Notice]]:
        """What is to be sent now, the longest due first."""
        return await self._notices.due(self._clock.now(), self._real.now(), self._furthest, limit)

    async def bring(self, line: Line, stored: Stored[Notice]) -> None:
        """One notice of `due`. Raises ServerAway, with the notice as it was."""
        if stored.state.status is Status.SENDING:
            await self._settle(stored.state, UNKNOWN)
            return
        outgoing = await self._pack(stored)
        if outgoing is None:
            return
        await line.ready()
        beginning = take(stored.state, self._clock.now(), self._real.now() + self._held)
        taken = await self._notices.replace(stored, beginning)
        if taken is None:
            return
        try:
            answer = await line.send(outgoing.recipient, outgoing.letter)
        except ServerAway:
            await self._settle(taken.state, NOT_SENT)
            raise
        await self._settle(taken.state, answer)

    async def _pack(self, stored: Stored[Notice]) -> Outgoing | None:
        """None where there is nothing to send, or nothing yet; that is saved."""
        try:
            outgoing = await self._mailbag.pack(stored.state)
        except NoAddress:
            await self._notices.replace(stored, refuse(stored.state, self._clock.now()))
            return None
        except Exception as error:  # a letter that can't be written must not hold up the others
            if passes(error):
                raise
            log.error("mail.not_written", notice_id=stored.id, error=type(error).__name__)
            await self._notices.replace(stored, postpone(stored.state, self._clock.now(), self._patience))
            return None
        if outgoing is None:
            await self._notices.replace(stored, overtake(stored.state))
        return outgoing

    async def _settle(self, taken: Notice, answer: Answer) -> None:
        """Record the answer. Only we know it, so this is tried until the database takes it."""
        while True:
            with borne("mail.answer_unsaved", notice_id=str(taken.id)):
                await self._notices.change(
                    taken,
                    lambda known: settle(known, taken.attempts, answer, self._clock.now(), self._patience),
                )
                break
            await asyncio.sleep(_UNSAVED_SECONDS)
        log.info(
            "mail.attempt",
            notice_id=str(taken.id),
            reason=taken.matter.reason,
            attempt=taken.attempts,
            outcome=answer.outcome,
            code=answer.code,
        )
