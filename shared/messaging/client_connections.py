"""Closes two connections that aiokafka forgets, which stay open until they are garbage.

- A client asks its first broker for the cluster's other brokers. If its start is cancelled while it waits for
  the answer, it forgets that connection.
- A request that is on its way to a broker while the client closes opens a connection that nobody closes. The
  readiness probe asks at any time, so also then.

The library has no extension point for this. Importing this module replaces three of its functions by those
below, for every client of the process.
"""

from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

from aiokafka import client
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaConnectionError

_opened: ContextVar[list[AIOKafkaConnection] | None] = ContextVar("opened", default=None)
"""The first connections of the client that this task starts; None outside of a start."""
_closed: WeakSet[AIOKafkaClient] = WeakSet()

_bootstrap = AIOKafkaClient.bootstrap
_close = AIOKafkaClient.close


async def connect(*args: Any, **named: Any) -> AIOKafkaConnection:
    """Replaces aiokafka's create_conn. All but a first connection name their client, by `on_close`.

    Raises KafkaConnectionError if the client has closed meanwhile.
    """
    connection = await create_conn(*args, **named)
    if "on_close" in named:
        if named["on_close"].__self__ in _closed:
            connection.close()
            raise KafkaConnectionError("the client is closed")
    elif (opened := _opened.get()) is not None:
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


async def close(ended: AIOKafkaClient) -> None:
    """Replaces AIOKafkaClient.close. A closed client is not started again."""
    _closed.add(ended)
    await _close(ended)


client.create_conn = connect
AIOKafkaClient.bootstrap = bootstrap
AIOKafkaClient.close = close
