"""Producers that cannot start or stop."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient

from shared.messaging import broker
from shared.messaging.connection import KafkaConnection


async def test_producer_whose_start_never_ends_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the client's task that reads the cluster's metadata has died, the start waits for its id for ever.
    The relay would wait too, and keep its lease."""

    async def start(producer: AIOKafkaProducer) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(AIOKafkaProducer, "start", start)
    monkeypatch.setattr(broker, "START_SECONDS", 0.05)
    monkeypatch.setattr(broker, "STOP_SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        async with broker.relay_producer(KafkaConnection("127.0.0.1:1"), "t.relay"):
            pytest.fail("it never began")


async def test_a_stop_that_is_cancelled_still_closes_the_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against: the cancelled stop left the sender's task and its connections."""
    stopping, may_end = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def start(producer: AIOKafkaProducer) -> None:
        """There is no broker."""

    async def stop(producer: AIOKafkaProducer) -> None:
        stopping.set()
        await may_end.wait()
        producer._closed = True
        done.append("stopped")

    async def close(client: AIOKafkaClient) -> None:
        done.append("closed")

    monkeypatch.setattr(AIOKafkaProducer, "start", start)
    monkeypatch.setattr(AIOKafkaProducer, "stop", stop)
    monkeypatch.setattr(AIOKafkaClient, "close", close)

    async def use() -> None:
        async with broker.relay_producer(KafkaConnection("127.0.0.1:1"), "t.relay"):
            """It ends at once."""

    using = asyncio.create_task(use())
    await stopping.wait()
    using.cancel()
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.wait({using})
    assert using.cancelled()
    assert done == ["stopped", "closed"]
