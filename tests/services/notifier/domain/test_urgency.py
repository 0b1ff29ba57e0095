"""What an office loses is told before what it may lose later; what a person waits for is told first."""

from datetime import date, timedelta

import pytest

from services.notifier.domain.matter import NoticeEvent, matter_of
from services.notifier.domain.urgency import urgency_of
from tests.services.notifier import examples as ex


def test_locks_and_final_notices_go_before_reminders_the_most_urgent_first() -> None:
    groups: list[list[NoticeEvent]] = [
        [ex.registered(), ex.refused(), ex.paper_returned(), ex.contract_to_sign(), ex.contract_lapsed()],
        [ex.locked(30), ex.terminated()],
        [ex.locked(1)],
        [ex.signature_awaited(), ex.paper_awaited()],
        [ex.expiring(1), ex.expiring(7)],
        [ex.expiring(8), ex.expiring(90)],
    ]
    found = [{urgency_of(matter_of(event)) for event in group} for group in groups]
    assert found == [{0}, {1}, {2}, {3}, {4}, {5}]


@pytest.mark.parametrize(("days_left", "urgency"), [(30, 5), (8, 5), (7, 4), (1, 4)])
@pytest.mark.parametrize("effective_on", [ex.LAST_DAY, ex.LAST_DAY + timedelta(days=20)])
def test_days_of_an_extension_or_of_temporary_access_count_as_days_that_are_left(
    effective_on: date, days_left: int, urgency: int
) -> None:
    """The term itself ends on the day of the reminder or before it."""
    assert urgency_of(matter_of(ex.expiring(days_left, effective_on=effective_on))) == urgency


def test_a_reminder_of_an_earlier_release_counts_to_the_end_of_the_term() -> None:
    reminders = [matter_of(ex.expiring(days)).model_copy(update={"counted_from": None}) for days in (7, 8)]
    assert [urgency_of(reminder) for reminder in reminders] == [4, 5]
