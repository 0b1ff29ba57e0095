"""How an attempt to deliver ended."""

from enum import StrEnum

from services.notifier.domain.fault import Reply
from services.notifier.domain.frozen import Frozen


class DeliveryOutcome(StrEnum):
    """Deferred: surely not taken, may be later. Unknown: the server had all of it and didn't answer."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Answer(Frozen):
    """`code` is the server's reply code; None where it gave none. `reply` is that of a refusal."""

    outcome: DeliveryOutcome
    code: int | None = None
    reply: Reply | None = None


NOT_SENT = Answer(outcome=DeliveryOutcome.DEFERRED)
UNKNOWN = Answer(outcome=DeliveryOutcome.UNKNOWN)


def answer_to(reply: Reply, *, handed_over: bool) -> Answer:
    """What a reply other than success means; `handed_over`: the letter itself had been sent."""
    if 400 <= reply.code < 500:
        return Answer(outcome=DeliveryOutcome.DEFERRED, code=reply.code, reply=reply)
    if 500 <= reply.code < 600:
        return Answer(outcome=DeliveryOutcome.REFUSED, code=reply.code, reply=reply)
    return UNKNOWN if handed_over else NOT_SENT
