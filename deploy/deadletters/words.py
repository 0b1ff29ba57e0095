"""Formats dead letters for a terminal. Control characters in a record are escaped, so that no record can
steer the terminal."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from shared.messaging.consumption.handling_result import Effect
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrive, RedriveStatus

_SHOWN_BYTES = 4096
_WIDTH = 16

_STATUS = {
    RedriveStatus.ASKED: ("…", "đang chờ dịch vụ", "waits for the service"),
    RedriveStatus.APPLIED: ("✓", "đã áp dụng", "applied"),
    RedriveStatus.SKIPPED: ("✓", "bỏ qua", "skipped"),
    RedriveStatus.FAILED: ("✗", "lại hỏng", "failed again"),
}
_DID = {
    Effect.CHANGED: ("đã thay đổi", "changed"),
    Effect.HANDLED: ("đã xử lý sự kiện này từ trước", "had handled it before"),
    Effect.NEWER: ("đã biết điều này hoặc mới hơn", "knew this or something newer"),
    Effect.UNCHANGED: ("không có gì phải đổi", "nothing to change"),
}
_NOTHING = "không còn gì phải làm / nothing was left to do"


def safe(text: str) -> str:
    """`text` with control characters escaped, because a terminal would obey them. Letters of all languages
    stay."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def letter_line(letter: DeadLetter, last: Redrive | None) -> str:
    kind = safe(letter.type.removeprefix("vn.giahan.")) or "?"
    lines = [
        f"• {letter.position}  {instant(letter.at)}  {kind}  {safe(letter.subject)}",
        f"    {safe(letter.reason)}",
    ]
    return "\n".join([*lines, f"    {result_line(last)}"] if last else lines)


def result_line(redrive: Redrive) -> str:
    """The result of a redrive, or what it waits for."""
    sign, vietnamese, english = _STATUS[redrive.status]
    who = f"{safe(redrive.by)}, {instant(redrive.at)}: {safe(redrive.because)}"
    return f"{sign} {redrive.id}: {vietnamese} / {english} ({who}){_details(redrive)}"


def _details(redrive: Redrive) -> str:
    if why := redrive.fault or redrive.waits_for:
        return f"\n    {safe(why)}"
    if redrive.status is RedriveStatus.SKIPPED and not redrive.did:
        return f"\n    {_NOTHING}"
    return "".join(
        f"\n    {document}: {vietnamese} / {english}"
        for document, (vietnamese, english) in ((name, _DID[did]) for name, did in redrive.did.items())
    )


@dataclass(slots=True)
class LetterCount:
    """Counts dead letters by type and reason. `closed` counts those that were applied or skipped since."""

    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    closed: int = 0

    def add(self, letter: DeadLetter) -> int:
        """Count one letter. Returns the new total."""
        self.kinds[letter.type.removeprefix("vn.giahan."), letter.reason] += 1
        return self.kinds.total()

    def lines(self) -> list[str]:
        total = self.kinds.total()
        first = f"→ {total} thư chết / {total} dead letters"
        if self.closed:
            first += f" (+ {self.closed} đã xong / done since, --all)"
        return [
            first,
            *(f"  {n:6}  {safe(type) or '?'}: {safe(why)}" for (type, why), n in self.kinds.most_common()),
        ]


def letter_details(letter: DeadLetter, redrives: Sequence[Redrive], *, whole: bool) -> str:
    value = letter.value
    size = "không có / none (tombstone)" if value is None else f"{len(value)} bytes, sha256 {_sha(value)}"
    return "\n".join(
        [
            f"vị trí / place     {letter.position}",
            f"chết lúc / died    {instant(letter.at)}",
            f"lý do / reason     {safe(letter.reason)}",
            f"khóa / key         {as_text(letter.key)}",
            *(f"  {safe(name)}: {as_text(value)}" for name, value in letter.headers),
            *(result_line(redrive) for redrive in redrives),
            f"nội dung / body    {size}",
            *body(value or b"", whole=whole),
        ]
    )


def body(value: bytes, *, whole: bool) -> list[str]:
    """The lines of a body: formatted JSON if it is JSON, else a hex dump. Cut after 4096 characters unless
    `whole`."""
    lines = _json(value) or _hex(value if whole else value[:_SHOWN_BYTES])
    text = "\n".join(lines)
    if whole or len(value) <= _SHOWN_BYTES:
        return lines
    return [text[:_SHOWN_BYTES], "… (--whole)"]


def _json(value: bytes) -> list[str]:
    """Indented JSON with control characters escaped; empty if `value` is not JSON."""
    try:
        text = json.dumps(json.loads(value.decode()), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return []
    return [safe(line) for line in text.splitlines()]


def _hex(value: bytes) -> list[str]:
    rows = [value[at : at + _WIDTH] for at in range(0, len(value), _WIDTH)]
    return [
        f"{number * _WIDTH:08x}  {row.hex(' '):<{3 * _WIDTH}} "
        + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        for number, row in enumerate(rows)
    ]


def as_text(value: bytes | None) -> str:
    """The value as text if it is UTF-8, else as hexadecimal digits."""
    if value is None:
        return "null"
    try:
        return safe(value.decode())
    except UnicodeDecodeError:
        return f"0x{value.hex()}"


def _sha(value: bytes) -> str:
    return sha256(value).hexdigest()


def instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
