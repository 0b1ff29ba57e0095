"""The sender: delivers the notices that are due, several at once. It runs outside the message handlers."""

import asyncio
import math
from collections import deque
from collections.abc import Sequence

import structlog

from services.notifier.domain.notice import Notice
from services.notifier.email.queue import MailQueue
from services.notifier.email.service import DeliveryService
from services.notifier.email.smtp_connection import ServerUnavailable, SmtpConnection
from shared.background.heartbeat import Heartbeat
from shared.background.lease import RENEW_SECONDS, Lease
from shared.background.wake import Wake
from shared.resilience.retry import suppress_transient
from shared.storage.aggregate import Stored

log = structlog.get_logger()

_BATCH_SIZE = 100
_SHORTEST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_SHUTDOWN_SECONDS = 10.0
_DESCRIBED_SECONDS = 60.0


class Sender:
    """Delivers over all `connections` at once, while it holds the lease. `wake` is set for a new notice.
    Otherwise it looks when the next one is due by its time, at the latest after `idle_seconds`."""

    def __init__(
        self,
        delivery: DeliveryService,
        queue: MailQueue,
        connections: Sequence[SmtpConnection],
        lease: Lease,
        wake: Wake,
        idle_seconds: float,
    ) -> None:
        self._delivery = delivery
        self._queue = queue
        self._connections = connections
        self._lease = lease
        self._wake = wake
        self._idle_seconds = idle_seconds
        self._leads = False
        self._batch: deque[Stored[Notice]] = deque()
        self._detail = "sends"
        self._described_at = -math.inf

    async def run(self, heartbeat: Heartbeat) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hold_lease(heartbeat))
            tasks.create_task(self._deliver_due())

    async def close(self) -> None:
        """Close the connections and release the lease, so that the next sender can take over."""
        for connection in self._connections:
            await connection.quit()
        with suppress_transient("sender.lease"):
            await self._lease.release()

    async def _hold_lease(self, heartbeat: Heartbeat) -> None:
        while True:
            with suppress_transient("sender.lease") as attempt:
                was_leading, self._leads = self._leads, await self._lease.acquire() is not None
                if self._leads and not was_leading:
                    self._wake.set()
                heartbeat.beat(self._detail if self._leads else "standby")
            if attempt.failed:
                self._leads = False
            await asyncio.sleep(RENEW_SECONDS)

    async def _deliver_due(self) -> None:
        pause = 0.0
        while True:
            busy = 0
            try:
                with suppress_transient("sender.transient_error") as attempt:
                    busy, pause = await self._finish_tick(), 0.0
                    await self._describe(busy)
            except ServerUnavailable as error:
                self._detail, self._described_at = f"all mail waits: {error}", -math.inf
                pause = min(2 * pause or _SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
                log.info("sender.server_away", reason=str(error), seconds=pause)
                await asyncio.sleep(pause)
            else:
                if not busy:
                    await self._wait(failed=attempt.failed)

    async def _describe(self, busy: int) -> None:
        """Tell the readiness probe that this sends; once a minute also what waits, if more than a batch."""
        now = asyncio.get_running_loop().time()
        if busy < _BATCH_SIZE:
            self._detail, self._described_at = "sends", -math.inf
        elif now - self._described_at >= _DESCRIBED_SECONDS:
            self._detail, self._described_at = f"sends: {await self._queue.describe()}", now

    async def _wait(self, *, failed: bool) -> None:
        """Wait for a wake, at most until the next notice is due by its time."""
        seconds = _SHORTEST_PAUSE_SECONDS
        if not failed:
            with suppress_transient("sender.transient_error"):
                seconds = max(seconds, min(self._idle_seconds, await self._delivery.until_due()))
        await self._wake.wait(seconds)

    async def _finish_tick(self) -> int:
        """Run one tick. On cancellation it starts no more notices, but lets the attempts under way finish."""
        ticking = asyncio.create_task(self.tick())
        try:
            return await asyncio.shield(ticking)
        except asyncio.CancelledError:
            self._leads = False
            await asyncio.wait({ticking}, timeout=_SHUTDOWN_SECONDS)
            ticking.cancel()
            raise

    async def tick(self) -> int:
        """If this process leads, deliver one batch of due notices. Returns how many were due. While the relay
        is at fault, only one connection tries it.

        Raises ServerUnavailable, or what the database raises, after all connections have stopped.
        """
        if not self._leads:
            return 0
        self._batch = deque(await self._delivery.due(_BATCH_SIZE))
        due = len(self._batch)
        connections = self._connections[:1] if self._delivery.relay.cause else self._connections
        results = await asyncio.gather(
            *(self._deliver_batch(connection) for connection in connections), return_exceptions=True
        )
        for result in results:
            if result is not None:
                raise result
        return due

    async def _deliver_batch(self, connection: SmtpConnection) -> None:
        """Deliver one connection's share of the batch. The batch ends for all connections when the lease is
        lost, or on an error that does not come from the notice itself."""
        try:
            while self._batch and self._leads:
                await self._delivery.deliver(connection, self._batch.popleft())
        except Exception:
            self._batch.clear()
            raise
