"""FastStream sees each attempt at a record, and nothing that it does can lose one. Without servers."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.usecase import SubscriberUsecase
from faststream.exceptions import SubscriberNotFound
from faststream.kafka import TestKafkaBroker
from faststream.kafka.prometheus import KafkaPrometheusMiddleware
from faststream.kafka.subscriber.usecase import DefaultSubscriber, LogicSubscriber
from prometheus_client import CollectorRegistry

from shared.events.subscription import SubscriptionExpiring
from shared.messaging.consumption.record_handler import RecordHandler
from shared.messaging.consumption.subscriber import EventBroker, EventSubscriber
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.envelope import BadRecord, Position
from shared.messaging.parked import Parked
from shared.messaging.routes import Routes
from shared.observability.metrics import Metrics
from shared.resilience.errors import Transient
from shared.storage.aggregate import Cause
from tests.support.counter import expiring
from tests.support.topic import Raw, raw

TOPIC = "subscription.events"


def _record(one: Raw) -> ConsumerRecord:
    return ConsumerRecord(TOPIC, 0, 7, 0, 0, one.key, one.value, None, 3, 2, tuple(one.headers))


@asynccontextmanager
async def _started(routes: Routes, **named: Any) -> AsyncIterator[EventSubscriber]:
    """A subscriber with the handlers of `routes`, as after a start but without Kafka."""
    broker = EventBroker("127.0.0.1:1", apply_types=False, logger=None, **named)
    subscriber = broker.subscriber(TOPIC, group_id="group")
    routes.register(subscriber)
    async with TestKafkaBroker(broker):
        yield subscriber


async def test_handlers_of_one_event_run_in_their_order_and_get_what_they_rely_on() -> None:
    calls: list[tuple[str, object]] = []

    async def first(event: SubscriptionExpiring, cause: Cause, at: Position) -> None:
        calls.append((event.office_ref, at.sequence))

    async def act(event: SubscriptionExpiring, cause: Cause) -> None:
        calls.append((event.office_ref, cause.message_id))

    routes = Routes()
    routes.placed(SubscriptionExpiring, first)
    routes.once(SubscriptionExpiring, act)
    one = raw(expiring(1), sequence=3)
    async with _started(routes) as subscriber:
        await subscriber.process_message(_record(one))
    assert [call[0] for call in calls] == ["office-1", "office-1"]
    assert [str(call[1]) for call in calls] == ["3", dict(one.headers)["ce_id"].decode()]


async def test_each_attempt_passes_the_middlewares() -> None:
    attempts = 0

    async def fails_once(event: SubscriptionExpiring, cause: Cause) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise Transient("busy")

    routes, registry = Routes(), CollectorRegistry()
    routes.once(SubscriptionExpiring, fails_once)
    middleware = KafkaPrometheusMiddleware(registry=registry)
    async with _started(routes, middlewares=[middleware]) as subscriber:
        nowhere: Any = None
        handler = RecordHandler(
            subscriber.process_message,
            routes,
            cast("Parked", nowhere),
            cast("DeadLetters", nowhere),
            Metrics().records,
            at_once=1,
        )
        await handler.finish(handler.read(_record(raw(expiring(1)))))
    labels = {"app_name": "faststream", "broker": "kafka", "handler": TOPIC}
    failed = {**labels, "exception_type": "Transient"}
    name = "faststream_received_processed_messages_exceptions_total"
    assert registry.get_sample_value("faststream_received_messages_total", labels) == 2
    assert registry.get_sample_value(name, failed) == 1


async def _never(event: SubscriptionExpiring, cause: Cause) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    "spoilt",
    [
        raw(expiring(1)).with_header("ce_id", b"\xc3\x28"),
        raw(expiring(1)).with_header("ce_id", None),
        Raw(None, []),
    ],
    ids=["not UTF-8", "null", "nothing"],
)
async def test_a_record_that_is_no_event_fits_no_handler_and_breaks_no_parser(spoilt: Raw) -> None:
    routes = Routes()
    routes.once(SubscriptionExpiring, _never)
    async with _started(routes) as subscriber:
        with pytest.raises(SubscriberNotFound):
            await subscriber.process_message(_record(spoilt))


async def test_a_header_that_is_not_ours_may_hold_anything() -> None:
    handled: list[str] = []

    async def handle(event: SubscriptionExpiring, cause: Cause) -> None:
        handled.append(event.office_ref)

    routes = Routes()
    routes.once(SubscriptionExpiring, handle)
    async with _started(routes) as subscriber:
        for value in (None, b"\xc3\x28"):
            await subscriber.process_message(_record(raw(expiring(1)).with_header("other", value)))
    assert handled == ["office-1", "office-1"]


async def test_a_body_that_fits_no_model_is_raised_to_the_caller() -> None:
    routes = Routes()
    routes.once(SubscriptionExpiring, _never)
    async with _started(routes) as subscriber:
        with pytest.raises(BadRecord):
            await subscriber.process_message(_record(Raw(b"[]", raw(expiring(1)).headers)))


class _Queues:
    """Notes what it is told, in order."""

    def __init__(self, subscriber: EventSubscriber) -> None:
        self.told: list[object] = []
        self._subscriber = subscriber

    def enqueue(self, records: Sequence[ConsumerRecord]) -> None:
        self.told += records

    async def drain(self) -> None:
        self.told.append(f"drained, running: {self._subscriber.running}")


class _Kafka:
    """Answers one fetch after the other; then it is stopped."""

    def __init__(self, *answers: object) -> None:
        self._answers = iter([*answers, ConsumerStoppedError()])

    async def getmany(self, **named: Any) -> object:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_faststreams_own_loop_fetches_and_queues_and_handles_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failed fetch is remembered until one succeeds."""
    monkeypatch.setattr("shared.messaging.consumption.subscriber._FAULT_SECONDS", 0.0)
    subscriber = EventBroker(logger=None, apply_types=False).subscriber(TOPIC, group_id="group")
    queues = _Queues(subscriber)
    subscriber.feed(queues)
    subscriber._post_start()
    one, two = _record(raw(expiring(1))), _record(raw(expiring(2)))
    answers = _Kafka({TopicPartition(TOPIC, 0): [one], TopicPartition(TOPIC, 1): [two]}, KafkaError())
    await subscriber._run_consume_loop(cast("AIOKafkaConsumer", answers))
    assert queues.told == [one, two]
    assert subscriber.failing == "KafkaError"


