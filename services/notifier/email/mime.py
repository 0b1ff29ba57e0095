"""Turns a letter into the bytes that go over SMTP.

This module encodes headers with Vietnamese letters itself: on Python 3.10 to 3.12 `EmailMessage` loses spaces
between encoded words when it folds them (python/cpython#92081 and others of its kind).
"""

import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

# An encoded word is at most 75 characters long (RFC 2047): 45 bytes of text become 60 characters of base64,
# with "=?utf-8?B?" before and "?=" after them.
_WORD_BYTES = 45


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name` is plain ASCII."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a letter: `text` and `html` say the same."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class SmtpEnvelope:
    """Sender, recipient and identity of a letter. `message_id` includes the angle brackets."""

    sender: str
    sender_name: str
    reply_to: str
    recipient: str
    message_id: str
    date: datetime


def one_line(text: str) -> str:
    """The text on one line, in NFC: white space becomes single spaces, control characters go."""
    printable = (
        letter for letter in text if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", "".join(printable)).split())


def encode_header(text: str) -> str:
    """`text` as encoded words (RFC 2047) that decode to exactly it. No letter is split between two words."""
    words, word = [], b""
    for letter in text:
        piece = letter.encode()
        if len(word) + len(piece) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += piece
    return "\r\n ".join(f"=?utf-8?B?{b64encode(part).decode()}?=" for part in [*words, word])


def build_message(letter: Letter, envelope: SmtpEnvelope) -> bytes:
    """The whole message, 7-bit with CRLF line ends: every server accepts it."""
    headers = {
        "Date": format_datetime(envelope.date),
        "From": f"{encode_header(one_line(envelope.sender_name))} <{envelope.sender}>",
        "Reply-To": envelope.reply_to,
        "To": envelope.recipient,
        "Subject": encode_header(one_line(letter.subject)),
        "Message-ID": envelope.message_id,
        "Content-Language": "vi, en",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("ascii") + _body(letter).as_bytes(policy=SMTP)


def _body(letter: Letter) -> EmailMessage:
    body = EmailMessage(policy=SMTP)
    body.set_content(letter.text, cte="quoted-printable")
    body.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for attachment in letter.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        body.add_attachment(attachment.data, maintype=kind, subtype=subtype, filename=attachment.name)
    return body
