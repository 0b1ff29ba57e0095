"""How an attempt to deliver ended."""

from enum import StrEnum

from services.notifier.domain.bounce import SmtpReply
from services.notifier.domain.frozen import Frozen


class DeliveryOutcome(StrEnum):
    """Deferred: surely not taken, may be later. Unknown: the server had all of it and didn't answer."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class DeliveryResult(Frozen):
    """`code` is the server's reply code; None where it gave none. `reply` is that of a refusal."""

    outcome: DeliveryOutcome
    code: int | None = None
    reply: SmtpReply | None = None


NOT_SENT = DeliveryResult(outcome=DeliveryOutcome.DEFERRED)
UNKNOWN = DeliveryResult(outcome=DeliveryOutcome.UNKNOWN)


def result_of(reply: SmtpReply, *, handed_over: bool) -> DeliveryResult:
    """What a reply other than success means; `handed_over`: the letter itself had been sent."""
    if 400 <= reply.code < 500:
        return DeliveryResult(outcome=DeliveryOutcome.DEFERRED, code=reply.code, reply=reply)
    if 500 <= reply.code < 600:
        return DeliveryResult(outcome=DeliveryOutcome.REFUSED, code=reply.code, reply=reply)
    return UNKNOWN if handed_over else NOT_SENT
