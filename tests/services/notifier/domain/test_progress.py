"""What the notifier tells as the next step, by whom and until when, from the events that it knows."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.progress import awaited_step, progress_facts
from services.notifier.domain.subscription_status import (
    InvoiceProgress,
    RegistrationProgress,
    SubscriptionStatus,
)
from shared.events.base import Capability, SendBy, Stage
from shared.progress.point import PointDetail as D
from shared.situation import Turn
from tests.services.notifier import examples as ex

TODAY = ex.NOON.date()
ID = ex.renewal_id()
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
