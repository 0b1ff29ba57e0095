"""A notice that the office's renewer has seen on our pages: it counts as given, like a delivered mail."""

from datetime import date, datetime
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from shared import ids
from shared.events.base import Stage
from shared.events.renewal import NoticeSeen
from shared.situation import SituationKind
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

_WARNINGS = (Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE)
_NO_WARNING = (SituationKind.ACTIVE, SituationKind.HELD, SituationKind.AT_THE_DESK, SituationKind.RENEWED)
"""The page then says nothing of an end, or that the vendor is at work."""


class SeenNotice(State):
    """The notice of `stage`, of the last day of use `term`, counted to `counted_from`. Who saw it isn't
    kept."""

    id: UUID
    subscription_id: UUID
    stage: Stage
    term: date
    counted_from: date
    seen_at: datetime


def see(licence: LicenceCopy, kind: SituationKind, now: datetime) -> Decision[SeenNotice] | None:
    """The page of that `kind` is shown at the instant `now`. None where it warns of nothing, or the day that
    it counts to isn't told. The id is the same as long as the page says the same dates."""
    if licence.stage not in _WARNINGS or kind in _NO_WARNING or licence.counted_from is None:
        return None
    subscription, stage, term = licence.subscription_id, licence.stage, licence.expires_on
    dates = (term, licence.counted_from, licence.ends_on or "")
    seen = SeenNotice(
        id=ids.derived("seen-notice", subscription, stage, *dates),
        subscription_id=subscription,
        stage=stage,
        term=term,
        counted_from=licence.counted_from,
        seen_at=now,
    )
    event = NoticeSeen(
        subscription_id=subscription,
        office_ref=licence.office_ref,
        product_code=licence.product_code,
        effective_on=civil_date(now, licence.zone),
        occurred_at=now,
        recorded_at=now,
        reason=stage.value,
        term=term,
        counted_from=licence.counted_from,
    )
    return Decision(seen, (event,))
