"""The letters that the local SMTP server received: one .eml file each, in order of arrival."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from shared import ids
from shared.time.clock import SystemClock


@dataclass(frozen=True, slots=True)
class ReceivedAttachment:
    """`number` counts a letter's attachments from 0; `size` is in bytes."""

    number: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ReceivedLetter:
    """`recipients` are the envelope's, one or more; `text` and `html` are empty where there is none."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str
    text: str
    html: str
    attachments: tuple[ReceivedAttachment, ...]


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, letter: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Store the letter unchanged, with its envelope in front, whole or not at all. Returns its id."""
        now = SystemClock().now()
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {to}" for to in recipients)]
        envelope.append(f"X-Received-At: {now.isoformat()}")
        id = f"{now:%Y%m%dT%H%M%S%f}-{ids.fresh().hex[:8]}"
        draft = self._folder / f"{id}.new"
        with draft.open("wb") as file:
            file.write("".join(f"{line}\r\n" for line in envelope).encode() + letter)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / f"{id}.eml")
        return id

    def letters(self, to: str = "") -> list[ReceivedLetter]:
        """All letters, oldest first; with `to`, those for that address."""
        files = sorted(self._folder.glob("*.eml"))
        return [_letter(file) for file in files if not to or _is_for(to, file)]

    def letter(self, id: str) -> ReceivedLetter:
        """Raises LookupError if there is no such letter, as `source` and `attachment` do."""
        return _letter(self._file(id))

    def source(self, id: str) -> bytes:
        """The letter as it was stored."""
        return self._file(id).read_bytes()

    def attachment(self, id: str, number: int) -> tuple[ReceivedAttachment, bytes]:
        return list(_parts(_parse(self.source(id))))[number]

    def _file(self, id: str) -> Path:
        file = self._folder / f"{id}.eml"
        if file.parent != self._folder or not file.is_file():
            raise LookupError(id)
        return file


def _parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _is_for(to: str, file: Path) -> bool:
    """Whether the letter is for `to`. Reads only the envelope in front, because parsing a letter takes
    milliseconds."""
    with file.open("rb") as lines:
        return any(line.rstrip() == f"Delivered-To: {to}".encode() for line in takewhile(_is_envelope, lines))


def _is_envelope(line: bytes) -> bool:
    return not line.startswith(b"X-Received-At:")


@lru_cache(maxsize=2000)
def _letter(file: Path) -> ReceivedLetter:
    """Parse a letter. Letters never change after they are stored, so the result can be cached."""
    message = _parse(file.read_bytes())
    return ReceivedLetter(
        id=file.stem,
        received_at=datetime.fromisoformat(str(message["X-Received-At"])),
        sender=str(message["Return-Path"]).strip("<>"),
        recipients=tuple(str(to) for to in message.get_all("Delivered-To", [])),
        message_id=str(message["Message-ID"] or "").strip(),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(attachment for attachment, _ in _parts(message)),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeDecodeError):
        data = part.get_payload(decode=True)
        return data.decode(errors="replace") if isinstance(data, bytes) else ""


def _parts(message: EmailMessage) -> Iterator[tuple[ReceivedAttachment, bytes]]:
    for number, part in enumerate(message.iter_attachments() if message.is_multipart() else ()):
        data = part.get_payload(decode=True)
        content = data if isinstance(data, bytes) else b""
        name = part.get_filename() or f"{number + 1}"
        yield ReceivedAttachment(number, name, part.get_content_type(), len(content)), content
