"""The result of a delivery attempt."""

from enum import StrEnum

from services.notifier.domain.bounce import SmtpReply
from services.notifier.domain.frozen import Frozen


class DeliveryOutcome(StrEnum):
    """Deferred: not accepted now, perhaps later. Unknown: no reply, but the server may have accepted it."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class DeliveryResult(Frozen):
    """`code` is the server's reply code, None without a reply. `reply` is set for a refusal only."""

    outcome: DeliveryOutcome
    code: int | None = None
    reply: SmtpReply | None = None


NOT_SENT = DeliveryResult(outcome=DeliveryOutcome.DEFERRED)
UNKNOWN = DeliveryResult(outcome=DeliveryOutcome.UNKNOWN)


def result_of(reply: SmtpReply, *, handed_over: bool) -> DeliveryResult:
    """The result for a reply other than success. `handed_over`: the letter itself had been sent."""
    if 400 <= reply.code < 500:
        return DeliveryResult(outcome=DeliveryOutcome.DEFERRED, code=reply.code, reply=reply)
    if 500 <= reply.code < 600:
        return DeliveryResult(outcome=DeliveryOutcome.REFUSED, code=reply.code, reply=reply)
    return UNKNOWN if handed_over else NOT_SENT
