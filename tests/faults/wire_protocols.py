"""Parses requests and answers of the proxied protocols, as far as the proxy needs it."""

from asyncio import StreamReader
from typing import Protocol

_KAFKA = {0: "Produce", 1: "Fetch", 8: "OffsetCommit", 22: "InitProducerId", 24: "AddPartitionsToTxn",
          26: "EndTxn"}  # fmt: skip
_OP_MSG = 2013
_COMMAND = 26  # header, flags, section kind, document length and element type come before it


class Wire(Protocol):
    async def read(self, reader: StreamReader) -> bytes:
        """One request or answer. Raises EOFError at the end of the connection."""
        ...

    def name(self, request: bytes) -> str: ...

    def asks(self, request: bytes) -> int:
        """The number to which the answer will refer."""
        ...

    def answers(self, answer: bytes) -> int: ...


class Kafka:
    async def read(self, reader: StreamReader) -> bytes:
        head = await reader.readexactly(4)
        return head + await reader.readexactly(int.from_bytes(head, "big"))

    def name(self, request: bytes) -> str:
        return _KAFKA.get(int.from_bytes(request[4:6], "big"), "")

    def asks(self, request: bytes) -> int:
        return int.from_bytes(request[8:12], "big")

    def answers(self, answer: bytes) -> int:
        return int.from_bytes(answer[4:8], "big")


class Mongo:
    """A command's name is the first element of its document. Compressed messages between servers have no
    name."""

    async def read(self, reader: StreamReader) -> bytes:
        head = await reader.readexactly(4)
        return head + await reader.readexactly(int.from_bytes(head, "little") - 4)

    def name(self, request: bytes) -> str:
        if int.from_bytes(request[12:16], "little") != _OP_MSG or request[20] != 0:
            return ""
        return request[_COMMAND : request.index(b"\0", _COMMAND)].decode()

    def asks(self, request: bytes) -> int:
        return int.from_bytes(request[4:8], "little")

    def answers(self, answer: bytes) -> int:
        return int.from_bytes(answer[8:12], "little")


class Smtp:
    """Line by line. A header line of the letter is named like a command; the letter's end is `.`."""

    async def read(self, reader: StreamReader) -> bytes:
        line = await reader.readline()
        if not line:
            raise EOFError
        return line

    def name(self, request: bytes) -> str:
        return request.split(maxsplit=1)[0].decode(errors="replace").upper() if request.strip() else ""

    def asks(self, request: bytes) -> int:
        return 0

    def answers(self, answer: bytes) -> int:
        return 0
