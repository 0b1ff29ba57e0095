"""Injects messages that bring a run to points an undisturbed renewal does not reach: parked messages, dead
letters, redrives.

A registration is refused before its subscription is known: once as a record, and once as a dead letter that
an operator redrives. Both wait until the subscription comes. Two more records cannot be read by anyone.
"""

import asyncio
import os
import signal
import subprocess
import sys

from aiokafka import ConsumerRecord

from deploy.local.host.problem import StackProblem
from services.subscription.spreadsheet.row import Row
from shared.events.renewal import RenewalRefused
from shared.ids import fresh
from shared.messaging.broker import KafkaNames, dead_letter_producer
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.runtime.settings import Settings
from shared.time.calendar import civil_date
from shared.time.clock import SystemClock
from tests.faults import crash_entrypoint
from tests.faults.crash_stack import CrashStack
from tests.support.topic import Raw, publish, raw

_POISONED = {
    "subscription": frozenset({"renewal", "signing", "notifier"}),
    "renewal": frozenset({"subscription", "renewal", "signing", "notifier"}),
}
"""Producers whose topics get an unreadable record, and the services that then have a dead letter."""
Poison = dict[str, frozenset[str]]
REDRIVE_COMMAND = "deploy.deadletters.__main__"
_REDRIVEN_FROM = 1_000_000
_GIVES_UP_S = 60


def inject_messages(stack: CrashStack, row: Row, number: int) -> Poison:
    """Inject the messages before `row` is imported; `number` counts the calls.

    Returns, for each record that must become a dead letter (`topic/partition/offset`), the services that read
    it.
    """
    settings = stack.environment.settings()
    died = asyncio.run(_dead_letter(settings, _early_refusal(row), _REDRIVEN_FROM + number))
    _redrive(stack, died)
    return {died: frozenset({"subscription"})} | asyncio.run(_publish(settings, _early_refusal(row)))


async def _publish(settings: Settings, early: Raw) -> Poison:
    await publish(settings.kafka, KafkaNames(settings.namespace).topic("renewal"), early)
    poison = Raw(b"{", [("ce_id", b"\xc3\x28")])
    poisoned: Poison = {}
    for producer, readers in _POISONED.items():
        topic = KafkaNames(settings.namespace).topic(producer)
        (offset,) = await publish(settings.kafka, topic, poison)
        poisoned[f"{topic}/{poison.partition}/{offset}"] = readers
    return poisoned


def _early_refusal(row: Row) -> Raw:
    now = SystemClock().now()
    refused = RenewalRefused(
        subscription_id=row.subscription_id,
        office_ref=row.office_ref,
        product_code=row.product_code,
        effective_on=civil_date(now, row.zone),
        occurred_at=now,
        recorded_at=now,
        renewal_id=fresh(),
        registration_no="SOM-1",
        reason="too early",
    )
    # Its own aggregate, because the witness checks the sequence of each aggregate.
    return raw(refused, source="renewal", aggregate=refused.renewal_id)


async def _dead_letter(settings: Settings, record: Raw, offset: int) -> str:
    """Write a dead letter as if the subscription service had read the record at that offset. Returns its
    position."""
    names = KafkaNames(settings.namespace)
    met = ConsumerRecord(
        names.topic("renewal"), record.partition, offset, 0, 0, record.key, record.value, None, 0, 0,
        tuple(record.headers),
    )  # fmt: skip
    dead = DeadLetters(lambda: dead_letter_producer(settings.connection), names.dead("subscription"))
    try:
        await dead.put(met, "tried")
    finally:
        await dead.aclose()
    return f"{met.topic}/{met.partition}/{met.offset}"


def _redrive(stack: CrashStack, position: str) -> None:
    """Run the operator's command, again after each of its deaths. It does not wait for the result."""
    argv = ("subscription", "redrive", position, "--by", "ops", "--reason", "crash points", "--wait", "0")
    config = stack.crash_config(REDRIVE_COMMAND, *argv)
    env = {**os.environ, **stack.environment.of("deadletters"), **config.env()}
    ended = -signal.SIGKILL
    while ended == -signal.SIGKILL:
        done = subprocess.run(
            [sys.executable, "-m", crash_entrypoint.__name__],
            env=env,
            capture_output=True,
            timeout=_GIVES_UP_S,
            check=False,
        )
        ended = done.returncode
    if ended not in (0, 1) or b"Traceback" in done.stderr:
        raise StackProblem("lệnh xử lý lại hỏng", "the redrive command failed", done.stderr.decode())
