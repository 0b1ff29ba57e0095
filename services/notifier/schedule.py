"""Sends the notices that are due, a few at once, beside the message handlers and never inside them.

One notice, line by line (`_deal_with`), and what it means to die there:

1. read, packed, line open    dies: nothing happened; the next sender finds it due.
2. saved as `sending`         dies before: as above. After: the next sender can't know how far the
   (compare-and-set)          attempt got, waits until `held_until`, when it has surely ended, and settles
                              it as unknown. Insistent notices (lock, final notice, termination, contract)
                              then go again under the same Message-ID; reminders are parked, not repeated.
3. handed to the server       dies: as 2, whether the server had all of it or nothing.
4. the answer is saved        dies before: as 2, although the server had answered. This and a server that
                              falls silent after DATA are the only ways to a second copy of a letter.
5. NoticeDelivered / Failed   were saved with 4 and leave through the outbox.

Two senders at once, whatever the lease says: the second loses the compare-and-set of step 2.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from services.notifier.domain.answer import NOT_SENT, UNKNOWN, Answer
from services.notifier.domain.delivery import Patience, postpone, settle, take
from services.notifier.domain.notice import Notice, Status, overtake
from services.notifier.mailbag import Mailbag, Outgoing
from services.notifier.post import Line, ServerAway
from services.notifier.store import Notices
from shared import mongo
from shared.aggregate import Stored
from shared.clock import Clock
from shared.faults import Conflict
from shared.lease import TTL_SECONDS, Lease
from shared.pulse import Pulse
from shared.wake import Wake

log = structlog.get_logger()

_RETRIED: tuple[type[Exception], ...] = (Conflict, *mongo.TRANSIENT)
_ROUND = 100
_POLL_SECONDS = 0.5
_AWAY_SECONDS = 30.0
_PARTING_SECONDS = 10.0


class Sender:
    """`clock` is domain time and says what is due; `real` bounds attempts, which take real time."""

    def __init__(
        self,
        notices: Notices,
        mailbag: Mailbag,
        lines: Sequence[Line],
        patience: Patience,
        attempt: timedelta,
        clock: Clock,
        real: Clock,
        lease: Lease,
        wake: Wake,
    ) -> None:
        self._notices = notices
        self._mailbag = mailbag
        self._lines = lines
        self._patience = patience
        # Twice, for clocks of two machines that differ.
        self._held = 2 * attempt
        self._clock = clock
        self._real = real
        self._lease = lease
        self._wake = wake
        self._leads = False
        self._round: deque[Stored[Notice]] = deque()
        self._detail = "sends"

    async def run(self, pulse: Pulse) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_lease(pulse))
            tasks.create_task(self._work())

    async def close(self) -> None:
        """When no more is to be sent: leave the server, and the work to the next one."""
        for line in self._lines:
            await line.quit()
        with suppress(*mongo.TRANSIENT):
            await self._lease.release()

    async def _keep_lease(self, pulse: Pulse) -> None:
        while True:
            try:
                led, self._leads = self._leads, await self._lease.acquire() is not None
                if self._leads and not led:
                    self._wake.set()
                pulse.beat(self._detail if self._leads else "standby")
            except mongo.TRANSIENT as error:
                self._leads = False
                log.warning("sender.lease", error=type(error).__name__)
            await asyncio.sleep(TTL_SECONDS / 4)

    async def _work(self) -> None:
        away = 0.0
        while True:
            try:
                busy = await self._tick_to_the_end()
                away, self._detail = 0.0, "sends"
                if not busy:
                    await self._wake.wait(_POLL_SECONDS)
            except ServerAway as error:
                self._detail = f"mail server: {error}"
                away = min(2 * away or _POLL_SECONDS, _AWAY_SECONDS)
                log.warning("sender.server_away", reason=str(error), seconds=away)
                await asyncio.sleep(away)
            except mongo.TRANSIENT as error:
                log.warning("sender.fault", error=type(error).__name__)
                await asyncio.sleep(_POLL_SECONDS)

    async def _tick_to_the_end(self) -> int:
        """A tick that is told to stop takes up no more notices, and ends the attempts under way."""
        ticking = asyncio.create_task(self.tick())
        try:
            return await asyncio.shield(ticking)
        except asyncio.CancelledError:
            self._round.clear()
            await asyncio.wait({ticking}, timeout=_PARTING_SECONDS)
            ticking.cancel()
            raise

    async def tick(self) -> int:
        """Work off one round of what is due, if we lead. Returns how many notices that were.

        Raises ServerAway and what the database raises, when all lines have come to rest.
        """
        if not self._leads:
            return 0
        self._round.extend(await self._notices.due(self._clock.now(), self._real.now(), _ROUND))
        due = len(self._round)
        ends = await asyncio.gather(*(self._serve(line) for line in self._lines), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return due

    async def _serve(self, line: Line) -> None:
        """One line's share of the round. A fault that isn't the notice's own ends the round for all."""
        try:
            while self._round:
                await self._deal_with(line, self._round.popleft())
        except Exception:
            self._round.clear()
            raise

    async def _deal_with(self, line: Line, stored: Stored[Notice]) -> None:
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
        except mongo.TRANSIENT:
            raise
        except Exception as error:  # a letter that can't be written must not hold up the others
            log.error("mail.not_written", notice_id=stored.id, error=type(error).__name__)
            await self._notices.replace(stored, postpone(stored.state, self._clock.now(), self._patience))
            return None
        if outgoing is None:
            await self._notices.replace(stored, overtake(stored.state))
        return outgoing

    async def _settle(self, taken: Notice, answer: Answer) -> None:
        """Record the answer. Only we know it, so this is tried until the database takes it."""
        while True:
            try:
                await self._notices.change(
                    taken,
                    lambda known: settle(known, taken.attempts, answer, self._clock.now(), self._patience),
                )
                break
            except _RETRIED as error:
                log.warning("mail.answer_unsaved", notice_id=str(taken.id), error=type(error).__name__)
                await asyncio.sleep(_POLL_SECONDS)
        log.info(
            "mail.attempt",
            notice_id=str(taken.id),
            reason=taken.matter.reason,
            attempt=taken.attempts,
            outcome=answer.outcome,
            code=answer.code,
        )
