"""A cheap HTTP/1.1 client, so that the server is measured and not the client."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from deploy.local.host.ports import HOST

T = TypeVar("T")

_RESTS_S = 2.0
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Connection:
    """A kept-alive connection; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> "Connection":
        return cls(*await asyncio.open_connection(HOST, port))

    async def get(self, path: str) -> bytes:
        """The response body. Fails the measurement unless the status is 200."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode())
        head = await self._reader.readuntil(_HEAD_ENDS)
        assert head.startswith(b"HTTP/1.1 200 "), f"{path}: {head.splitlines()[0]!r}"
        lines = head.lower().splitlines()
        length = next(int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH))
        return await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


async def rate(port: int, paths: Iterator[str], connections: int, seconds: float) -> float:
    """Requests per second of a server that always has `connections` open requests."""
    opened = [await Connection.to(port) for _ in range(connections)]
    ends = time.perf_counter() + seconds
    answered = 0

    async def ask(connection: Connection) -> None:
        nonlocal answered
        while time.perf_counter() < ends:
            await connection.get(next(paths))
            answered += 1

    began = time.perf_counter()
    await asyncio.gather(*(ask(connection) for connection in opened))
    taken = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return answered / taken


class SteadyLoad:
    """Sends `per_second` requests a second, whether or not earlier answers have come."""

    def __init__(self, port: int, paths: Iterator[str], per_second: int) -> None:
        self._port, self._paths, self._per_second = port, paths, per_second
        self._idle: list[tuple[Connection, float]] = []
        self._milliseconds: list[float] = []

    async def during(self, work: Coroutine[Any, Any, T]) -> tuple[T, list[float]]:
        """The result of `work`, and the response times meanwhile in milliseconds."""
        self._milliseconds = []
        began = time.perf_counter()
        number = 0
        async with asyncio.TaskGroup() as asking:
            working = asking.create_task(work)
            while not working.done():
                asking.create_task(self._ask(next(self._paths)))
                number += 1
                await asyncio.sleep(max(began + number / self._per_second - time.perf_counter(), 0))
        return working.result(), self._milliseconds

    async def _ask(self, path: str) -> None:
        connection = self._rested() or await Connection.to(self._port)
        began = time.perf_counter()
        await connection.get(path)
        ended = time.perf_counter()
        self._milliseconds.append(1000 * (ended - began))
        self._idle.append((connection, ended))

    def _rested(self) -> Connection | None:
        """The connection used last, unless it was idle so long that the server may be closing it."""
        connection, since = self._idle.pop() if self._idle else (None, 0.0)
        return connection if time.perf_counter() - since < _RESTS_S else None

    def close(self) -> None:
        for connection, _ in self._idle:
            connection.close()
