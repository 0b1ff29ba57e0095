"""The product's messaging classes, extended to record what they do in the history."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from typing_extensions import override

from shared.messaging.consumption.consumer import Consumer
from shared.messaging.consumption.record_handler import ReadRecord, RecordHandler
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.envelope import Envelope
from shared.messaging.parked import Parked
from shared.messaging.routes import Routes
from shared.resilience.errors import NotYet
from tests.faults import history
from tests.faults.history import HistoryRecorder, Outcome

Interference = Callable[[str, Envelope], Awaitable[None]]
"""Called before a record is handled, with the service's name. It may raise or wait."""


async def no_interference(service: str, envelope: Envelope) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Interferes before each event is handled, and records what came of it."""

    service: str
    recorder: HistoryRecorder
    interfere: Interference

    async def handle(self, envelope: Envelope, work: Callable[[], Awaitable[None]]) -> None:
        outcome: Outcome = "error"
        try:
            await self.interfere(self.service, envelope)
            await work()
            outcome = "ok"
        finally:
            self.record_handled(envelope, outcome)

    def record_handled(self, envelope: Envelope, outcome: Outcome) -> None:
        self.recorder.record(history.Handled(service=self.service, id=str(envelope.id), outcome=outcome))


class RecordingRoutes(Routes):
    """Parked messages and redrives."""

    def __init__(self, routes: Routes, observer: Observer) -> None:
        super().__init__()
        self._copies, self._pooled = routes._copies, routes._pooled
        self._effects, self._models = routes._effects, routes._models
        self.observer = observer

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(sorted(self._models))

    @override
    async def handle(self, envelope: Envelope) -> None:
        handle = super().handle
        await self.observer.handle(envelope, lambda: handle(envelope))


class RecordingRecordHandler(RecordHandler):
    """Records of a topic. Their copies are written before."""

    def __init__(self, *arguments: Any, observer: Observer, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._observer = observer

    @override
    async def finish(self, one: ReadRecord) -> None:
        """Records those that need no attempt of their own: they have no effect, or it was saved together with
        others'."""
        done = one.envelope if not (one.reason or one.waits_for or one.needs_attempt) else None
        await super().finish(one)
        if done:
            self._observer.record_handled(done, "ok")

    @override
    async def _run_effects(self, one: ReadRecord, envelope: Envelope) -> None:
        run_effects = super()._run_effects
        await self._observer.handle(envelope, lambda: run_effects(one, envelope))


class RecordingParked(Parked):
    def __init__(self, *arguments: Any, service: str, recorder: HistoryRecorder) -> None:
        super().__init__(*arguments)
        self._service, self._recorder = service, recorder

    @override
    async def put(self, envelope: Envelope, why: NotYet) -> None:
        outcome: Outcome = "error"
        try:
            await super().put(envelope, why)
            outcome = "ok"
        finally:
            self._recorder.record(
                history.ParkAttempt(service=self._service, id=str(envelope.id), outcome=outcome)
            )


class RecordingDeadLetters(DeadLetters):
    def __init__(self, *arguments: Any, service: str, recorder: HistoryRecorder) -> None:
        super().__init__(*arguments)
        self._service, self._recorder = service, recorder

    @override
    async def put(self, record: ConsumerRecord, reason: str) -> None:
        outcome: Outcome = "error"
        try:
            await super().put(record, reason)
            outcome = "ok"
        finally:
            place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            self._recorder.record(history.DeadLetterAttempt(service=self._service, **place, outcome=outcome))


class RecordingConsumer(Consumer):
    """`rounds` counts its checks for offsets to commit, so that tests can wait for progress."""

    def __init__(self, *arguments: Any, service: str, recorder: HistoryRecorder, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._service, self._recorder = service, recorder
        self.rounds = 0
        self._killed = False

    @override
    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """A killed consumer takes no partitions, although its connection may last a little longer."""
        if not self._killed:
            await super().on_partitions_assigned(assigned)

    @override
    async def _commit(self) -> None:
        wanted = {p: queue.position for p, queue in self._queues.items() if queue.position is not None}
        before = dict(self._committed)
        try:
            await super()._commit()
        finally:
            self._note({p: at for p, at in wanted.items() if before.get(p) != at})
            self.rounds += 1

    def _note(self, wanted: dict[TopicPartition, int]) -> None:
        for partition, offset in wanted.items():
            self._recorder.record(
                history.Offset(
                    service=self._service,
                    topic=partition.topic,
                    partition=partition.partition,
                    offset=offset,
                    outcome="ok" if self._committed.get(partition) == offset else "error",
                )
            )

    async def kill(self) -> None:
        """Stop in the middle of all work, like a killed process. Nothing is left to commit at the stop."""
        self._killed = True
        tasks = [queue._task for queue in self._queues.values()]
        self._queues.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
