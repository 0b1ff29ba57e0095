"""Tells the other processes of a service that there may be work for them.

What is told is a number in the lease of the relay, which every worker reads once a second anyway, to extend
or to take it. If a process dies after it saved something and before it called, the others find the work when
they look by themselves.
"""

import asyncio

from shared.background.wake import Wake
from shared.resilience.retry import suppress_transient
from shared.storage.mongo import Collection

LEASE = "relay"
_BETWEEN_CALLS_SECONDS = 0.5


async def call(leases: Collection) -> None:
    """Call once. Where no worker has run yet there is nobody to call."""
    await leases.update_one({"_id": LEASE}, {"$inc": {"calls": 1}})


async def call_when_woken(leases: Collection, wake: Wake) -> None:
    """Call for ever, a moment apart: one call tells of everything that was saved since the last one."""
    while True:
        await wake.wait()
        with suppress_transient("calls.transient_error"):
            await call(leases)
        await asyncio.sleep(_BETWEEN_CALLS_SECONDS)
