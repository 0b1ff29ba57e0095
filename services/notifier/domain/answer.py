"""How an attempt to deliver ended."""

from enum import StrEnum

from services.notifier.domain.frozen import Frozen


class Outcome(StrEnum):
    """Deferred: surely not taken, may be later. Unknown: the server had all of it and didn't answer."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Answer(Frozen):
    """`code` is the server's reply code; None where it gave none."""

    outcome: Outcome
    code: int | None = None


NOT_SENT = Answer(outcome=Outcome.DEFERRED)
UNKNOWN = Answer(outcome=Outcome.UNKNOWN)


def answer_to(code: int, *, handed_over: bool) -> Answer:
    """What a reply other than success means; `handed_over`: the letter itself had been sent."""
    if 400 <= code < 500:
        return Answer(outcome=Outcome.DEFERRED, code=code)
    if 500 <= code < 600:
        return Answer(outcome=Outcome.REFUSED, code=code)
    return UNKNOWN if handed_over else NOT_SENT
