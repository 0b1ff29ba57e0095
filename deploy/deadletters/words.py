"""Formats dead letters for a terminal. Control characters in a record are escaped, so that no record can
steer the terminal."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from deploy.texts import line
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrive, RedriveStatus

_SHOWN_BYTES = 4096
_WIDTH = 16
_LABEL = 19

_SIGNS = {
    RedriveStatus.ASKED: "…",
    RedriveStatus.APPLIED: "✓",
    RedriveStatus.SKIPPED: "✓",
    RedriveStatus.FAILED: "✗",
}


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
    who = f"{safe(redrive.by)}, {instant(redrive.at)}: {safe(redrive.because)}"
    status = f"{_SIGNS[redrive.status]} {redrive.id}: {line(f'redrive.{redrive.status}')}"
    return f"{status} ({who}){_details(redrive)}"


def _details(redrive: Redrive) -> str:
    if why := redrive.fault or redrive.waits_for:
        return f"\n    {safe(why)}"
    if redrive.status is RedriveStatus.SKIPPED and not redrive.did:
        return f"\n    {line('redrive.nothing_left')}"
    return "".join(
        f"\n    {document}: {line(f'effect.{effect}')}" for document, effect in redrive.did.items()
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
        first = f"→ {line('letter.total', total=total)}"
        if self.closed:
            first += f" (+ {self.closed} {line('letter.closed')})"
        return [
            first,
            *(f"  {n:6}  {safe(type) or '?'}: {safe(why)}" for (type, why), n in self.kinds.most_common()),
        ]


def letter_details(letter: DeadLetter, redrives: Sequence[Redrive], *, whole: bool) -> str:
    value = letter.value
    size = line("letter.no_body") if value is None else f"{len(value)} bytes, sha256 {_sha(value)}"
    return "\n".join(
        [
            labelled("letter.place", letter.position),
            labelled("letter.died", instant(letter.at)),
            labelled("letter.reason", safe(letter.reason)),
            labelled("record.key", as_text(letter.key)),
            *(f"  {safe(name)}: {as_text(value)}" for name, value in letter.headers),
            *(result_line(redrive) for redrive in redrives),
            labelled("record.body", size),
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


def labelled(key: str, value: str) -> str:
    return f"{line(key):<{_LABEL}}{value}"
