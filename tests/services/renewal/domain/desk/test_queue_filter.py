"""The filters of the queue, and when a registration is late."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.renewal.domain.desk.queue_filter import QueueFilter, late_before
from services.renewal.domain.desk.verdict import DECIDABLE, REASONED, Verdict
from services.renewal.domain.flow import OPEN, REGISTRATION_FLOW, RegistrationStatus
from services.renewal.domain.working_days import working_days_between
from shared.events.paper_form import ReturnReason

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@given(st.sampled_from(OPEN), DAYS, st.integers(0, 40))
def test_late_is_what_waited_more_working_days_than_it_may(
    status: RegistrationStatus, today: date, ago: int
) -> None:
    since, limit = today - timedelta(days=ago), late_before(status, today)
    assert limit is not None
    assert (since < limit) is (
        working_days_between(since, today) > REGISTRATION_FLOW.limits[status].working_days
    )


@pytest.mark.parametrize("status", [status for status in RegistrationStatus if status not in OPEN])
def test_what_waits_for_nobody_is_never_late(status: RegistrationStatus) -> None:
    assert late_before(status, date(2026, 11, 25)) is None


def test_fields_of_a_form_that_were_left_alone_filter_nothing() -> None:
    assert QueueFilter.model_validate(dict.fromkeys(QueueFilter.model_fields, "")) == QueueFilter()
    assert QueueFilter().statuses == (
        RegistrationStatus.PAPER_RECEIVED,
        RegistrationStatus.AWAITING_CONFIRMATION,
        RegistrationStatus.ASSENT_RECEIVED,
    )
    assert set(QueueFilter(waits="anybody").statuses) == set(OPEN)
    assert QueueFilter(waits="office", status=RegistrationStatus.REFUSED).statuses == (
        RegistrationStatus.REFUSED,
    )


@pytest.mark.parametrize("step", DECIDABLE)
@pytest.mark.parametrize("reason", [None, "  ", "đã gọi điện xác nhận"])
@pytest.mark.parametrize("returned", [None, ReturnReason.ALTERED])
def test_verdict_has_a_reason_where_one_is_needed(
    step: str, reason: str | None, returned: ReturnReason | None
) -> None:
    given = {"step": step, "reason": reason, "returned": returned}
    blank = reason is not None and not reason.strip()
    wanting = step in REASONED and reason is None
    if blank or wanting or (step == "return_paper") is not (returned is not None):
        with pytest.raises(ValidationError):
            Verdict.model_validate(given)
    else:
        assert Verdict.model_validate(given).words == (reason or "")
