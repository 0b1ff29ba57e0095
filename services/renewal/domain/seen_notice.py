"""A notice that the office's renewer has seen on our pages. It counts as delivered, like an e-mail."""

from datetime import date, datetime
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from shared import ids
from shared.events.base import Stage
from shared.events.renewer import NoticeSeen
from shared.situation import SituationKind
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

_WARNINGS = (Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE)
_NO_WARNING = (SituationKind.ACTIVE, SituationKind.HELD, SituationKind.AT_THE_DESK, SituationKind.RENEWED)
"""In these situations the page announces no end, or says that the vendor is working on the renewal."""


class SeenNotice(State):
    """The notice of `stage` for the last day of use `term`, with days counted from `counted_from`. It doesn't
    record who saw it."""

    id: UUID
    subscription_id: UUID
    stage: Stage
    term: date
    counted_from: date
    seen_at: datetime


def record_notice(licence: LicenceCopy, kind: SituationKind, now: datetime) -> Decision[SeenNotice] | None:
    """A page of that `kind` is shown at `now`. None where it contains no warning, or where the licence has no
    `counted_from`. The id is the same as long as the page shows the same dates."""
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
