"""What a signed-in renewer sees of a coming end counts as told, once as long as the page says the same."""

from datetime import timedelta

import pytest

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.seen_notice import see
from shared.events.base import Stage
from shared.events.renewal import NoticeSeen
from shared.situation import Kind
from tests.services.renewal.examples import NOW, licence

SHOWN = licence().model_copy(update={"stage": Stage.EXPIRING, "counted_from": licence().expires_on})


def test_the_event_names_the_notice_and_the_date_that_was_shown() -> None:
    decision = see(SHOWN, Kind.EXPIRING, NOW)
    assert decision
    (told,) = decision.events
    assert isinstance(told, NoticeSeen)
    assert (told.reason, told.term, told.counted_from) == ("expiring", SHOWN.expires_on, SHOWN.expires_on)
    assert told.occurred_at == decision.state.seen_at == NOW


def test_the_same_dates_are_one_notice_and_others_another() -> None:
    later = SHOWN.counted_from + timedelta(days=15) if SHOWN.counted_from else None
    seen = [
        see(SHOWN, Kind.EXPIRING, NOW),
        see(SHOWN, Kind.LAST_DAY, NOW + timedelta(days=5)),
        see(SHOWN.model_copy(update={"counted_from": later}), Kind.EXPIRING, NOW),
        see(SHOWN.model_copy(update={"stage": Stage.LOCKED}), Kind.LOCKED, NOW),
    ]
    first, again, *others = [decision.state.id for decision in seen if decision]
    assert first == again
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"stage": Stage.ACTIVE}, Kind.ACTIVE),
        ({"stage": Stage.TERMINATED}, Kind.TERMINATED),
        ({"held": "date_too_new"}, Kind.HELD),
        ({}, Kind.RENEWED),
        ({}, Kind.AT_THE_DESK),
        ({"counted_from": None}, Kind.EXPIRING),
    ],
)
def test_a_page_that_warns_of_nothing_counts_for_nothing(changed: dict[str, object], kind: Kind) -> None:
    page: LicenceCopy = SHOWN.model_copy(update=changed)
    assert see(page, kind, NOW) is None
