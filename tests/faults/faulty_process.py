"""Runs a service's process with a fault: it leads whatever the lease says, or its machine shows the wrong
time. FAULTS_SERVICE, FAULTS_LEADS and FAULTS_CLOCK_SECONDS configure it."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module

from shared.background.lease import Lease
from shared.time.clock import SystemClock

MODULE = __name__


def environment(service: str, *, leads: bool = False, clock: timedelta = timedelta(0)) -> Mapping[str, str]:
    """The environment with which `main` becomes such a process."""
    return {
        "FAULTS_SERVICE": service,
        "FAULTS_LEADS": "1" if leads else "",
        "FAULTS_CLOCK_SECONDS": str(int(clock.total_seconds())),
    }


def _lead_always() -> None:
    async def acquire(self: Lease) -> int:
        return 1

    async def hold(self: Lease) -> bool:
        return True

    Lease.acquire = acquire  # type: ignore[method-assign]
    Lease.hold = hold  # type: ignore[method-assign]


def _show(apart: timedelta) -> None:
    right = SystemClock.now

    def wrong(self: SystemClock) -> datetime:
        return right(self) + apart

    SystemClock.now = wrong  # type: ignore[method-assign]


def main() -> None:
    if os.environ["FAULTS_LEADS"]:
        _lead_always()
    _show(timedelta(seconds=int(os.environ["FAULTS_CLOCK_SECONDS"])))
    import_module(f"services.{os.environ['FAULTS_SERVICE']}.main").main()
