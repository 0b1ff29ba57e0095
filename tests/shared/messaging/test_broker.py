"""Producers that can't begin."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from shared.messaging import broker
from shared.messaging.connection import KafkaConnection


async def test_producer_whose_start_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the client's own reading of the cluster has died: it would wait for its id for ever, and
    with it the relay, which nobody else relieves."""

    async def start(producer: AIOKafkaProducer) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(AIOKafkaProducer, "start", start)
    monkeypatch.setattr(broker, "START_SECONDS", 0.05)
    monkeypatch.setattr(broker, "STOP_SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        async with broker.relay_producer(KafkaConnection("127.0.0.1:1"), "t.relay"):
            pytest.fail("it never began")
