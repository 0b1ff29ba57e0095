"""Works off the notices that are due, a few at once, beside the message handlers and never inside them."""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog

from services.notifier.domain.notice import Notice
from services.notifier.email.courier import Courier
from services.notifier.email.smtp_connection import ServerAway, SmtpConnection
from shared.background.heartbeat import Heartbeat
from shared.background.lease import TTL_SECONDS, Lease
from shared.background.wake import Wake
from shared.resilience.retry import suppress_transient
from shared.storage.aggregate import Stored

log = structlog.get_logger()

_ROUND = 100
_POLL_SECONDS = 0.5
_AWAY_SECONDS = 30.0
_PARTING_SECONDS = 10.0


class Sender:
    """As many mails are under way at once as there are `lines`. `wake` is set when there is a new one."""

    def __init__(self, courier: Courier, lines: Sequence[SmtpConnection], lease: Lease, wake: Wake) -> None:
        self._courier = courier
        self._lines = lines
        self._lease = lease
        self._wake = wake
        self._leads = False
        self._round: deque[Stored[Notice]] = deque()
        self._detail = "sends"

    async def run(self, pulse: Heartbeat) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_lease(pulse))
            tasks.create_task(self._work())

    async def close(self) -> None:
        """When no more is to be sent: leave the server, and the work to the next one."""
        for line in self._lines:
            await line.quit()
        with suppress_transient("sender.lease"):
            await self._lease.release()

    async def _keep_lease(self, pulse: Heartbeat) -> None:
        while True:
            with suppress_transient("sender.lease") as look:
                led, self._leads = self._leads, await self._lease.acquire() is not None
                if self._leads and not led:
                    self._wake.set()
                pulse.beat(self._detail if self._leads else "standby")
            if look.failed:
                self._leads = False
            await asyncio.sleep(TTL_SECONDS / 4)

    async def _work(self) -> None:
        away = 0.0
        while True:
            busy = 0
            try:
                with suppress_transient("sender.fault"):
                    busy = await self._tick_to_the_end()
                    away, self._detail = 0.0, "sends"
            except ServerAway as error:
                self._detail = f"all mail waits: {error}"
                away = min(2 * away or _POLL_SECONDS, _AWAY_SECONDS)
                log.info("sender.server_away", reason=str(error), seconds=away)
                await asyncio.sleep(away)
            else:
                if not busy:
                    await self._wake.wait(_POLL_SECONDS)

    async def _tick_to_the_end(self) -> int:
        """A tick that is told to stop takes up no more notices, and finishes the attempts under way."""
        ticking = asyncio.create_task(self.tick())
        try:
            return await asyncio.shield(ticking)
        except asyncio.CancelledError:
            self._leads = False
            await asyncio.wait({ticking}, timeout=_PARTING_SECONDS)
            ticking.cancel()
            raise

    async def tick(self) -> int:
        """Work off one round of what is due, if we lead. Returns how many notices that were. While the relay
        is at fault one line alone tries it.

        Raises ServerAway and what the database raises, when all lines have come to rest.
        """
        if not self._leads:
            return 0
        self._round = deque(await self._courier.due(_ROUND))
        due = len(self._round)
        lines = self._lines[:1] if self._courier.relay.cause else self._lines
        ends = await asyncio.gather(*(self._serve(line) for line in lines), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return due

    async def _serve(self, line: SmtpConnection) -> None:
        """One line's share of the round. A fault that isn't the notice's own ends the round for all, and so
        does the loss of the lease."""
        try:
            while self._round and self._leads:
                await self._courier.bring(line, self._round.popleft())
        except Exception:
            self._round.clear()
            raise
