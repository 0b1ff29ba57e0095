"""Hands letters to the SMTP server, one recipient a message, over connections that stay open.

If an attempt ends without a reply before the letter itself is sent, nothing was delivered. After that it is
unknown. `SmtpConnection.send` has the details.
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
    """The server can't be used now for any letter. The text says why, without the server's own words."""


class SmtpConnection:
    """One connection, used by one attempt at a time."""

    def __init__(self, connect: Callable[[], SMTP], sender: str, seconds: float) -> None:
        self._connect = connect
        self._sender = sender
        self._seconds = seconds
        self._smtp: SMTP | None = None

    async def ready(self) -> None:
        """Open the connection, or check that it is still open. Raises ServerUnavailable."""
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
        """Make one attempt. It never takes longer than the limit.

        Dies before `data`: nothing was delivered. Dies in `data`, or the server falls silent or closes the
        connection there: unknown, because the server may have all of the letter. Dies after the reply and
        before it is recorded: unknown to the next process, although there was a reply.
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
            log.warning("mail.connection_lost", error=type(error).__name__, phase=phase)
            return UNKNOWN if phase is SmtpPhase.LETTER else NOT_SENT

    def close(self) -> None:
        """Close at once, without sending what is still buffered."""
        if self._smtp is not None:
            if isinstance(self._smtp.transport, asyncio.WriteTransport):
                self._smtp.transport.abort()
            self._smtp.close()
        self._smtp = None

    async def quit(self) -> None:
        """Send QUIT, then close."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(*_ERRORS):
                await self._smtp.quit(timeout=2)
        self.close()


def _describe(error: Exception) -> str:
    if not isinstance(error, SMTPResponseException):
        return type(error).__name__
    phase = SmtpPhase.SIGN_IN if isinstance(error, SMTPAuthenticationError) else SmtpPhase.CONNECT
    return parse_reply(phase, error.code, error.message).text
