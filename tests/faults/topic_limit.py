"""A topic that takes no record for a while."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.messaging.broker import RECORD_BYTES

# Less than any event with its headers, more than the mark that ends a transaction.
_SMALL = 150


@contextmanager
def reject_records(bootstrap: str, topic: str) -> Iterator[None]:
    """The broker answers to each record that it is too large."""
    asyncio.run(_set_largest(bootstrap, topic, _SMALL))
    try:
        yield
    finally:
        asyncio.run(_set_largest(bootstrap, topic, RECORD_BYTES))


async def _set_largest(bootstrap: str, topic: str, size: int) -> None:
    """All of the topic's settings are replaced, as this request does."""
    settings = {"max.message.bytes": str(size), "min.insync.replicas": "1"}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, settings)])
    finally:
        await admin.close()
