"""The proxy cuts where it must: checks what the server received and what the client heard."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from deploy.local.host.ports import HOST, free_port
from tests.faults.proxy import Proxy, Side, Trap
from tests.faults.wire_protocols import Kafka, Mongo, Smtp


@dataclass
class Echo:
    """A server that answers each line with itself."""

    got: list[bytes] = field(default_factory=list)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        while line := await reader.readline():
            self.got.append(line)
            writer.write(line)
        writer.close()


@pytest_asyncio.fixture(loop_scope="session")
async def echo() -> AsyncIterator[tuple[Echo, Proxy]]:
    echo, port = Echo(), free_port()
    server = await asyncio.start_server(echo.serve, HOST, port)
    proxy = Proxy(Smtp(), free_port(), port)
    await proxy.start()
    yield echo, proxy
    await proxy.close()
    server.close()


async def _say(proxy: Proxy, *lines: bytes) -> bytes:
    """What the client hears until the connection ends or everything is answered."""
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    heard = b""
    for line in lines:
        writer.write(line)
        answer = await reader.readline()
        heard += answer
        if not answer:
            break
    writer.close()
    return heard


async def test_without_a_trap_everything_passes(echo: tuple[Echo, Proxy]) -> None:
    assert await _say(echo[1], b"MAIL x\r\n", b"DATA\r\n") == b"MAIL x\r\nDATA\r\n"


@pytest.mark.parametrize(("side", "got"), [(Side.BEFORE, 1), (Side.AFTER, 2)])
async def test_it_cuts_on_the_side_that_was_asked_for(echo: tuple[Echo, Proxy], side: Side, got: int) -> None:
    server, proxy = echo
    struck: list[Proxy] = []
    proxy.trap = Trap("DATA", side=side, then=struck.append)
    heard = b""
    try:
        heard = await _say(proxy, b"MAIL x\r\n", b"DATA\r\n", b"QUIT\r\n")
    except ConnectionResetError:
        heard = b"MAIL x\r\n"
    assert heard == b"MAIL x\r\n"
    assert (len(server.got), struck, proxy.trap.sprung.is_set()) == (got, [proxy], True)
    assert await _say(proxy, b"DATA\r\n") == b"DATA\r\n", "it springs once"


async def test_severed_lines_end(echo: tuple[Echo, Proxy]) -> None:
    reader, writer = await asyncio.open_connection(HOST, echo[1].port)
    writer.write(b"MAIL x\r\n")
    assert await reader.readline() == b"MAIL x\r\n"
    await echo[1].sever()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await reader.readexactly(1)
    writer.close()


def test_a_kafka_request_is_known_by_its_key_and_its_answer_by_the_number() -> None:
    request = (12).to_bytes(4, "big") + b"\x00\x1a\x00\x00" + (77).to_bytes(4, "big") + b"body"
    answer = (8).to_bytes(4, "big") + (77).to_bytes(4, "big") + b"body"
    wire = Kafka()
    assert (wire.name(request), wire.asks(request), wire.answers(answer)) == ("EndTxn", 77, 77)


def test_a_mongo_command_is_known_by_its_first_element() -> None:
    document = b"\x02update\x00\x02\x00\x00\x00a\x00\x00"
    body = b"\0\0\0\0" + b"\0" + (len(document) + 4).to_bytes(4, "little") + document
    numbers = b"".join(n.to_bytes(4, "little") for n in (16 + len(body), 9, 4, 2013))
    wire = Mongo()
    assert (wire.name(numbers + body), wire.asks(numbers), wire.answers(numbers)) == ("update", 9, 4)
    compressed = b"".join(n.to_bytes(4, "little") for n in (16 + len(body), 9, 4, 2012))
    assert wire.name(compressed + body) == ""
