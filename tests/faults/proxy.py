"""A TCP proxy that cuts a connection at a named request: before the server received it, or after the server
answered and before the client knew."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from threading import Event

from deploy.local.host.ports import HOST
from tests.faults.wire_protocols import Wire

_ENDS = (EOFError, OSError)


class Side(StrEnum):
    BEFORE = "before the server got it"
    AFTER = "after the server answered"


def nothing(proxy: "Proxy") -> None:
    """Only cut the connection."""


class Trap:
    """Springs once, at the first request with one of these names in one of the proxies that hold it.

    `of`: only at a request that contains these bytes. `then` is called at that moment in the proxies' thread,
    while the connection is still open.
    """

    def __init__(
        self, *names: str, side: Side, then: Callable[["Proxy"], None] = nothing, of: bytes = b""
    ) -> None:
        self.side = side
        self.sprung = Event()
        self._names = frozenset(names)
        self._of = of
        self._then = then
        self._taken = False

    def take(self, name: str, request: bytes) -> bool:
        """Whether this is the request. No other request matches unless this one is released."""
        if self._taken or name not in self._names or self._of not in request:
            return False
        self._taken = True
        return True

    def let_go(self) -> None:
        """Release the request: its connection ended before the answer came."""
        self._taken = self.sprung.is_set()

    def spring(self, proxy: "Proxy") -> None:
        self._then(proxy)
        self.sprung.set()


class Proxy:
    """Listens on `port`. A changed `target` applies to new connections."""

    def __init__(self, wire: Wire, port: int, target: int) -> None:
        self.port = port
        self.target = target
        self.trap: Trap | None = None
        self._wire = wire
        self._lines: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self.sever()

    async def sever(self) -> None:
        """Cut all current connections."""
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        line = asyncio.create_task(self._serve(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        line = _ProxyConnection(self, self._wire)
        ways = [
            asyncio.create_task(line.requests(reader, to_server)),
            asyncio.create_task(line.answers(server, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            writer.transport.abort()
            to_server.transport.abort()
            line.end()
        await asyncio.gather(*ways, return_exceptions=True)


class _ProxyConnection:
    """One client's connection. It ends when one of its two directions returns."""

    def __init__(self, proxy: Proxy, wire: Wire) -> None:
        self._proxy = proxy
        self._wire = wire
        self._held: Trap | None = None
        self._asked = 0

    async def requests(self, client: StreamReader, server: StreamWriter) -> None:
        with suppress(*_ENDS):
            while True:
                request = await self._wire.read(client)
                trap = self._proxy.trap
                if trap is not None and trap.take(self._wire.name(request), request):
                    if trap.side is Side.BEFORE:
                        return trap.spring(self._proxy)
                    self._held, self._asked = trap, self._wire.asks(request)
                server.write(request)
                await server.drain()

    async def answers(self, server: StreamReader, client: StreamWriter) -> None:
        with suppress(*_ENDS):
            while True:
                answer = await self._wire.read(server)
                if self._held is not None and self._wire.answers(answer) == self._asked:
                    return self._held.spring(self._proxy)
                client.write(answer)
                await client.drain()

    def end(self) -> None:
        if self._held is not None:
            self._held.let_go()
