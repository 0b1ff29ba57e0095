"""Hands letters to the SMTP server, one recipient a message, over connections that stay open.

What is known when an attempt ends otherwise than with an answer (the whole of it, line by line, is in
`Line.send`): until the letter itself goes out nothing was delivered; from then on nobody can tell.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from services.notifier.domain.answer import NOT_SENT, UNKNOWN, Answer, DeliveryOutcome, answer_to
from services.notifier.domain.fault import SmtpPhase, reply

log = structlog.get_logger()

_FAULTS = (SMTPException, OSError, TimeoutError)


class ServerAway(Exception):
    """The server can't be used now, for whatever letter; says why, in no words of the server's own."""


class SmtpConnection:
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
            raise ServerAway(_why(error)) from error

    async def send(self, recipient: str, letter: bytes) -> Answer:
        """One attempt, never longer than the limit.

        Dies before `data`: nothing was delivered. Dies in `data`, or the server falls silent or drops
        the connection there: unknown, because it may have all of the letter. Dies after the answer and
        before it is recorded: unknown to the next process, though the answer was there.
        """
        smtp, place = self._smtp, SmtpPhase.SENDER
        if smtp is None:
            return NOT_SENT
        try:
            async with asyncio.timeout(self._seconds):
                await smtp.mail(self._sender)
                place = SmtpPhase.RECIPIENT
                await smtp.rcpt(recipient)
                place = SmtpPhase.LETTER
                await smtp.data(letter)
                return Answer(outcome=DeliveryOutcome.DELIVERED, code=250)
        except SMTPResponseException as error:
            if error.code < 0:
                self.close()
            return answer_to(reply(place, error.code, error.message), handed_over=place is SmtpPhase.LETTER)
        except _FAULTS as error:
            self.close()
            log.warning("mail.line_lost", error=type(error).__name__, place=place)
            return UNKNOWN if place is SmtpPhase.LETTER else NOT_SENT

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


def _why(error: Exception) -> str:
    if not isinstance(error, SMTPResponseException):
        return type(error).__name__
    place = SmtpPhase.SIGN_IN if isinstance(error, SMTPAuthenticationError) else SmtpPhase.CONNECT
    return reply(place, error.code, error.message).text
