"""Acknowledged records are on more than one machine."""

from types import SimpleNamespace

import pytest
from aiokafka.admin import NewTopic

from shared.messaging import broker
from shared.messaging.connection import KafkaConnection


@pytest.mark.parametrize(("replicas", "in_step"), [(1, 1), (3, 2)])
async def test_a_leader_alone_acknowledges_nothing(
    monkeypatch: pytest.MonkeyPatch, replicas: int, in_step: int
) -> None:
    """Whatever the brokers' own default (1): otherwise records that only one machine has are lost with it."""
    asked: list[NewTopic] = []

    async def create(bootstrap: str, topics: list[NewTopic]) -> SimpleNamespace:
        asked.extend(topics)
        return SimpleNamespace(topic_errors=[])

    monkeypatch.setattr(broker, "_create", create)
    await broker.ensure_topics(
        KafkaConnection(""), ["a.events"], ["a.dead"], ["a.access"], replication=replicas
    )
    told = {topic.name: topic.topic_configs.get("min.insync.replicas") for topic in asked}
    assert told == dict.fromkeys(("a.events", "a.dead", "a.access"), str(in_step))
