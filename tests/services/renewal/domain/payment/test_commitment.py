"""An office commits itself to pay by a day: who decides, what it is told, and when it breaks its word."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.desk.approval import decide_on_form
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.balance import PaymentBalance
from services.renewal.domain.payment.commitment import Commitment, CommitmentStatus
from services.renewal.domain.payment.commitment_steps import (
    accept_commitment,
    extend_commitment,
    follow_commitment,
    refuse_commitment,
    settle_commitment,
)
from services.renewal.domain.payment.receivable import (
    Receivable,
    chase_claim,
    claim_payment,
    record_receipt,
    reverse_receipt,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.renewal import DeskReason, FormCheck, Renewal
from services.renewal.domain.working_days import is_working, working_day_after
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Event, SendBy
from shared.events.commitment import (
    CommitmentAccepted,
    CommitmentBroken,
    CommitmentExtended,
    CommitmentRefused,
    PaymentAwaited,
)
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import document

PROMISED = registration()
PAY_BY = PROMISED.payment_day
SEEN = working_day_after(PAY_BY, 3)


def made() -> Renewal:
    return form.register(PROMISED, document("form 1"), EXAMPLE_VENDOR, NOW).state


def sent() -> Renewal:
    """Its form is here, and waits for a clerk."""
    return made().with_status(RegistrationStatus.AWAITING_CONFIRMATION, NOW)


def accepted() -> Renewal:
    return accept_commitment(sent(), "clerk-1", "quen biết", NOW).state


def commitment(renewal: Renewal) -> Commitment:
    assert renewal.commitment is not None
    return renewal.commitment


def noon(day: date) -> datetime:
    return datetime.combine(day, time(5), UTC)


def unpaid() -> Receivable:
    return Receivable.of(PROMISED)


def paid(amount: int, renewal: Renewal) -> Receivable:
    return record_receipt(unpaid(), renewal, amount, TODAY, "FT1", "clerk-1", NOW).state


def claimed(on: date) -> Receivable:
    decision = claim_payment(unpaid(), made(), on, "", "office", noon(on))
    assert decision is not None
    return decision.state


def followed(renewal: Renewal, receivable: Receivable, until: date) -> tuple[Renewal, list[Event]]:
    """With every day followed from registration on."""
    events: list[Event] = []
    for n in range((until - TODAY).days + 1):
        if decision := follow_commitment(renewal, receivable, EXAMPLE_VENDOR, noon(TODAY + timedelta(n))):
            renewal, events = decision.state, [*events, *decision.events]
    return renewal, events


def test_desk_accepts_and_access_lasts_until_a_late_transfer_is_seen() -> None:
    decision = accept_commitment(made(), "clerk-1", "quen biết", NOW)
    (event,) = decision.events
    assert isinstance(event, CommitmentAccepted)
    assert (event.pay_by, event.decided_by) == (PAY_BY, "desk")
    assert event.access_until == working_day_after(PAY_BY, 5)
    with pytest.raises(RenewalError, match="commitment-decided"):
        accept_commitment(decision.state, "clerk-2", "", NOW)


def test_desk_refuses_the_office_pays_soon_and_the_desk_may_agree_on_another_day() -> None:
    decision = refuse_commitment(sent(), "clerk-1", "quá hạn mức", NOW)
    (event,) = decision.events
    assert isinstance(event, CommitmentRefused)
    soon = working_day_after(TODAY, 5)
    refused = commitment(decision.state)
    assert (event.pay_by, refused.pay_by, refused.status) == (PAY_BY, soon, CommitmentStatus.REFUSED)
    assert event.due_on == soon
    end, events = followed(decision.state, unpaid(), PAY_BY)
    assert {event.why for event in events if isinstance(event, PaymentAwaited)} == {"due", "overdue"}
    assert commitment(end).status is CommitmentStatus.REFUSED, "nobody accepted it, so that it isn't broken"
    agreed = extend_commitment(decision.state, soon + timedelta(days=9), "clerk-1", "đã gọi", NOW).state
    assert commitment(agreed).status is CommitmentStatus.ACCEPTED


def test_before_its_form_is_here_an_office_hears_nothing_and_breaks_nothing() -> None:
    end, events = followed(made(), unpaid(), PAY_BY + timedelta(days=60))
    assert (events, commitment(end).status) == ([], CommitmentStatus.AWAITING)


def test_a_doubtful_form_is_no_commitment_whatever_else_waits() -> None:
    """Guards against: the last day of use was corrected too, and the rule looked at that reason alone."""
    check = FormCheck(
        revision=1, send_by=SendBy.ELECTRONIC, found="signed", doubt=DeskReason.CERTIFICATE_REVIEW
    )
    facts = judged(licence(expires_on=TODAY))
    decision = decide_on_form(made(), check, facts, NOW)
    assert decision.state.needs_desk is DeskReason.EXPIRY_MOVED
    assert commitment(decision.state).status is CommitmentStatus.AWAITING


def test_after_a_broken_commitment_only_a_clerk_accepts_a_form() -> None:
    broken, _ = followed(accepted(), unpaid(), SEEN)
    check = FormCheck(revision=1, send_by=SendBy.ELECTRONIC, found="signed", doubt=None)
    decision = decide_on_form(broken, check, judged(), NOW)
    assert decision.state.needs_desk is DeskReason.NOT_IN_GOOD_STANDING
    assert "broken_commitments <= 0 (1)" in str(decision.state.desk_note)


def test_the_whole_ladder_of_an_office_that_does_not_pay() -> None:
    end, events = followed(accepted(), unpaid(), PAY_BY + timedelta(days=60))
    awaited = [event for event in events if isinstance(event, PaymentAwaited)]
    assert [(event.effective_on, event.why) for event in awaited] == [
        (PAY_BY - timedelta(days=7), "due"),
        (PAY_BY - timedelta(days=1), "due"),
        (SEEN, "overdue"),
        (SEEN + timedelta(days=7), "overdue"),
        (SEEN + timedelta(days=14), "overdue"),
    ]
    assert [event.reminder for event in awaited] == [1, 2, 3, 4, 5]
    (broken,) = [event for event in events if isinstance(event, CommitmentBroken)]
    assert (broken.effective_on, broken.open_vnd) == (SEEN, PROMISED.order.total)
    assert (commitment(end).status, commitment(end).next_on) == (CommitmentStatus.BROKEN, None)


def test_access_ends_only_some_days_after_the_office_was_told() -> None:
    _, events = followed(accepted(), unpaid(), PAY_BY + timedelta(days=60))
    told = next(event for event in events if isinstance(event, PaymentAwaited) and event.why == "overdue")
    assert told.effective_on + timedelta(days=2) <= commitment(accepted()).access_until


def test_who_pays_in_full_hears_no_more() -> None:
    renewal = accepted()
    end, events = followed(renewal, paid(PROMISED.order.total, renewal), PAY_BY + timedelta(days=60))
    assert (events, commitment(end).paid, commitment(end).next_on) == ([], True, None)


def test_a_decision_about_a_paid_commitment_brings_no_reminder_back() -> None:
    """Guards against: an extension of what is paid asked for a transfer of nothing, and stopped the loop that
    reminds all offices."""
    whole = paid(PROMISED.order.total, accepted())
    kept = settle_commitment(accepted(), whole, NOW)
    assert kept is not None
    extended = extend_commitment(kept.state, PAY_BY + timedelta(days=20), "clerk-1", "chậm", NOW).state
    assert commitment(extended).next_on is None
    due = commitment(extended).model_copy(update={"next_on": TODAY})
    stored = follow_commitment(extended.with_changes(commitment=due), whole, EXAMPLE_VENDOR, NOW)
    assert stored is not None
    assert (stored.events, commitment(stored.state).next_on) == ((), None), "as an earlier release left it"


def test_a_payment_that_no_longer_counts_opens_the_commitment_again() -> None:
    renewal = accepted()
    whole = paid(PROMISED.order.total, renewal)
    kept = settle_commitment(renewal, whole, NOW)
    assert kept is not None
    assert settle_commitment(kept.state, whole, NOW) is None
    late = noon(SEEN + timedelta(days=30))
    again = settle_commitment(kept.state, unpaid(), late)
    assert again is not None
    assert commitment(again.state).status is CommitmentStatus.ACCEPTED
    undecided = settle_commitment(sent(), whole, NOW)
    assert undecided is not None
    back = settle_commitment(undecided.state, unpaid(), late)
    assert back is not None
    assert commitment(back.state).status is CommitmentStatus.AWAITING, "nobody has accepted it"
    told = follow_commitment(again.state, unpaid(), EXAMPLE_VENDOR, late)
    assert told is not None
    assert [type(event) for event in told.events] == [CommitmentBroken, PaymentAwaited]


def test_a_part_is_not_the_whole() -> None:
    renewal = accepted()
    _, events = followed(renewal, paid(1, renewal), SEEN)
    last = events[-1]
    assert isinstance(last, PaymentAwaited)
    assert (last.why, last.transfer.amount) == ("overdue", PROMISED.order.total - 1)


def test_an_outage_over_the_last_day_brings_one_reminder() -> None:
    decision = follow_commitment(accepted(), unpaid(), EXAMPLE_VENDOR, noon(SEEN + timedelta(days=8)))
    assert decision is not None
    assert [type(event) for event in decision.events] == [CommitmentBroken, PaymentAwaited]


def test_who_says_on_the_last_day_that_it_paid_has_the_banks_days_once() -> None:
    end, events = followed(accepted(), claimed(PAY_BY + timedelta(days=1)), SEEN)
    assert events == []
    assert commitment(end).status is CommitmentStatus.ACCEPTED
    _, later = followed(end, claimed(PAY_BY + timedelta(days=1)), SEEN + timedelta(days=4))
    assert [type(event) for event in later] == [CommitmentBroken, PaymentAwaited]


def test_claimed_money_that_nobody_sees_is_asked_for_once() -> None:
    claim = claimed(TODAY)
    seen = working_day_after(TODAY, 3)
    assert chase_claim(claim, made(), EXAMPLE_VENDOR, noon(seen)) is None
    chased = chase_claim(claim, made(), EXAMPLE_VENDOR, noon(seen + timedelta(days=1)))
    assert chased is not None
    (event,) = chased.events
    assert isinstance(event, PaymentAwaited)
    assert (event.why, event.claimed_on) == ("not_seen", TODAY)
    assert chase_claim(chased.state, made(), EXAMPLE_VENDOR, noon(seen + timedelta(days=9))) is None


def test_desk_extends_once_and_after_a_default_too() -> None:
    broken, _ = followed(accepted(), unpaid(), SEEN)
    now, until = noon(SEEN), SEEN + timedelta(days=14)
    decision = extend_commitment(broken, until, "clerk-1", "kho bạc chậm", now)
    (event,) = decision.events
    assert isinstance(event, CommitmentExtended)
    assert (event.old_pay_by, is_working(event.pay_by)) == (PAY_BY, True)
    after = commitment(decision.state)
    assert (after.status, after.extended_from) == (CommitmentStatus.ACCEPTED, PAY_BY)
    assert after.broken_at is not None
    assert after.next_on is not None
    assert after.next_on > SEEN
    assert PaymentBalance.of(unpaid(), decision.state, SEEN).due_on == after.pay_by
    with pytest.raises(RenewalError, match="commitment-extended"):
        extend_commitment(decision.state, until + timedelta(days=7), "clerk-1", "", now)


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_an_extension_is_later_and_not_too_late(days: int) -> None:
    with pytest.raises(RenewalError, match="extension-day-untrue"):
        extend_commitment(accepted(), PAY_BY + timedelta(days=days), "clerk-1", "", NOW)


def test_a_cancelled_registration_owes_nothing() -> None:
    closed = sending.cancel(made(), "office", "không cần nữa", NOW).state
    with pytest.raises(RenewalError, match="nothing-to-pay"):
        accept_commitment(closed, "clerk-1", "", NOW)
    end, events = followed(closed, unpaid(), PAY_BY + timedelta(days=60))
    assert (events, commitment(end).next_on) == ([], None)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "refuse", "extend", "follow", "pay", "reverse", "settle"]),
        st.integers(0, 130),
    ),
    max_size=9,
)


def step(name: str, renewal: Renewal, receivable: Receivable, day: date) -> Decision[Renewal] | None:
    now = noon(day)
    match name:
        case "accept":
            return accept_commitment(renewal, "clerk-1", "", now)
        case "refuse":
            return refuse_commitment(renewal, "clerk-1", "", now)
        case "extend":
            return extend_commitment(renewal, day + timedelta(days=9), "clerk-1", "", now)
        case "settle":
            return settle_commitment(renewal, receivable, now)
        case _:
            return follow_commitment(renewal, receivable, EXAMPLE_VENDOR, now)


@given(STEPS)
def test_any_order_of_steps_ends_in_a_legal_state(steps: list[tuple[str, int]]) -> None:
    """Days go forward. Nothing counts as accepted or broken that nobody accepted, and no reminder comes for
    what is paid."""
    renewal, receivable, day = sent(), unpaid(), TODAY
    events: list[Event] = []
    for name, days in steps:
        day = max(day, TODAY + timedelta(days=days))
        if name in ("pay", "reverse"):
            receivable = paid_or_reversed(name, receivable, renewal, noon(day))
            continue
        with suppress(RenewalError):
            if decision := step(name, renewal, receivable, day):
                renewal = decision.state
                events += decision.events
                is_paid = receivable.paid >= receivable.amount
                asks = any(isinstance(event, PaymentAwaited | CommitmentBroken) for event in decision.events)
                assert not (is_paid and asks)
    after, broken = commitment(renewal), [event for event in events if isinstance(event, CommitmentBroken)]
    gave = [event for event in events if isinstance(event, CommitmentAccepted | CommitmentExtended)]
    assert is_working(after.pay_by)
    assert len(broken) <= len(gave)
    assert bool(gave) is (after.status in (CommitmentStatus.ACCEPTED, CommitmentStatus.BROKEN))
    assert after.next_on is None or 0 <= after.reminded <= len(after.reminders)


def paid_or_reversed(name: str, receivable: Receivable, renewal: Renewal, now: datetime) -> Receivable:
    if name == "pay":
        half, reference = PROMISED.order.total // 2, str(len(receivable.receipts))
        return record_receipt(receivable, renewal, half, TODAY, reference, "clerk-1", now).state
    counting = [receipt.id for receipt in receivable.receipts if receipt.counts]
    if not counting:
        return receivable
    return reverse_receipt(receivable, renewal, counting[0], "nhầm", "clerk-1", now).state
