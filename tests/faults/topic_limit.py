"""Makes a topic reject all records for a while."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.messaging.broker import RECORD_BYTES

# Smaller than any event with its headers, larger than the marker that ends a transaction.
_SMALL = 150


@contextmanager
def reject_records(bootstrap: str, topic: str) -> Iterator[None]:
    """Within the context the broker answers each record with "too large"."""
    asyncio.run(_set_largest(bootstrap, topic, _SMALL))
    try:
        yield
    finally:
        asyncio.run(_set_largest(bootstrap, topic, RECORD_BYTES))


async def _set_largest(bootstrap: str, topic: str, size: int) -> None:
    """Set the largest record size. This request replaces all of the topic's settings."""
    settings = {"max.message.bytes": str(size), "min.insync.replicas": "1"}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, settings)])
    finally:
        await admin.close()
