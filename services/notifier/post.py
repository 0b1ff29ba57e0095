"""Hands letters to the SMTP server, one recipient a message, over connections that stay open.

What is known when an attempt ends otherwise than with an answer (the whole of it, line by line, is in
`Line.send`): until the letter itself goes out nothing was delivered; from then on nobody can tell.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPSenderRefused

from services.notifier.domain.answer import NOT_SENT, UNKNOWN, Answer, Outcome, answer_to

log = structlog.get_logger()

_FAULTS = (SMTPException, OSError, TimeoutError)


class ServerAway(Exception):
    """The server can't be used now, for whatever letter: no connection, no login, our sender refused."""


class Line:
    """One connection, used by one attempt at a time."""

    def __init__(self, connect: Callable[[], SMTP], sender: str, seconds: float) -> None:
        self._connect = connect
        self._sender = sender
        self._seconds = seconds
        self._smtp: SMTP | None = None

    async def ready(self) -> None:
        """Open, or look whether it is still. Raises ServerAway."""
        with suppress(*_FAULTS):
            async with asyncio.timeout(self._seconds):
                if self._smtp is not None and self._smtp.is_connected:
                    await self._smtp.rset()
                    return
        self.close()
        self._smtp = self._connect()
        try:
            async with asyncio.timeout(self._seconds):
                await self._smtp.connect()
        except _FAULTS as error:
            self.close()
            raise ServerAway(type(error).__name__) from error

    async def send(self, recipient: str, letter: bytes) -> Answer:
        """One attempt, never longer than the limit. Raises ServerAway where the sender is refused.

        Dies before `data`: nothing was delivered. Dies in `data`, or the server falls silent or drops
        the connection there: unknown, because it may have all of the letter. Dies after the answer and
        before it is recorded: unknown to the next process, though the answer was there.
        """
        smtp, handed_over = self._smtp, False
        if smtp is None:
            return NOT_SENT
        try:
            async with asyncio.timeout(self._seconds):
                await smtp.mail(self._sender)
                await smtp.rcpt(recipient)
                handed_over = True
                await smtp.data(letter)
                return Answer(outcome=Outcome.DELIVERED, code=250)
        except SMTPSenderRefused as error:
            self.close()
            raise ServerAway(f"sender refused: {error.code}") from error
        except SMTPResponseException as error:
            return answer_to(error.code, handed_over=handed_over)
        except _FAULTS as error:
            self.close()
            log.warning("mail.line_lost", error=type(error).__name__, handed_over=handed_over)
            return UNKNOWN if handed_over else NOT_SENT

    def close(self) -> None:
        """At once, without finishing what may wait to be written."""
        if self._smtp is not None:
            if isinstance(self._smtp.transport, asyncio.WriteTransport):
                self._smtp.transport.abort()
            self._smtp.close()
        self._smtp = None

    async def quit(self) -> None:
        """Take leave of the server as is the custom."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(*_FAULTS):
                await self._smtp.quit(timeout=2)
        self.close()
