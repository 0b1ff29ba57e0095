"""Bounce classes: who causes a refusal. One table, by SMTP phase, reply code and enhanced code (RFC 3463).

    relay   our relay refuses our sign-in, sender or right to send, is over its quota, or is misconfigured
    hard    the mailbox or its domain does not exist, or takes no mail: this is certain at once
    soft    anything else: the notice is tried again for some days, and then counts as refused

`relay_record` decides what it means when many unrelated domains refuse.
"""

import re
from enum import StrEnum

from services.notifier.domain.frozen import Frozen

_ENHANCED = re.compile(r"\s*(?:[#(\[]|.*\(#)?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])", re.ASCII)
"""At the start of the line, or where qmail puts it: `no mailbox by that name. (#5.1.1)`."""

_RELAY_CODES = frozenset({432, 454, 523, 524, 525, 530, 534, 535, 538})
"""Sign-in or encryption is required, failed or is not available (RFC 4954, RFC 3207)."""
_RELAY_DETAILS = frozenset(
    {
        *("1.7", "1.8"),  # our sender's address
        "3.5",  # the server is set up wrongly
        "4.5",  # our quota is used up
        *("7.3", "7.4", "7.8", "7.9", "7.10", "7.11", "7.12", "7.14"),  # sign-in, encryption
        *("7.54", "7.57", "7.60", "7.64", "7.68"),  # relays for others only (Exchange)
        *("7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27"),  # our DKIM, SPF, DNS, DMARC
    }
)
_HARD_DETAILS = frozenset({"2.1", "2.2", "4.1", "4.4"})
_TOO_LARGE_DETAILS = frozenset({"2.3", "3.4"})


class BounceClass(StrEnum):
    RELAY = "relay"
    HARD = "hard"
    SOFT = "soft"


class SmtpPhase(StrEnum):
    """The step of the SMTP dialogue in which the reply came."""

    CONNECT = "connect"
    SIGN_IN = "sign-in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    LETTER = "letter"


class SmtpReply(Frozen):
    """A refusal by the server in the phase `place`. `enhanced` is the enhanced code, if there is one."""

    place: SmtpPhase
    code: int
    enhanced: str | None = None

    @property
    def kind(self) -> str:
        """The most precise code, for metrics and the relay's record."""
        return self.enhanced or str(self.code)

    @property
    def bounce_class(self) -> BounceClass:
        return classify(self.place, self.code, self.enhanced)

    @property
    def text(self) -> str:
        """For the log and the health probe. It leaves out the server's own text, which may name people."""
        return f"{self.place} refused: {self.code}{f' {self.enhanced}' if self.enhanced else ''}"


def parse_reply(phase: SmtpPhase, code: int, text: str) -> SmtpReply:
    """Read a reply. `text` is the server's and may have several lines: the first enhanced code in it counts.
    A code of another class than the reply code is ignored (RFC 2034)."""
    found = [match[1] for line in text.splitlines() if (match := _ENHANCED.match(line))]
    return SmtpReply(place=phase, code=code, enhanced=next((e for e in found if e[0] == str(code)[0]), None))


def classify(phase: SmtpPhase, code: int, enhanced: str | None) -> BounceClass:
    detail = enhanced[2:] if enhanced else ""
    too_large = detail in _TOO_LARGE_DETAILS or (code == 552 and not detail and phase is SmtpPhase.SENDER)
    if code in _RELAY_CODES or detail in _RELAY_DETAILS:
        return BounceClass.RELAY
    if phase in (SmtpPhase.CONNECT, SmtpPhase.SIGN_IN) or (phase is SmtpPhase.SENDER and not too_large):
        return BounceClass.RELAY
    if code == 421:  # the server closes the connection, whatever the letter's recipient
        return BounceClass.RELAY
    if 500 <= code < 600 and (detail.startswith("1.") or detail in _HARD_DETAILS):
        return BounceClass.HARD
    return BounceClass.SOFT
