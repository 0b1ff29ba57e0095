"""Processes of a service tell each other that there may be work.

What is told is a number in the lease of the relay, which every worker reads anyway, to extend or to take it.
If a process dies after it saved something and before it called, the others find the work when they look by
themselves.
"""

import asyncio

from shared.background.lease import RENEW_SECONDS
from shared.background.wake import Wake, Wakes
from shared.resilience.retry import suppress_transient
from shared.resilience.timeouts import with_timeout
from shared.storage.mongo import Collection

LEASE = "relay"
_BETWEEN_CALLS_SECONDS = 0.5
_LAST_CALL_SECONDS = 5.0


async def call(leases: Collection) -> None:
    """Call once. Where no worker has run yet there is nobody to call."""
    await leases.update_one({"_id": LEASE}, {"$inc": {"calls": 1}})


async def call_when_woken(leases: Collection, wake: Wake) -> None:
    """Call for ever, a moment apart: one call tells of everything that was saved since the last one. A call
    that fails, or is cancelled, is still to be made."""
    while True:
        await wake.wait()
        with suppress_transient("calls.transient_error"):
            try:
                await call(leases)
            except BaseException:
                wake.set()
                raise
        await asyncio.sleep(_BETWEEN_CALLS_SECONDS)


async def call_last(leases: Collection, wake: Wake) -> None:
    """Make the call that is still to be made when a process ends."""
    if wake.is_set:
        with suppress_transient("calls.transient_error"):
            await with_timeout(_LAST_CALL_SECONDS, call(leases))


async def listen(leases: Collection, wakes: Wakes) -> None:
    """Hear the calls while the relay doesn't, as when the broker can't be reached."""
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        if asyncio.get_running_loop().time() - wakes.heard_at > 2 * RENEW_SECONDS:
            with suppress_transient("calls.transient_error"):
                lease = await leases.find_one({"_id": LEASE}, {"calls": 1})
                wakes.hear(lease.get("calls", 0) if lease else 0)
