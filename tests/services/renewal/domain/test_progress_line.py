"""The progress line: one point is now, what is done stands by its day, and every status has a line."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain import money
from services.renewal.domain.flow import OPEN, VALID, RegistrationStatus
from services.renewal.domain.invoice.issued_invoice import IssuedInvoice
from services.renewal.domain.invoice.request_steps import cancel_request, request_by_rule
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.paper.paper_return import CopyRefusal, PaperReturn
from services.renewal.domain.payment.receivable import Receivable, claim_payment, record_receipt
from services.renewal.domain.progress import RenewalProgress
from services.renewal.domain.registration import form
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import Kind, PostedForm, Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import SendBy, Stage
from shared.events.paper_form import ReturnReason
from shared.ids import fresh
from shared.progress.line import ProgressLine, progress_line
from shared.progress.next_step import NextStep, next_step
from shared.progress.point import Milestone, PointDetail, PointState
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, licence, registration
from tests.services.renewal.messages import document, posted_form

S, D = RegistrationStatus, PointDetail
AWAITING_FORM = (S.AWAITING_SIGNATURE, S.AWAITING_PAPER, S.PAPER_RETURNED)


def days(n: int) -> timedelta:
    return timedelta(days=n)


def renewal(status: RegistrationStatus, send_by: SendBy = SendBy.ELECTRONIC, **change: Any) -> Renewal:
    """Registered today; it has the status since three days later."""
    made = form.register(registration(send_by=send_by), document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_status(status, NOW + days(3), **change)


def facts(made: Renewal, **change: Any) -> RenewalProgress:
    declared = RequestedInvoice.of(made.registration, money.in_words(made.registration.order.total))
    requested = request_by_rule(declared, made, NOW) if made.status is S.CONTRACT_ISSUED else None
    known = RenewalProgress(
        renewal=made,
        receivable=Receivable.of(made.registration),
        invoice=requested.state if requested else declared,
        licence=licence(contracts=(RENEWAL,)),
        form_by=None,
        today=TODAY + days(4),
    )
    return replace(known, **change)


def line_of(known: RenewalProgress) -> ProgressLine:
    return progress_line(known.facts)


def step_of(known: RenewalProgress, line: ProgressLine) -> NextStep:
    return next_step(known.facts, line)


def paid(made: Renewal, *received: tuple[int, date]) -> Receivable:
    state = Receivable.of(made.registration)
    for n, (amount, day) in enumerate(received):
        state = record_receipt(state, made, amount, day, f"FT{n}", "clerk-1", NOW).state
    return state


def issued(made: Renewal, dated: date) -> RequestedInvoice:
    entry = {"symbol": "1C26TAA", "number": "1", "dated": dated, "total": made.registration.order.total}
    recorded = {"id": fresh(), "recorded_by": "einvoice-1", "recorded_at": NOW}
    return facts(made).invoice.with_changes(issued=(IssuedInvoice.model_validate(entry | recorded),))


def details(line: ProgressLine) -> list[str]:
    return [f"{point.state}:{point.detail}" for point in line.points]


def test_a_form_to_sign_is_now_and_all_else_is_next() -> None:
    line = line_of(facts(renewal(S.AWAITING_SIGNATURE), form_by=TODAY + days(9)))
    assert details(line) == [
        "done:declared",
        "now:form_to_sign",
        "next:contract_awaited",
        "next:access_awaited",
        "next:payment_awaited",
        "next:invoice_awaited",
    ]
    assert line.now is not None
    assert (line.now.waits_for, line.now.until) == ("office", TODAY + days(9))


@pytest.mark.parametrize(
    ("status", "detail", "waits_for", "step"),
    [
        (S.AWAITING_SIGNATURE, D.FORM_TO_SIGN, "office", NextStep.SIGN_FORM),
        (S.AWAITING_PAPER, D.FORM_TO_SEND, "office", NextStep.SEND_FORM),
        (S.PAPER_RETURNED, D.FORM_RETURNED, "office", NextStep.SEND_FORM),
        (S.PAPER_RECEIVED, D.CONTRACT_CHECKED, "vendor", NextStep.FOLLOW),
        (S.AWAITING_CONFIRMATION, D.CONTRACT_CHECKED, "vendor", NextStep.FOLLOW),
        (S.ACCEPTED, D.CONTRACT_SEALED, "vendor", NextStep.FOLLOW),
        (S.AWAITING_ASSENT, D.CONTRACT_TO_SIGN, "office", NextStep.SIGN_CONTRACT),
        (S.ASSENT_RECEIVED, D.CONTRACT_RECEIVED, "vendor", NextStep.FOLLOW),
        (S.CONTRACT_ISSUED, D.INVOICE_AWAITED, "vendor", NextStep.OPEN_CONTRACT),
    ],
)
def test_who_is_waited_for_and_what_the_office_can_do(
    status: RegistrationStatus, detail: PointDetail, waits_for: str, step: NextStep
) -> None:
    made = renewal(status)
    line = line_of(facts(made))
    assert line.now is not None
    assert (line.now.detail, line.now.waits_for) == (detail, waits_for)
    assert step_of(facts(made), line) is step


def test_after_the_contract_the_earliest_day_is_now() -> None:
    made = renewal(S.CONTRACT_ISSUED)
    invoiced = facts(made, invoice=issued(made, TODAY + days(5)))
    line = line_of(invoiced)
    assert line.now is not None
    assert line.now.detail is D.PAYMENT_AWAITED
    assert step_of(facts(made), line) is NextStep.PAY
    whole = paid(made, (1_000, TODAY - days(20)), (made.registration.order.total, TODAY + days(6)))
    finished = line_of(replace(invoiced, receivable=whole))
    assert finished.now is None
    assert details(finished)[-2:] == ["done:invoice_issued", "done:paid"]
    assert step_of(facts(made), finished) is NextStep.OPEN_CONTRACT


def test_the_payment_comes_before_the_invoice_while_full_use_waits_for_it() -> None:
    """Guards against: the progress line awaits the invoice, and the lock screen the payment."""
    made = renewal(S.CONTRACT_ISSUED)
    known = licence(contracts=(), unpaid=(RENEWAL,), pay_by=TODAY + days(40))
    line = line_of(facts(made, licence=known))
    assert line.now is not None
    assert line.now.milestone is Milestone.PAYMENT
    at_contract = line_of(facts(made))
    assert at_contract.now is not None
    assert at_contract.now.milestone is Milestone.INVOICE


def test_paid_before_registering_stands_first() -> None:
    made = renewal(S.AWAITING_PAPER, SendBy.PAPER)
    line = line_of(facts(made, receivable=paid(made, (made.registration.order.total, TODAY - days(2)))))
    assert details(line)[:2] == ["done:paid", "done:declared"]


def test_late_payment_is_asked_for_while_the_vendor_works() -> None:
    made = renewal(S.ACCEPTED)
    line = line_of(facts(made, today=TODAY + days(200)))
    assert line.now is not None
    assert line.now.waits_for == "vendor"
    assert line.now.late
    assert step_of(facts(made), line) is NextStep.PAY


def test_a_term_that_is_not_recorded_yet_comes_before_the_payment() -> None:
    made = renewal(S.CONTRACT_ISSUED)
    cases: list[tuple[dict[str, Any], PointDetail]] = [
        ({"contracts": ()}, D.ACCESS_RECORDED),
        ({"contracts": (), "disputed": (RENEWAL,)}, D.ACCESS_CHECKED),
    ]
    for known, detail in cases:
        line = line_of(facts(made, licence=licence(**known)))
        assert line.now is not None
        assert line.now.detail is detail


def test_temporary_access_is_told_with_its_last_day() -> None:
    until = TODAY + days(12)
    known = licence(stage=Stage.EXPIRING, temporary_until=until)
    point = line_of(facts(renewal(S.PAPER_RECEIVED), licence=known)).find(Milestone.ACCESS)
    assert point is not None
    assert (point.detail, point.until, point.late) == (D.ACCESS_TEMPORARY, until, False)
    assert (point.state, point.waits_for) == (PointState.RUNNING, None)


def test_ended_registration_waits_for_nobody() -> None:
    cancelled = renewal(S.CANCELLED)
    line = line_of(facts(cancelled))
    assert details(line) == ["done:declared", "stopped:cancelled"]
    assert step_of(facts(cancelled), line) is NextStep.REGISTER_AGAIN
    assert step_of(facts(cancelled, overtaken=True), line) is NextStep.FOLLOW
    replaced = cancelled.with_changes(replaced_by=fresh())
    assert step_of(facts(replaced, overtaken=True), line) is NextStep.SEE_REPLACEMENT


@pytest.mark.parametrize("status", [S.AWAITING_PAPER, S.PAPER_RETURNED])
def test_after_the_picture_only_the_original_is_to_be_posted(status: RegistrationStatus) -> None:
    back = PaperReturn(reason=ReturnReason.UNSTAMPED, note="", returned_at=NOW + days(3))
    made = renewal(status, SendBy.PAPER, returned=back if status is S.PAPER_RETURNED else None)
    shown = made.with_document("paper_copy", document("photo"), NOW + days(4))
    line = line_of(facts(shown))
    assert line.now is not None
    assert (line.now.detail, line.now.waits_for, line.now.until) == (
        D.FORM_TO_POST,
        "office",
        expected_by(shown),
    )
    assert step_of(facts(shown), line) is NextStep.FOLLOW
    refused = shown.with_changes(copy_refused=CopyRefusal(reason="mờ", refused_at=NOW + days(5)))
    assert step_of(facts(refused), line_of(facts(refused))) is NextStep.SEND_FORM


def test_a_picture_of_a_form_that_was_sent_back_is_none_of_the_next() -> None:
    back = PaperReturn(reason=ReturnReason.UNSTAMPED, note="", returned_at=NOW + days(3))
    made = renewal(S.PAPER_RETURNED, SendBy.PAPER, returned=back)
    shown = made.with_document("paper_copy", document("photo"), NOW + days(1))
    line = line_of(facts(shown))
    assert line.now is not None
    assert line.now.detail is D.FORM_RETURNED


def test_who_says_that_the_rest_is_paid_is_not_asked_for_it() -> None:
    made = renewal(S.CONTRACT_ISSUED)
    part = paid(made, (1_000, TODAY))
    claimed = claim_payment(part, made, TODAY, "", "office", NOW)
    assert claimed
    for receivable, detail, waits_for in [
        (part, D.PAYMENT_PART, "office"),
        (claimed.state, D.PAYMENT_REPORTED, "vendor"),
    ]:
        point = line_of(facts(made, receivable=receivable)).find(Milestone.PAYMENT)
        assert point is not None
        assert (point.detail, point.waits_for) == (detail, waits_for)


def test_who_paid_the_registration_that_was_replaced_is_not_asked_again() -> None:
    """Nobody claims it: the money came by a bank line."""
    made = renewal(S.CONTRACT_ISSUED)
    receivable = paid(made)
    here = receivable.model_copy(update={"here": receivable.amount, "earlier": (fresh(),)})
    point = line_of(facts(made, receivable=here)).find(Milestone.PAYMENT)
    assert point is not None
    assert (point.detail, point.waits_for, point.until) == (D.PAYMENT_HERE, "vendor", None)
    part = here.model_copy(update={"here": receivable.amount - 1})
    asked = line_of(facts(made, receivable=part)).find(Milestone.PAYMENT)
    assert asked is not None
    assert (asked.detail, asked.waits_for) == (D.PAYMENT_AWAITED, "office")


def test_a_cancelled_invoice_is_no_point() -> None:
    made = renewal(S.CONTRACT_ISSUED)
    cancelled = cancel_request(facts(made).invoice, made, "không cần nữa", NOW).state
    assert line_of(facts(made, invoice=cancelled)).find(Milestone.INVOICE) is None


moments = st.integers(-400, 400).map(lambda n: NOW + days(n))
dates = st.integers(-400, 400).map(lambda n: TODAY + days(n))


def _posted(day: date) -> PostedForm:
    return posted_form().model_copy(update={"received_on": day})


@st.composite
def known_facts(draw: st.DrawFn) -> RenewalProgress:
    """Facts in any combination, also such as no flow makes."""
    change: dict[str, Any] = {
        "since": draw(st.none() | moments),
        "form_signed_at": draw(st.none() | moments),
        "posted": draw(
            st.none() | dates.map(lambda day: posted_form().model_copy(update={"received_on": day}))
        ),
        "sign_by": draw(st.none() | dates),
        "payment_followed": draw(st.booleans()),
        "commitment": None,
        "replaced_by": draw(st.none() | st.just(fresh())),
    }
    send_by, status = draw(st.sampled_from(SendBy)), draw(st.sampled_from(S))
    made = renewal(status, send_by).with_changes(**change)
    kinds: tuple[Kind, ...] = ("signed_form", "paper_copy", "sealed_contract")
    for kind in draw(st.sets(st.sampled_from(kinds))):
        made = made.with_document(kind, document(kind), draw(moments))
    total = made.registration.order.total
    receipts = draw(st.lists(st.tuples(st.integers(1, total), dates), max_size=3))
    invoice = facts(made).invoice
    if draw(st.booleans()):
        invoice = issued(made, draw(dates))
    return facts(
        made,
        receivable=paid(made, *receipts),
        invoice=invoice,
        licence=draw(
            st.none()
            | st.builds(
                lambda contracts, disputed, until: licence(
                    contracts=contracts, disputed=disputed, temporary_until=until
                ),
                st.sampled_from((None, (), (RENEWAL,))),
                st.sampled_from(((), (RENEWAL,))),
                st.none() | dates,
            )
        ),
        form_by=draw(st.none() | dates),
        today=draw(dates),
    )


@given(known_facts())
def test_every_line_has_its_days_in_order_and_at_most_one_now(known: RenewalProgress) -> None:
    line, status = line_of(known), known.renewal.status
    states = [point.state for point in line.points]
    assert states.count(PointState.NOW) == (1 if status in OPEN else line.now is not None)
    dated = [point.on for point in line.points if point.on]
    assert dated == sorted(dated)
    assert states == sorted(states, key=_rank)
    for point in line.points:
        is_over = point.state in (PointState.DONE, PointState.STOPPED)
        assert (point.on is not None) is is_over
        assert (point.waits_for is None) is (is_over or point.state is PointState.RUNNING)
        assert point.late is (point.until is not None and point.until < known.today)
    assert len({point.milestone for point in line.points}) == len(line.points)
    assert (PointState.STOPPED in states) is (status not in VALID)
    assert step_of(known, line)


def _rank(state: PointState) -> int:
    """What is done or stopped is first, then what the office has, then what is now, then what comes next."""
    return {PointState.RUNNING: 1, PointState.NOW: 2, PointState.NEXT: 3}.get(state, 0)


@given(known_facts(), st.integers(0, 100))
def test_what_is_done_stays_done_as_days_pass(known: RenewalProgress, n: int) -> None:
    done = [point for point in line_of(known).points if point.on]
    later = line_of(replace(known, today=known.today + days(n)))
    assert [point for point in later.points if point.on] == done


@pytest.mark.parametrize("status", [status for status in S if status not in AWAITING_FORM])
def test_a_form_that_is_here_has_its_day(status: RegistrationStatus) -> None:
    at: datetime = NOW + days(1)
    line = line_of(facts(renewal(status, form_signed_at=at)))
    point = line.find(Milestone.FORM)
    assert point is not None
    assert (point.detail, point.on) == (D.FORM_SIGNED, at.date())
