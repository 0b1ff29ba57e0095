"""A letter as the bytes that go over SMTP.

Headers with Vietnamese in them are encoded here: on Python 3.10 to 3.12 `EmailMessage` loses spaces
between encoded words when it folds them (python/cpython#92081 and others of its kind).
"""

import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

# An encoded word is at most 75 characters long (RFC 2047): 45 bytes of text make 60 of base64 and
# "=?utf-8?B?" with "?=" around them.
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
    """NFC, with every run of white space or line breaks a single space, and no control characters."""
    shown = (
        letter for letter in text if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())


def encode_header(text: str) -> str:
    """`text` as a sequence of encoded words that decodes to exactly it, a letter never cut in two."""
    words, word = [], b""
    for letter in text:
        piece = letter.encode()
        if len(word) + len(piece) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += piece
    return "\r\n ".join(f"=?utf-8?B?{b64encode(part).decode()}?=" for part in [*words, word])


def build_message(letter: Letter, envelope: SmtpEnvelope) -> bytes:
    """The whole message with CRLF line ends, 7-bit, so that any server takes it."""
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
