"""An SMTP server that stores every letter, except those that a test tells it to refuse."""

from asyncio import BaseTransport, WriteTransport
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.host.ports import HOST
from deploy.local.mail.mailbox import Mailbox

_LARGEST = 30 * 1024 * 1024


@dataclass(slots=True)
class Rule:
    """How to answer a letter to `address` (wildcards * and ?) at `at`: RCPT (the address) or DATA (the
    letter).

    `answer` is an SMTP reply such as "550 5.1.1 No such user". None at DATA: the letter is stored, then the
    connection is cut without an answer, so the sender cannot know. `times`: how often the rule applies; None
    is always.
    """

    address: str
    answer: str | None
    at: Literal["RCPT", "DATA"] = "RCPT"
    times: int | None = None

    def applies(self, at: str, addresses: Iterable[str]) -> bool:
        """Whether the rule applies now; if so, counts down `times`."""
        if at != self.at or self.times == 0 or not any(fnmatch(a, self.address) for a in addresses):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class MailServer:
    """Listens from `start` to `stop` in its own thread. `rules` may be changed while it runs."""

    def __init__(self, folder: Path, port: int) -> None:
        self.mailbox = Mailbox(folder)
        self.rules: list[Rule] = []
        self.port = port
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(
            self,
            hostname=HOST,
            port=self.port,
            enable_SMTPUTF8=True,
            data_size_limit=_LARGEST,
            ident="Gia Han local mail",
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()

    def _rule(self, at: str, addresses: Iterable[str]) -> Rule | None:
        known = list(addresses)
        return next((rule for rule in self.rules if rule.applies(at, known)), None)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd calls it by this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        rule = self._rule("RCPT", [address])
        if rule is not None and rule.answer is not None:
            return rule.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        rule = self._rule("DATA", envelope.rcpt_tos)
        if rule is not None and rule.answer is not None:
            return rule.answer
        content = envelope.content
        letter = content if isinstance(content, bytes) else (content or "").encode()
        id = self.mailbox.keep(letter, envelope.mail_from or "", envelope.rcpt_tos)
        if rule is not None:
            _cut(server.transport)
        return f"250 OK kept as {id}"


def _cut(transport: BaseTransport | None) -> None:
    if isinstance(transport, WriteTransport):
        transport.abort()
