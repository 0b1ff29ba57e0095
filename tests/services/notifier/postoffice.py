"""A real SMTP server in the test's event loop. A test sets its replies."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.service_process import until

DROP = "drop"
"""The server keeps the letter, then cuts the connection without a reply."""
SILENCE = "silence"
"""The server keeps the letter and does not reply for as long as the sender waits."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that the server has, whether or not it replied so."""

    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


@dataclass
class PostOffice:
    """`rcpt` and `data` have the next replies for an address, in order; without one it is 250."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    rcpt: dict[str, deque[str]] = field(default_factory=dict)
    data: dict[str, deque[str]] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    """While it isn't set, letters after the first `free` ones wait at DATA; `waiting` counts them."""
    free: int = 0
    waiting: int = 0

    def answers(self, at: dict[str, deque[str]], address: str, *answers: str) -> None:
        at[address] = deque(answers)

    def to(self, address: str) -> list[Taken]:
        return [taken for taken in self.taken if address in taken.recipients]

    async def letters(self, address: str, count: int = 1) -> list[Taken]:
        """The letters to `address`, once there are `count`."""

        async def enough() -> bool:
            return len(self.to(address)) >= count

        await until(enough, f"{count} letters")
        return self.to(address)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        answer = _next(self.rcpt, address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.gate is not None and len(self.taken) >= self.free:
            self.waiting += 1
            await self.gate.wait()
        (address,) = envelope.rcpt_tos
        answer = _next(self.data, address)
        if answer not in (None, DROP, SILENCE):
            return str(answer)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(Taken(tuple(envelope.rcpt_tos), message))
        if answer == DROP:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        if answer == SILENCE:
            await asyncio.Event().wait()
        return "250 OK"


def _next(answers: dict[str, deque[str]], address: str) -> str | None:
    left = answers.get(address)
    return left.popleft() if left else None


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[PostOffice]:
    """`options` are those of aiosmtpd's SMTP."""
    office = PostOffice()
    loop = asyncio.get_running_loop()
    logging.getLogger("mail.log").setLevel("ERROR")  # the server's own, which names addresses
    server = await loop.create_server(
        lambda: SMTP(office, loop=loop, ident="test", **options), "127.0.0.1", 0
    )
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
