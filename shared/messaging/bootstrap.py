"""Closes the first connection of a Kafka client whose start is cancelled.

A client asks its first broker for the cluster's other brokers. If aiokafka is cancelled while it waits for
the answer, it forgets that connection, which stays open until it is garbage. The library has no extension
point for this. Importing this module replaces two of its functions by the two below, for every client of the
process.
"""

from contextvars import ContextVar
from typing import Any

from aiokafka import client
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection, create_conn

_opened: ContextVar[list[AIOKafkaConnection] | None] = ContextVar("opened", default=None)
"""The first connections of the client that this task starts; None outside of a start."""

_bootstrap = AIOKafkaClient.bootstrap


async def connect(*args: Any, **named: Any) -> AIOKafkaConnection:
    """Replaces aiokafka's create_conn. Only a first connection has no `on_close`."""
    connection = await create_conn(*args, **named)
    if "on_close" not in named and (opened := _opened.get()) is not None:
        opened.append(connection)
    return connection


async def bootstrap(starting: AIOKafkaClient) -> None:
    """Replaces AIOKafkaClient.bootstrap."""
    opened: list[AIOKafkaConnection] = []
    token = _opened.set(opened)
    try:
        await _bootstrap(starting)
    except BaseException:
        for connection in opened:
            connection.close()
        raise
    finally:
        _opened.reset(token)


client.create_conn = connect
AIOKafkaClient.bootstrap = bootstrap
