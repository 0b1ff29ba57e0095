"""A notice that a signed-in renewer sees counts as delivered, once as long as the page shows the same
dates."""

from datetime import timedelta

import pytest

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.seen_notice import record_notice
from shared.events.base import Stage
from shared.events.renewer import NoticeSeen
from shared.situation import SituationKind
from tests.services.renewal.examples import NOW, licence

SHOWN = licence().model_copy(update={"stage": Stage.EXPIRING, "counted_from": licence().expires_on})


def test_the_event_names_the_notice_and_the_date_that_was_shown() -> None:
    decision = record_notice(SHOWN, SituationKind.EXPIRING, NOW)
    assert decision
    (told,) = decision.events
    assert isinstance(told, NoticeSeen)
    assert (told.reason, told.term, told.counted_from) == ("expiring", SHOWN.expires_on, SHOWN.expires_on)
    assert told.occurred_at == decision.state.seen_at == NOW


def test_the_same_dates_are_one_notice_and_others_another() -> None:
    later = SHOWN.counted_from + timedelta(days=15) if SHOWN.counted_from else None
    seen = [
        record_notice(SHOWN, SituationKind.EXPIRING, NOW),
        record_notice(SHOWN, SituationKind.LAST_DAY, NOW + timedelta(days=5)),
        record_notice(SHOWN.model_copy(update={"counted_from": later}), SituationKind.EXPIRING, NOW),
        record_notice(SHOWN.model_copy(update={"stage": Stage.LOCKED}), SituationKind.LOCKED, NOW),
    ]
    first, again, *others = [decision.state.id for decision in seen if decision]
    assert first == again
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"stage": Stage.ACTIVE}, SituationKind.ACTIVE),
        ({"stage": Stage.TERMINATED}, SituationKind.TERMINATED),
        ({"held": "date_too_new"}, SituationKind.HELD),
        ({}, SituationKind.RENEWED),
        ({}, SituationKind.AT_THE_DESK),
        ({"counted_from": None}, SituationKind.EXPIRING),
    ],
)
def test_a_page_that_warns_of_nothing_counts_for_nothing(
    changed: dict[str, object], kind: SituationKind
) -> None:
    page: LicenceCopy = SHOWN.model_copy(update=changed)
    assert record_notice(page, kind, NOW) is None
