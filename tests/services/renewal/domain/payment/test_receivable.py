"""What is to be paid for a registration, and what came of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus, settled
from services.renewal.domain.payment.claims.slip import attach_slip, claim_with_slip
from services.renewal.domain.payment.receivable import (
    Receivable,
    claim_payment,
    record_receipt,
    refuse_claim,
    reverse_receipt,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.declaration import Payment
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.working_days import working_day_after
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.payment import PaymentClaimed, PaymentClaimRefused, PaymentRecorded, PaymentReversed
from shared.ids import fresh
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

PROMISED = registration()
DUE = PROMISED.order.total
PAID = PROMISED.model_copy(
    update={"payment": Payment(kind="paid", on=TODAY - timedelta(days=1)), "pay_by": None}
)


def made() -> Renewal:
    return form.register(PROMISED, document("form 1"), EXAMPLE_VENDOR, NOW).state


def closed() -> Renewal:
    return sending.cancel(made(), "office", "không cần nữa", NOW).state


def receivable() -> Receivable:
    return Receivable.of(PROMISED)


def paid(state: Receivable, amount: int, reference: str = "FT26334") -> Receivable:
    return record_receipt(state, made(), amount, TODAY, reference, "clerk-1", NOW).state


def claimed(state: Receivable, memo: str = "GH ABC") -> Receivable:
    decision = claim_payment(state, made(), TODAY, memo, "office", NOW)
    assert decision is not None
    return decision.state


def balance(state: Receivable, renewal: Renewal | None = None, day: date = TODAY) -> PaymentBalance:
    return PaymentBalance.of(state, renewal or made(), day)


def test_unpaid_becomes_overdue_after_its_day() -> None:
    due_on = PROMISED.payment_day
    statuses = [balance(receivable(), day=due_on + timedelta(days=n)).status for n in (-1, 0, 1)]
    assert statuses == [PaymentStatus.UNPAID, PaymentStatus.UNPAID, PaymentStatus.OVERDUE]


def test_declared_as_paid_is_a_claim_that_never_is_overdue() -> None:
    """Guards against: who declares a payment of yesterday is told today that it is late."""
    state = Receivable.of(PAID)
    renewal = form.register(PAID, document("form 1"), EXAMPLE_VENDOR, NOW)
    later = balance(state, renewal.state, TODAY + timedelta(days=400))
    assert (later.status, later.due_on, later.open_amount) == (PaymentStatus.REPORTED, None, DUE)
    assert getattr(renewal.events[0], "transfer", "no field") is None, "its mail asks for no transfer"
    assert getattr(renewal.events[0], "seen_by", None) == working_day_after(TODAY, 3)


def test_claim_waits_for_the_money_and_gives_nothing() -> None:
    decision = claim_payment(receivable(), made(), TODAY, "GH ABC", "office", NOW)
    assert decision is not None
    state = decision.state
    assert (balance(state).status, state.claimed_since, state.paid) == (PaymentStatus.REPORTED, NOW, 0)
    (event,) = decision.events
    assert isinstance(event, PaymentClaimed)
    assert event.seen_by == working_day_after(TODAY, 3)
    later = claim_payment(state, made(), TODAY - timedelta(days=1), "", "office", NOW + timedelta(days=2))
    assert later is not None
    assert later.state.claimed_since == NOW, "the desk looks since the first time"
    assert later.state.claim is not None
    assert later.state.claim.memo == "GH ABC", "an empty memo takes none away"
    assert claim_payment(state, made(), TODAY, "GH ABC", "office", NOW) is None, "said already"
    assert paid(state, DUE).claimed_since is None


def test_claim_that_the_desk_refuses_waits_no_longer() -> None:
    decision = refuse_claim(claimed(receivable()), made(), "không thấy trên sao kê", NOW)
    assert [type(event) for event in decision.events] == [PaymentClaimRefused]
    assert (decision.state.claimed_since, balance(decision.state).status) == (None, PaymentStatus.UNPAID)
    with pytest.raises(RenewalError, match="nothing-claimed"):
        refuse_claim(decision.state, made(), "lần nữa", NOW)
    assert claimed(decision.state).claimed_since == NOW, "the office may say so again"


@pytest.mark.parametrize(("declared_paid", "days"), [(True, 5), (False, None)])
def test_a_refused_claim_tells_a_day_to_pay_only_where_there_was_none(
    declared_paid: bool, days: int | None
) -> None:
    if declared_paid:
        renewal = form.register(PAID, document("form 1"), EXAMPLE_VENDOR, NOW).state
        decision = refuse_claim(Receivable.of(PAID), renewal, "không thấy", NOW)
    else:
        decision = refuse_claim(claimed(receivable()), made(), "không thấy", NOW)
    (event,) = decision.events
    assert isinstance(event, PaymentClaimRefused)
    assert event.due_on == (working_day_after(TODAY, days) if days else None)


def test_part_then_the_rest() -> None:
    part = paid(receivable(), DUE - 1)
    stands = balance(part)
    assert (stands.status, stands.open_amount, stands.paid) == (PaymentStatus.PART_PAID, 1, DUE - 1)
    whole = record_receipt(part, made(), 3, TODAY, "FT26335", "clerk-1", NOW)
    stands = balance(whole.state)
    assert (stands.status, stands.open_amount, stands.over) == (PaymentStatus.PAID, 0, 2)
    (event,) = whole.events
    assert isinstance(event, PaymentRecorded)
    assert (event.amount_vnd, event.paid_vnd, event.total_vnd) == (3, DUE + 2, DUE)


def test_one_transfer_counts_once() -> None:
    once = paid(receivable(), 1000)
    with pytest.raises(RenewalError, match="receipt-known"):
        paid(once, 1000)
    undone = reverse_receipt(once, made(), once.receipts[0].id, "nhầm", "clerk-1", NOW).state
    assert paid(undone, 1000).paid == 1000, "recorded in error, then rightly"


def test_reversed_receipt_stays_and_no_longer_counts() -> None:
    whole = paid(claimed(receivable()), DUE)
    decision = reverse_receipt(whole, made(), whole.receipts[0].id, "của đơn vị khác", "clerk-2", NOW)
    (event,) = decision.events
    assert isinstance(event, PaymentReversed)
    assert (event.paid_vnd, event.reason, event.refunded) == (0, "của đơn vị khác", False)
    assert (len(decision.state.receipts), decision.state.paid) == (1, 0)
    assert balance(decision.state).status is PaymentStatus.REPORTED
    assert decision.state.claimed_since == NOW, "the desk looks again"
    with pytest.raises(RenewalError, match="receipt-reversed"):
        reverse_receipt(decision.state, made(), whole.receipts[0].id, "lần nữa", "clerk-2", NOW)
    with pytest.raises(RenewalError, match="receipt-unknown"):
        reverse_receipt(whole, made(), fresh(), "không có", "clerk-2", NOW)


def test_closed_registration_asks_for_nothing_whatever_came() -> None:
    """Guards against: an office that cancelled reads that its payment is overdue."""
    long_after = PROMISED.payment_day + timedelta(days=9)
    assert balance(receivable(), closed(), long_after).status is PaymentStatus.CLOSED
    part = paid(receivable(), DUE - 1)
    stands = balance(part, closed(), long_after)
    assert (stands.status, stands.open_amount, stands.over) == (PaymentStatus.HELD, 0, DUE - 1)
    given_back = reverse_receipt(
        part, closed(), part.receipts[0].id, "đã hủy đăng ký", "clerk-1", NOW, refunded=True
    ).state
    assert balance(given_back, closed(), long_after).status is PaymentStatus.REFUNDED
    with pytest.raises(RenewalError, match="nothing-to-pay"):
        claim_payment(receivable(), closed(), TODAY, "", "office", NOW)
    with pytest.raises(RenewalError, match="paid-already"):
        claim_payment(paid(receivable(), DUE), made(), TODAY, "", "office", NOW)


def test_receipts_are_bounded() -> None:
    state = receivable()
    for n in range(100):
        state = paid(state, 1, f"FT{n}")
    with pytest.raises(RenewalError, match="receipts-full"):
        paid(state, 1, "FT100")
    for n in range(50):
        state = claimed(state, f"lần {n}")
    with pytest.raises(RenewalError, match="claims-full"):
        claimed(state, "lần 50")


def test_what_an_older_release_registered_asks_for_nothing() -> None:
    """Guards against: after an upgrade all contracts of before are overdue, and their offices pay twice."""
    old = made().model_copy(update={"payment_followed": False})
    long_after = PROMISED.payment_day + timedelta(days=99)
    assert balance(receivable(), old, long_after).status is PaymentStatus.CLOSED
    with pytest.raises(RenewalError, match="nothing-to-pay"):
        claim_payment(receivable(), old, TODAY, "", "office", NOW)
    recorded = record_receipt(receivable(), old, DUE, TODAY, "FT1", "clerk-1", NOW).state
    assert balance(recorded, old).status is PaymentStatus.PAID


def test_claim_is_not_refused_once_all_is_here() -> None:
    whole = paid(claimed(receivable()), DUE)
    with pytest.raises(RenewalError, match="nothing-claimed"):
        refuse_claim(whole, made(), "không thấy", NOW)


def test_refunded_money_may_be_owed_again() -> None:
    whole = paid(receivable(), DUE)
    back = reverse_receipt(
        whole, made(), whole.receipts[0].id, "trả nhầm tài khoản", "clerk-1", NOW, refunded=True
    ).state
    assert balance(back).status is PaymentStatus.UNPAID
    assert balance(claimed(back)).status is PaymentStatus.REPORTED


@given(st.lists(st.tuples(st.integers(1, 2 * DUE), st.booleans(), st.booleans()), max_size=8))
def test_paid_is_the_sum_of_what_counts(steps: list[tuple[int, bool, bool]]) -> None:
    state, counts, says = receivable(), 0, False
    for n, (amount, gone, claims) in enumerate(steps):
        if claims and counts < DUE:
            state, says = claim_payment(state, made(), TODAY, f"{n}", "office", NOW).state, True  # type: ignore[union-attr]
        state = paid(state, amount, f"FT{n}")
        if gone:
            state = reverse_receipt(state, made(), state.receipts[-1].id, "nhầm", "clerk-1", NOW).state
        else:
            counts += amount
    stands = balance(state)
    assert (stands.paid, stands.open_amount, stands.over) == (
        counts,
        max(DUE - counts, 0),
        max(counts - DUE, 0),
    )
    assert len({receipt.id for receipt in state.receipts}) == len(steps)
    assert (state.claimed_since is not None) is (says and counts < DUE)
    unpaid = PaymentStatus.REPORTED if says else PaymentStatus.UNPAID
    part = PaymentStatus.PART_PAID if counts else unpaid
    assert stands.status is (PaymentStatus.PAID if counts >= DUE else part)


def test_slip_comes_with_its_claim_and_a_later_one_removes_none() -> None:
    first, second = document("slip 1"), document("slip 2")
    decision = claim_with_slip(receivable(), made(), TODAY, "GH", first, "office", NOW)
    assert decision
    assert [type(event) for event in decision.events] == [PaymentClaimed]
    again = claim_with_slip(decision.state, made(), TODAY, "GH", first, "office", NOW)
    assert again is None, "the same once more"
    more = claim_with_slip(decision.state, made(), TODAY, "GH", second, "office", NOW + timedelta(hours=1))
    assert more
    assert (more.events, more.state.claim) == ((), decision.state.claim), "the claim is as it was"
    assert [slip.document for slip in more.state.slips] == [first, second]
    assert more.state.paid == 0
    later = claim_payment(more.state, made(), TODAY - timedelta(days=1), "", "office", NOW)
    assert later
    assert later.state.slips == more.state.slips, "another claim keeps them"


def test_slip_needs_a_claim_that_waits_for_its_money() -> None:
    slip = document("slip")
    refusals = {
        "nothing-claimed": (receivable(), made()),
        "nothing-to-pay": (claimed(receivable()), closed()),
        "paid-already": (paid(claimed(receivable()), DUE), made()),
    }
    for name, (state, renewal) in refusals.items():
        with pytest.raises(RenewalError) as refused:
            attach_slip(state, renewal, slip, "office", NOW)
        assert refused.value.name == name
    full = claimed(receivable())
    for n in range(20):
        decision = attach_slip(full, made(), document(f"slip {n}"), "office", NOW)
        assert decision
        full = decision.state
    with pytest.raises(RenewalError, match="slips-full"):
        attach_slip(full, made(), slip, "office", NOW)


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12))
def test_every_slip_is_kept_in_the_order_in_which_it_came(names: list[str]) -> None:
    state, expected = claimed(receivable()), list[str]()
    for name in names:
        if decision := attach_slip(state, made(), document(name), "office", NOW):
            state = decision.state
            expected.append(name)
    came = [name for n, name in enumerate(names) if n == 0 or name != names[n - 1]]
    assert expected == came
    assert [slip.document for slip in state.slips] == [document(name) for name in came]


def test_money_that_is_not_due_waits_for_the_desk_since_it_was_first_seen() -> None:
    """Guards against: money of a closed registration, or too much, that nobody is told of."""
    later = NOW + timedelta(days=1)
    part = paid(receivable(), DUE - 1)
    assert part.may_close
    open_ = settled(part, made(), NOW)
    assert (open_.over_since, open_.may_close, open_.unsettled_since) == (None, True, None)
    held = settled(open_, closed(), NOW)
    assert (held.over_since, held.may_close) == (NOW, False)
    assert settled(held, closed(), later).over_since == NOW
    reversal = reverse_receipt(held, closed(), held.receipts[0].id, "hoàn", "clerk-1", NOW, refunded=True)
    assert settled(reversal.state, closed(), later).over_since is None
    assert settled(paid(part, 2, "FT2"), made(), later).over_since == later
    in_force = made().with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)
    assert not settled(part, in_force, later).may_close


def test_part_of_a_refused_claim_is_overdue_after_its_day() -> None:
    part, day = paid(receivable(), DUE - 1), PROMISED.payment_day
    assert not balance(part, made(), day).is_overdue
    late = balance(part, made(), day + timedelta(days=1))
    assert (late.status, late.is_overdue) == (PaymentStatus.PART_PAID, True)
    assert not balance(paid(part, 1, "FT2"), made(), day + timedelta(days=1)).is_overdue
