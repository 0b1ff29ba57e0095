"""The gate's answer, computed at the moment of the request."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.facts import Concession, ReminderGiven
from services.subscription.domain.stages.entitlement import current_entitlement, last_recorded_entitlement
from services.subscription.domain.stages.progress import advance
from shared.events.base import Stage
from tests.services.subscription.examples import BOTH, ENDS, FULL, HANOI, adopted, advanced, days, ended, noon


@pytest.mark.parametrize(
    ("left", "stage", "vi", "en"),
    [
        (91, "active", "Đang sử dụng.", "In use."),
        (90, "expiring", "hết ngày 31/12/2026", "through 2026-12-31"),
        (0, "expiring", "Hôm nay là ngày sử dụng cuối cùng", "Today is the last day"),
        (-1, "locked", "Ngày sử dụng cuối cùng là 31/12/2026", "Your data is kept"),
        (-30, "final_notice", "trước ngày 01/03/2027", "before 2027-03-01"),
        (-60, "terminated", "dự kiến xóa ngày 31/03/2027", "due for deletion on 2027-03-31"),
    ],
)
def test_each_stage_has_its_answer_and_its_reason(left: int, stage: str, vi: str, en: str) -> None:
    today = ENDS - days(left)
    answer = current_entitlement(
        ended() if left == -60 else advanced(adopted(ENDS - days(200)), today), noon(today), BOTH
    )
    assert answer.stage == stage
    assert answer.access == (FULL if left >= 0 else ())
    assert (answer.days_left, answer.days_overdue) == (max(left, 0), max(-left, 0))
    assert vi in answer.reason.vi
    assert en in answer.reason.en


def test_gate_at_2330_utc_closes_with_the_offices_day_before_the_schedule_was_there() -> None:
    """Guards against: "today" is taken in UTC, or from the last run of the schedule."""
    state = adopted(ENDS - days(5))
    before = current_entitlement(state, datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), BOTH)
    after = current_entitlement(state, datetime(2026, 12, 31, 17, 0, tzinfo=UTC), BOTH)
    late = current_entitlement(state, datetime(2026, 12, 31, 23, 30, tzinfo=UTC), BOTH)
    assert before.valid_until == datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert [a.stage for a in (before, after, late)] == [Stage.EXPIRING, Stage.LOCKED, Stage.LOCKED]


def test_temporary_access_is_counted_from_but_the_last_day_stays() -> None:
    extension = Concession(until=ENDS + days(10), reason="bão", by="a")
    warned = ReminderGiven(counted_from=ENDS + days(15), on=ENDS)
    state = adopted(ENDS).with_(temporary_until=ENDS + days(15), extension=extension, warned=warned)
    answer = current_entitlement(state, noon(ENDS + days(12)), BOTH)
    assert (answer.stage, answer.days_left, answer.expires_on) == (Stage.EXPIRING, 3, ENDS)
    assert current_entitlement(state, noon(ENDS + days(16)), BOTH).stage == Stage.LOCKED


@given(
    st.dates(date(2010, 1, 1), date(2040, 1, 1)),
    st.integers(-200, 200),
    st.sampled_from([HANOI, "America/Santiago", "Pacific/Apia"]),
)
def test_the_gate_agrees_with_what_the_schedule_will_tell(expires_on: date, left: int, zone: str) -> None:
    state = adopted(expires_on - days(200), expires_on, zone=zone)
    now = noon(expires_on - days(left), zone)
    answer = current_entitlement(state, now, BOTH)
    assert answer.stage == advance(state, now, BOTH).state.stage
    if answer.valid_until:
        a_second_before = answer.valid_until - timedelta(seconds=1)
        assert current_entitlement(state, a_second_before, BOTH).stage == answer.stage
        assert current_entitlement(state, answer.valid_until, BOTH).stage != answer.stage


def test_without_a_reliable_clock_the_last_decision_is_used_without_steps() -> None:
    state = advanced(adopted(ENDS - days(5)), ENDS)
    wrong = noon(ENDS + days(1))
    assert current_entitlement(state, wrong, BOTH).stage == Stage.LOCKED
    answer = last_recorded_entitlement(state, wrong, BOTH)
    assert (answer.stage, answer.access, answer.steps) == (Stage.EXPIRING, FULL, ())
    assert answer.valid_until is None


def test_an_office_that_registered_is_not_told_to_register() -> None:
    state = advanced(adopted(ENDS), ENDS + days(3)).with_(open_registrations=(UUID(int=7),))
    answer = current_entitlement(state, noon(ENDS + days(3)), BOTH)
    assert answer.stage == Stage.LOCKED
    assert "đã nhận đăng ký" in answer.reason.vi
    assert "received your renewal" in answer.reason.en
