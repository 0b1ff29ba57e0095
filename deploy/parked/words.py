"""Formats parked messages for a terminal. Control characters in a message are escaped, so that no message can
steer the terminal."""

import re
from collections.abc import Sequence

from deploy.deadletters.words import as_text, body, instant, labelled, safe
from deploy.parked.messages import ParkedDecision
from deploy.texts import line
from shared.messaging.parked import ParkedMessage

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def reason(message: ParkedMessage) -> tuple[str, str]:
    """The message's type, and what it waits for without ids, so that messages with the same cause group
    together."""
    return _kind(message), _ID.sub("…", safe(message.error or message.waits_for))


def message_line(message: ParkedMessage, decisions: Sequence[ParkedDecision]) -> str:
    envelope = message.envelope
    stuck = ("fails", message.error) if message.error else ("waits", message.waits_for)
    return "\n".join(
        [
            f"• {envelope.id}  {instant(message.since)}  {_kind(message)}  {safe(envelope.subject)}",
            f"    {line(f'parked.{stuck[0]}')}: {safe(stuck[1])}",
            *(f"    {decision_line(decision)}" for decision in decisions),
        ]
    )


def decision_line(decision: ParkedDecision) -> str:
    who = f"{safe(decision.by)}, {instant(decision.at)}: {safe(decision.because)}"
    return f"{decision.id}: {line(f'parked.{decision.verb}')} ({who})"


def message_details(
    message: ParkedMessage, decisions: Sequence[ParkedDecision], *, parked: bool, whole: bool
) -> str:
    envelope = message.envelope
    return "\n".join(
        [
            message_line(message, decisions),
            f"    {line('parked.waiting' if parked else 'parked.drop')}",
            labelled("record.key", safe(envelope.subject)),
            *(f"  {safe(name)}: {as_text(value)}" for name, value in envelope.headers()),
            labelled("record.body", f"{len(envelope.body)} bytes"),
            *body(envelope.body, whole=whole),
        ]
    )


def _kind(message: ParkedMessage) -> str:
    return safe(message.envelope.type.removeprefix("vn.giahan.")) or "?"
