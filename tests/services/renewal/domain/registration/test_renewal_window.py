"""A product's policy for early renewals: asked, refused, or allowed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import confirm_window
from services.renewal.domain.registration.renewal_window import (
    EarlyHandling,
    EarlyReason,
    RenewalWindow,
    check_confirmed,
)
from services.renewal.domain.registration.term import TermRule, new_term
from shared.events.base import Stage
from shared.events.renewal import Term
from tests.services.renewal.examples import TODAY, declaration, licence, product, registration

ASK, REFUSE, ALLOW = EarlyHandling.ASK, EarlyHandling.REFUSE, EarlyHandling.ALLOW
windows = st.builds(
    RenewalWindow,
    earliest_renewal_days=st.integers(0, 400),
    earlier=st.sampled_from(EarlyHandling),
    again_days=st.integers(0, 400),
    again=st.sampled_from(EarlyHandling),
)
days = st.integers(-400, 800).map(lambda n: TODAY + timedelta(days=n))
renewed = st.none() | st.integers(0, 500).map(lambda n: TODAY - timedelta(days=n))


def term(expires_on: date) -> Term:
    return new_term(expires_on, Stage.ACTIVE, 1, TODAY, TermRule.CONTRACT_DATE)


@given(windows, days, renewed)
def test_what_is_early_and_not_allowed_is_asked_or_refused(
    window: RenewalWindow, expires_on: date, renewed_on: date | None
) -> None:
    left = (expires_on - TODAY).days
    far = left > window.earliest_renewal_days
    again = renewed_on is not None and (TODAY - renewed_on).days < window.again_days
    handlings = {window.earlier} if far else set()
    handlings |= {window.again} if again else set()
    early = window.find_early(term(expires_on), renewed_on, TODAY)
    if handlings <= {ALLOW}:
        assert early is None
        return
    assert early is not None
    assert bool(early.refused) == (REFUSE in handlings)
    assert early.question.vi != early.question.en
    with pytest.raises(RenewalError):
        check_confirmed(early, None)
    if not early.refused:
        check_confirmed(early, early.term.term_to)


@given(windows, days, renewed)
def test_a_refusal_names_the_first_day_without_one(
    window: RenewalWindow, expires_on: date, renewed_on: date | None
) -> None:
    early = window.find_early(term(expires_on), renewed_on, TODAY)
    if early is None or early.refused is None:
        return
    assert early.refused > TODAY
    before = window.find_early(term(expires_on), renewed_on, early.refused - timedelta(days=1))
    assert before is not None
    assert before.refused == early.refused
    on_that_day = window.find_early(term(expires_on), renewed_on, early.refused)
    assert on_that_day is None or on_that_day.refused is None
    with pytest.raises(RenewalError) as refused:
        check_confirmed(early, early.term.term_to)
    assert early.refused.strftime("%d/%m/%Y") in refused.value.errors[0].message.vi


def test_two_hundred_days_early_is_a_question_with_both_terms() -> None:
    expires_on = TODAY + timedelta(days=200)
    early = RenewalWindow().find_early(term(expires_on), None, TODAY)
    assert early is not None
    assert early.reasons == (EarlyReason.FAR_FROM_EXPIRY,)
    assert early.question.vi == (
        "Thời hạn hiện tại còn đến 24/07/2026, đơn vị muốn gia hạn tiếp từ 25/07/2026 đến 24/07/2027?"
    )
    assert RenewalWindow().find_early(term(TODAY + timedelta(days=180)), None, TODAY) is None


def test_a_second_renewal_right_after_the_first_is_a_question_even_near_the_expiry() -> None:
    early = RenewalWindow().find_early(term(TODAY + timedelta(days=20)), TODAY, TODAY)
    assert early is not None
    assert early.reasons == (EarlyReason.JUST_RENEWED,)
    assert "05/01/2026" in early.question.vi


def test_the_confirmation_is_for_the_term_that_was_shown_and_is_recorded() -> None:
    ahead = registration(licence_copy=licence(expires_on=date(2026, 12, 31), stage=Stage.ACTIVE))
    sold = product()
    for confirmed in (None, date(2028, 12, 31)):
        with pytest.raises(RenewalError) as asked:
            confirm_window(ahead, sold, None, confirmed)
        assert asked.value.name == "early-renewal"
        assert asked.value.about["term_to"] == "2027-12-31"
    made = confirm_window(ahead, sold, None, date(2027, 12, 31))
    assert made.early is not None
    assert made.early.term == made.term
    in_time = registration(declaration())
    assert confirm_window(in_time, sold, None, None) == in_time
