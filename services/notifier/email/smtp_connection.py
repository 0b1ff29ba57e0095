"""Hands letters to the SMTP server, one recipient a message, over connections that stay open.

What is known when an attempt ends otherwise than with an answer (the whole of it, line by line, is in
`Line.send`): until the letter itself goes out nothing was delivered; from then on nobody can tell.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from services.notifier.domain.bounce import SmtpPhase, parse_reply
from services.notifier.domain.delivery_result import (
    NOT_SENT,
    UNKNOWN,
    DeliveryOutcome,
    DeliveryResult,
    result_of,
)

log = structlog.get_logger()

_ERRORS = (SMTPException, OSError, TimeoutError)


class ServerUnavailable(Exception):
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
        with suppress(*_ERRORS):
            async with asyncio.timeout(self._seconds):
                if self._smtp is not None and self._smtp.is_connected:
                    await self._smtp.rset()
                    return
        self.close()
        self._smtp = self._connect()
        try:
            async with asyncio.timeout(self._seconds):
                await self._smtp.connect()
        except _ERRORS as error:
            self.close()
            raise ServerUnavailable(_describe(error)) from error

    async def send(self, recipient: str, letter: bytes) -> DeliveryResult:
        """One attempt, never longer than the limit.

        Dies before `data`: nothing was delivered. Dies in `data`, or the server falls silent or drops
        the connection there: unknown, because it may have all of the letter. Dies after the answer and
        before it is recorded: unknown to the next process, though the answer was there.
        """
        smtp, phase = self._smtp, SmtpPhase.SENDER
        if smtp is None:
            return NOT_SENT
        try:
            async with asyncio.timeout(self._seconds):
                await smtp.mail(self._sender)
                phase = SmtpPhase.RECIPIENT
                await smtp.rcpt(recipient)
                phase = SmtpPhase.LETTER
                await smtp.data(letter)
                return DeliveryResult(outcome=DeliveryOutcome.DELIVERED, code=250)
        except SMTPResponseException as error:
            if error.code < 0:
                self.close()
            return result_of(
                parse_reply(phase, error.code, error.message), handed_over=phase is SmtpPhase.LETTER
            )
        except _ERRORS as error:
            self.close()
            log.warning("mail.line_lost", error=type(error).__name__, phase=phase)
            return UNKNOWN if phase is SmtpPhase.LETTER else NOT_SENT

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
            with suppress(*_ERRORS):
                await self._smtp.quit(timeout=2)
        self.close()


def _describe(error: Exception) -> str:
    if not isinstance(error, SMTPResponseException):
        return type(error).__name__
    phase = SmtpPhase.SIGN_IN if isinstance(error, SMTPAuthenticationError) else SmtpPhase.CONNECT
    return parse_reply(phase, error.code, error.message).text
