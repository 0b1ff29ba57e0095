"""The replaceable components of a world; a negative control replaces one by a broken one."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.renewal.payment.line_recorder import LineRecorder
from services.subscription.entitlement.clock_agreement import ClockAgreement
from shared import ids
from shared.background.workers import Workers
from shared.messaging.relay import Relay
from tests.faults.system.journal import JournalStore
from tests.faults.system.recording_parts import RecordingConsumer, RecordingDeadLetters

Permission = Callable[[], bool]
Seal = Callable[[Workers, float], Awaitable[bytes]]


def when_clocks_agree(agreement: ClockAgreement) -> Permission:
    return agreement.holds


async def seal_in_worker(workers: Workers, seconds: float) -> bytes:
    """A document with a new signature, which takes `seconds` of work in a worker process."""
    return await workers.run(seal, seconds)


def seal(seconds: float) -> bytes:
    """A sealed document. No two are equal, as with real signatures."""
    time.sleep(seconds)
    return b"%PDF-1.7 sealed " + ids.fresh().bytes


async def seal_inline(workers: Workers, seconds: float) -> bytes:
    """Seal without cost, for worlds that do not test sealing."""
    return b"%PDF-1.7 sealed " + ids.fresh().bytes


@dataclass(frozen=True, slots=True)
class Components:
    """By default the product's own components, which record what they do."""

    store: type[JournalStore[Any]] = JournalStore
    relay: type[Relay] = Relay
    consumer: type[RecordingConsumer] = RecordingConsumer
    dead: type[RecordingDeadLetters] = RecordingDeadLetters
    may: Callable[[ClockAgreement], Permission] = when_clocks_agree
    seal: Seal = seal_inline
    recorder: type[LineRecorder] = LineRecorder
