"""The gate's sentences about a situation, for the office's people."""

from collections.abc import Iterator

from services.subscription.domain.stages.texts import TEXTS
from shared.situation import Situation, SituationKind, Turn
from shared.text.i18n import Text

_FACTS, _REQUESTS, _NEXT, _MORE = (TEXTS.part(part) for part in ("fact", "request", "next", "more"))
_DAYS = ("last_day", "usable_until", "temporary_until", "ends_on", "deleted_on", "sign_by", "pay_by")


def reason(situation: Situation) -> Text:
    """What is true now and what comes next. Dates are dd/mm/yyyy in Vietnamese, ISO in English."""
    days = {name: day for name in _DAYS if (day := getattr(situation, name))}
    step = _NEXT.get(situation.next_step, Text("", "")).fill(**days)
    parts = [part.fill(**days, next=step) for part in _parts(situation)]
    return Text(" ".join(part.vi for part in parts), " ".join(part.en for part in parts))


def _parts(situation: Situation) -> Iterator[Text]:
    yield _FACTS[situation.kind]
    if situation.kind is SituationKind.TERMINATED and situation.deleted_on:
        yield _MORE["deleted"]
    elif situation.kind is SituationKind.TERMINATED and situation.ends_on:
        yield _MORE["deletion"]
    if situation.registered:
        yield _MORE["unpaid" if situation.turn is Turn.PAY else "received"]
        if (
            situation.turn is Turn.SIGN
            and situation.ends_on
            and situation.kind is not SituationKind.TERMINATED
        ):
            yield _MORE["unsigned"]
    elif situation.asks_to_register and situation.kind in _REQUESTS:
        yield _REQUESTS[situation.kind]