async def test_stop_drains_first() -> None:
    subscriber = EventBroker(logger=None, apply_types=False).subscriber(TOPIC, group_id="group")
    queues = _Queues(subscriber)
    subscriber.feed(queues)
    subscriber._post_start()
    waiting = asyncio.create_task(asyncio.Event().wait())
    subscriber.tasks.append(waiting)
    await subscriber.stop()
    await asyncio.wait({waiting})
    assert queues.told == ["drained, running: True"]
    assert waiting.cancelled()
    assert not subscriber.running


def test_the_internals_of_faststream_are_those_that_the_subscriber_was_written_for() -> None:
    """For another version, read again what shared/messaging/consumption/subscriber.py overrides."""
    assert version("faststream") == "0.7.8"
    for name in ("get_msg", "consume_one", "_run_consume_loop", "start", "stop"):
        assert inspect.iscoroutinefunction(getattr(DefaultSubscriber, name))
    loop = inspect.getsource(LogicSubscriber._run_consume_loop)
    assert "await self.get_msg(consumer)" in loop
    assert "await self.consume_one(msg)" in loop
    assert list(inspect.signature(SubscriberUsecase.process_message).parameters) == ["self", "msg"]
    assert list(inspect.signature(Registrator.subscriber).parameters) == ["self", "subscriber", "persistent"]
    subscriber = EventBroker(logger=None).subscriber(TOPIC, group_id="group", session_seconds=6)
    for name in ("parser", "_parser", "_listener", "_outer_config", "calls", "consumer", "tasks", "running"):
        assert hasattr(subscriber, name)
    assert subscriber._get_parser_and_decoder()[0] is subscriber._parser
    assert subscriber._parser == subscriber.parser.parse_message
    assert subscriber.topics_to_create == []
    asked = subscriber._connection_args
    assert asked["enable_auto_commit"] is False
    assert (asked["auto_offset_reset"], asked["isolation_level"]) == ("earliest", "read_committed")
