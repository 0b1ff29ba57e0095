"""Producers that cannot start."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

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
