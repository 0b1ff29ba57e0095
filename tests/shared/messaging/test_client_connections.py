"""A client that is cut off, or closes while it asks, leaves no connection open. Against a slow broker."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.structs import BrokerMetadata

from shared.messaging.connection import KafkaConnection

_API_VERSIONS, _METADATA = 18, 3


class SlowBroker:
    """Says which requests it knows once it is `awake`, and answers no question about the cluster."""

    def __init__(self) -> None:
        self.awake = asyncio.Event()
        self.awake.set()
        self.greeted = asyncio.Event()
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                kind, _, correlation = struct.unpack(">hhi", (await reader.readexactly(size))[:8])
                if kind == _METADATA:
                    self.asked.set()
                    continue
                self.greeted.set()
                await self.awake.wait()
                known = b"".join(struct.pack(">hhh", each, 0, 0) for each in (_METADATA, _API_VERSIONS))
                answer = struct.pack(">ihi", correlation, 0, 2) + known
                writer.write(struct.pack(">i", len(answer)) + answer)
        except asyncio.IncompleteReadError:
            self.left.set()
        finally:
            writer.close()


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[tuple[SlowBroker, KafkaConnection]]:
    slow = SlowBroker()
    server = await asyncio.start_server(slow.serve, "127.0.0.1", 0)
    async with server:
        yield slow, KafkaConnection(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize("client", [AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient])
async def test_start_that_is_cut_off_leaves_no_connection_open(
    client: Callable[..., Any], broker: tuple[SlowBroker, KafkaConnection]
) -> None:
    """Guards against: the first connection of a cancelled start stayed open until it was garbage."""
    slow, connection = broker
    started = client(**connection.client())
    starting = asyncio.create_task(started.start())
    await slow.asked.wait()
    starting.cancel()
    await asyncio.wait({starting})
    assert starting.cancelled()
    async with asyncio.timeout(30):  # `started` still refers to all it has: nothing is garbage
        await slow.left.wait()
    await (started.close() if client is AIOKafkaAdminClient else started.stop())


async def test_request_that_a_closed_client_makes_leaves_no_connection_open(
    broker: tuple[SlowBroker, KafkaConnection],
) -> None:
    """Guards against: a readiness probe's connection stayed open if the process left the broker meanwhile."""
    slow, connection = broker
    client = AIOKafkaClient(**connection.client())
    host, _, port = connection.servers.partition(":")
    client.cluster._brokers[7] = BrokerMetadata(7, host, int(port), None)
    slow.awake.clear()
    asked = asyncio.create_task(client.ready(7))
    await slow.greeted.wait()
    await client.close()
    slow.awake.set()
    assert not await asked
    async with asyncio.timeout(30):  # `client` still refers to all it has: nothing is garbage
        await slow.left.wait()
