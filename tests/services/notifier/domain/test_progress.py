"""What the notifier tells as the next step, by whom and until when, from the events that it knows."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.progress import awaited_step, progress_facts
from services.notifier.domain.subscription_status import (
    InvoiceProgress,
    RegistrationProgress,
    SubscriptionStatus,
)
from services.notifier.phrases import step_text
from services.notifier.words import NoticeWords
from shared.events.base import Capability, SendBy, Stage
from shared.progress.facts import InvoiceFacts, PaymentFacts, ProgressFacts
from shared.progress.line import progress_line
from shared.progress.point import PointDetail as D
from shared.situation import Turn
from tests.services.notifier import examples as ex

TODAY = ex.NOON.date()
ID = ex.renewal_id()
WORDS = NoticeWords.of({})
PAID = PaymentProgress(paid=2_400_000, total=2_400_000, received_on=TODAY)


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def status(**of_registration: Any) -> SubscriptionStatus:
    made = {"registration_no": "DK-1", "registered_at": ex.NOON, "basis_expires_on": ex.LAST_DAY}
    known = RegistrationProgress.model_validate({**made, "total": 2_400_000, **of_registration})
    return SubscriptionStatus(
        office_ref="office-1",
        product_code="qlts",
        zone=ex.ZONE,
        stage=Stage.EXPIRING,
        access=tuple(Capability),
        expires_on=ex.LAST_DAY,
        contracts=(ID,),
        renewals={ID: known},
    )


PAPER = {"send_by": SendBy.PAPER, "wait_until": day(9)}
ISSUED = {"accepted": True, "issued": True, "signed": True, "contract_on": TODAY}


@pytest.mark.parametrize(
    ("known", "detail", "waits_for", "until"),
    [
        ({"wait_until": day(14)}, D.FORM_TO_SIGN, "office", day(14)),
        ({"wait_until": day(90)}, D.FORM_TO_SIGN, "office", ex.LAST_DAY),
        ({"wait_until": day(-1)}, D.FORM_TO_SIGN, "office", ex.LAST_DAY),
        (PAPER, D.FORM_TO_SEND, "office", ex.LAST_DAY),
        ({**PAPER, "shown": True, "copy_sent": True}, D.FORM_TO_POST, "office", day(9)),
        ({**PAPER, "copy_sent": True}, D.FORM_TO_SEND, "office", None),
        ({**PAPER, "returned": True, "shown": True, "copy_sent": True}, D.FORM_RETURNED, "office", None),
        (
            {**PAPER, "returned": True, "shown": True, "shown_again": True, "copy_sent": True},
            D.FORM_TO_POST,
            "office",
            day(9),
        ),
        ({**PAPER, "paper_here": True}, D.CONTRACT_CHECKED, "vendor", day(9)),
        ({"signed": True, "wait_until": day(9)}, D.CONTRACT_CHECKED, "vendor", None),
        ({"signed": True, "accepted": True, "wait_until": day(1)}, D.CONTRACT_SEALED, "vendor", day(1)),
        (
            {"signed": True, "accepted": True, "sign_by": day(12)},
            D.CONTRACT_TO_SIGN,
            "office",
            day(12),
        ),
        (
            {"signed": True, "accepted": True, "contract_here": True, "wait_until": day(1)},
            D.CONTRACT_RECEIVED,
            "vendor",
            day(1),
        ),
        ({**ISSUED, "payment": {"pay_by": day(7)}}, D.PAYMENT_AWAITED, "office", day(7)),
        (
            {**ISSUED, "payment": {"pay_by": day(7), "paid": 1, "total": 2_400_000}},
            D.PAYMENT_PART,
            "office",
            day(7),
        ),
        (
            {**ISSUED, "payment": {"pay_by": day(7), "claimed_on": TODAY, "seen_by": day(3)}},
            D.PAYMENT_REPORTED,
            "vendor",
            day(3),
        ),
        ({**ISSUED, "payment": {"seen_by": day(3)}}, D.PAYMENT_REPORTED, "vendor", day(3)),
        (
            {**ISSUED, "payment": {"pay_by": day(5), "seen_by": day(3), "claim_refused": True}},
            D.PAYMENT_AWAITED,
            "office",
            day(5),
        ),
        (
            {
                **ISSUED,
                "payment": {"pay_by": day(7)},
                "invoice": InvoiceProgress(requested=True, wanted_on=day(2)),
            },
            D.INVOICE_AWAITED,
            "vendor",
            day(2),
        ),
    ],
)
def test_next_step_with_its_owner_and_day(
    known: dict[str, Any], detail: D, waits_for: str, until: date | None
) -> None:
    step = awaited_step(status(**known), ID, TODAY)
    assert step is not None
    assert (step.detail, step.waits_for, step.until) == (detail, waits_for, until)


@pytest.mark.parametrize(
    "known",
    [
        {"closed": True, "closed_as": "refused"},
        {**ISSUED, "payment": PAID},
        {**ISSUED, "total": 0},
        {"registered_at": None},
    ],
)
def test_nothing_is_awaited_where_all_is_done_or_nothing_is_known(known: dict[str, Any]) -> None:
    assert awaited_step(status(**known), ID, TODAY) is None


def test_a_term_that_is_being_recorded_is_no_news_to_a_later_reader() -> None:
    recording = status(**ISSUED, payment={"pay_by": day(7)}).model_copy(update={"contracts": ()})
    step = awaited_step(recording, ID, TODAY)
    assert step is not None
    assert step.detail is D.PAYMENT_AWAITED
    paid = status(**ISSUED, payment=PAID).model_copy(update={"contracts": ()})
    only = awaited_step(paid, ID, TODAY)
    assert only is not None
    assert only.detail is D.ACCESS_RECORDED


def test_a_late_day_is_called_late() -> None:
    known = {"signed": True, "accepted": True, "wait_until": day(-1)}
    step = awaited_step(status(**known), ID, TODAY)
    assert step is not None
    assert step.late


def test_a_registration_of_an_older_release_has_its_turn_without_a_day() -> None:
    facts = progress_facts(status(total=None, send_by=SendBy.PAPER), ID, TODAY)
    assert facts is not None
    assert (facts.turn, facts.post_by, facts.payment) == (Turn.SEND_PAPER, None, None)


@pytest.mark.parametrize(
    ("before", "here", "step"),
    [
        (2_400_000, 0, (D.PAYMENT_HERE, "vendor")),
        (2_400_000, 1_000_000, (D.PAYMENT_HERE, "vendor")),
        (1_400_000, 1_000_000, (D.PAYMENT_HERE, "vendor")),
        (1_400_000, 999_999, (D.PAYMENT_PART, "office")),
        (2_399_999, 0, (D.PAYMENT_AWAITED, "office")),
    ],
)
def test_what_was_paid_for_the_replaced_registration_is_not_asked_for_again(
    before: int, here: int, step: tuple[D, str]
) -> None:
    """Also where that one replaced the one that was paid."""
    first, second = ex.renewal_id("oldest"), ex.renewal_id("older")
    came = {"paid": here, "total": 2_400_000} if here else {}
    known = status(**ISSUED, payment={"pay_by": day(7), **came})
    earlier = {
        first: RegistrationProgress(
            closed=True, replaced=True, replaced_by=second, payment=PaymentProgress(paid=before)
        ),
        second: RegistrationProgress(closed=True, replaced=True, replaced_by=ID),
    }
    found = awaited_step(known.model_copy(update={"renewals": {**known.renewals, **earlier}}), ID, TODAY)
    assert found is not None
    assert (found.detail, found.waits_for) == step


days = st.dates(day(-9), day(9))
maybe = st.none() | days


@given(
    st.builds(
        ProgressFacts,
        today=st.just(TODAY),
        declared_on=days,
        turn=st.sampled_from(Turn),
        form_by=maybe,
        post_by=maybe,
        form_on=maybe,
        on_paper=st.booleans(),
        form_shown=st.booleans(),
        form_returned=st.booleans(),
        accepted=st.booleans(),
        answer_by=maybe,
        sign_by=maybe,
        contract_here=st.booleans(),
        contract_on=maybe,
        recorded=st.booleans(),
        disputed=st.booleans(),
        unpaid=st.booleans(),
        temporary_until=maybe,
        payment=st.none()
        | st.builds(
            PaymentFacts,
            due_on=maybe,
            paid_on=maybe,
            is_here=st.booleans(),
            is_reported=st.booleans(),
            seen_by=maybe,
            in_part=st.booleans(),
        ),
        invoice=st.none() | st.builds(InvoiceFacts, wanted_on=maybe, issued_on=maybe),
    )
)
def test_every_step_that_may_be_awaited_has_words(facts: ProgressFacts) -> None:
    line = progress_line(facts)
    for step in {each for each in (line.now, line.awaited) if each}:
        told = [step_text(words, step) for words in WORDS]
        assert all(told)
