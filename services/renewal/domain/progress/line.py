"""The progress of one registration as a line: what is done, with its day; the one point at which it is now;
and what comes next.

Pages, the history and REST show this line. It is computed from the facts each time and never stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.renewal.domain.flow import OPEN, REGISTRATION_FLOW, RegistrationStatus
from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, is_shown
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.domain.payment.commitment import SEEN_AFTER
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.progress.point import Milestone, PointDetail, PointState, ProgressPoint
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.working_days import working_day_after
from shared.events.base import SendBy
from shared.situation import Turn
from shared.time.calendar import civil_date

S, D = RegistrationStatus, PointDetail
_POSTING = (S.AWAITING_PAPER, S.PAPER_RETURNED)
_AWAITING_FORM = (S.AWAITING_SIGNATURE, *_POSTING)
_ENDED = (S.REFUSED, S.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressFacts:
    """What the line is computed from. `licence`: None where the copy is missing. `form_by` is the last day on
    which the office should sign or show its form, None where no day is set. `overtaken`: a later registration
    of the same product is open or has a contract."""

    renewal: Renewal
    receivable: Receivable
    invoice: RequestedInvoice
    licence: LicenceCopy | None
    form_by: date | None
    today: date
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """`points`: first those that are done, by their day; then what the office has for the present; then the
    one that is now; then those that come next. An ended registration has only the first."""

    points: tuple[ProgressPoint, ...]

    @property
    def now(self) -> ProgressPoint | None:
        return next((point for point in self.points if point.state is PointState.NOW), None)

    def find(self, milestone: Milestone) -> ProgressPoint | None:
        return next((point for point in self.points if point.milestone is milestone), None)


def progress_line(facts: ProgressFacts) -> ProgressLine:
    points = list(_points(facts))
    dated = [point for point in points if point.on is not None]
    running = [point for point in points if point.state is PointState.RUNNING]
    awaited = [point for point in points if point.state is PointState.NEXT]
    if facts.renewal.status in _ENDED:
        awaited = []
    order = list(Milestone)
    dated.sort(key=lambda point: (point.on, order.index(point.milestone)))
    if facts.renewal.status is S.CONTRACT_ISSUED and awaited:
        first = min(awaited, key=_urgency)
        awaited = [first, *(point for point in awaited if point is not first)]
    if awaited:
        awaited[0] = replace(awaited[0], state=PointState.NOW)
    return ProgressLine((*dated, *running, *awaited))


def _urgency(point: ProgressPoint) -> tuple[bool, date]:
    """The term must be recorded before anything else; then the earliest last day counts."""
    return point.milestone is not Milestone.ACCESS, point.until or date.max


def _points(facts: ProgressFacts) -> Iterator[ProgressPoint]:
    """In the order of the milestones. Those that aren't done yet come as NEXT."""
    renewal = facts.renewal
    yield _done(Milestone.DECLARED, D.DECLARED, renewal.registration.registered_on)
    if form := _form(facts):
        yield form
    if contract := _contract(facts):
        yield contract
        yield _access(facts)
    if payment := _payment(facts):
        yield payment
    if invoice := _invoice(facts):
        yield invoice
    if renewal.status in _ENDED:
        detail = D.REFUSED if renewal.status is S.REFUSED else D.CANCELLED
        yield ProgressPoint(Milestone.CLOSED, PointState.STOPPED, detail, on=_since(renewal))


def _form(facts: ProgressFacts) -> ProgressPoint | None:
    """None for an ended registration whose form never came."""
    renewal = facts.renewal
    if renewal.status in OPEN and renewal.turn is Turn.CONFIRM:
        return _awaited(facts, Milestone.FORM, D.TERM_TO_CONFIRM, "office", facts.form_by)
    if _is_shown(renewal):
        return _awaited(facts, Milestone.FORM, D.FORM_TO_POST, "office", expected_by(renewal))
    if renewal.status in _AWAITING_FORM:
        details = {S.AWAITING_SIGNATURE: D.FORM_TO_SIGN, S.PAPER_RETURNED: D.FORM_RETURNED}
        detail = details.get(renewal.status, D.FORM_TO_SEND)
        return _awaited(facts, Milestone.FORM, detail, "office", facts.form_by)
    on_paper = _is_on_paper(renewal)
    day = _form_day(renewal, on_paper=on_paper)
    if day is None and renewal.status in _ENDED:
        return None
    return _done(Milestone.FORM, D.FORM_RECEIVED if on_paper else D.FORM_SIGNED, day or _since(renewal))


def _is_shown(renewal: Renewal) -> bool:
    """Whether the picture of the stamped form is here, so that only the original is still to be posted."""
    if renewal.status not in _POSTING or renewal.copy_to_check is None:
        return False
    shown_at = max(paper.filed_at for paper in renewal.dossier if paper.kind == "paper_copy")
    return renewal.returned is None or shown_at > renewal.returned.returned_at


def _is_on_paper(renewal: Renewal) -> bool:
    if form := renewal.basis_form:
        return renewal.is_stamped(form)
    return renewal.registration.send_by is SendBy.PAPER


def _form_day(renewal: Renewal, *, on_paper: bool) -> date | None:
    """The day on which the form came, None if it never did."""
    if on_paper and renewal.posted:
        return renewal.posted.received_on
    if not on_paper and renewal.form_signed_at:
        return civil_date(renewal.form_signed_at, renewal.registration.zone)
    form = renewal.basis_form
    return civil_date(form.filed_at, renewal.registration.zone) if form else None


def _contract(facts: ProgressFacts) -> ProgressPoint | None:
    renewal = facts.renewal
    match renewal.status:
        case S.CONTRACT_ISSUED:
            return _done(Milestone.CONTRACT, D.CONTRACT_ISSUED, _issued_on(renewal))
        case S.REFUSED | S.CANCELLED:
            return None
        case S.AWAITING_ASSENT:
            return _awaited(facts, Milestone.CONTRACT, D.CONTRACT_TO_SIGN, "office", renewal.sign_by)
        case S.ACCEPTED | S.ASSENT_RECEIVED | S.PAPER_RECEIVED | S.AWAITING_CONFIRMATION:
            details = {S.ACCEPTED: D.CONTRACT_SEALED, S.ASSENT_RECEIVED: D.CONTRACT_RECEIVED}
            detail = details.get(renewal.status, D.CONTRACT_CHECKED)
            days = REGISTRATION_FLOW.limits[renewal.status].working_days
            until = working_day_after(_since(renewal), days)
            return _awaited(facts, Milestone.CONTRACT, detail, "vendor", until)
    return _awaited(facts, Milestone.CONTRACT, D.CONTRACT_AWAITED, "vendor")


def _access(facts: ProgressFacts) -> ProgressPoint:
    """Access by the contract, from the day of the contract. Where its term is disputed, the desk looks at it
    while access goes on."""
    renewal, licence = facts.renewal, facts.licence
    id = renewal.registration.renewal_id
    if renewal.status is not S.CONTRACT_ISSUED:
        if licence and (until := licence.temporary_on(facts.today)):
            return ProgressPoint(Milestone.ACCESS, PointState.RUNNING, D.ACCESS_TEMPORARY, until=until)
        return _awaited(facts, Milestone.ACCESS, D.ACCESS_AWAITED, "vendor")
    if licence and id in licence.disputed:
        return _awaited(facts, Milestone.ACCESS, D.ACCESS_CHECKED, "vendor")
    if licence and licence.contracts is not None and id not in licence.contracts:
        return _awaited(facts, Milestone.ACCESS, D.ACCESS_RECORDED, "vendor")
    return _done(Milestone.ACCESS, D.ACCESS_GIVEN, _issued_on(renewal))


def _payment(facts: ProgressFacts) -> ProgressPoint | None:
    """None where nothing is to be paid."""
    receivable = facts.receivable
    balance = PaymentBalance.of(receivable, facts.renewal, facts.today)
    match balance.status:
        case PaymentStatus.CLOSED | PaymentStatus.HELD | PaymentStatus.REFUNDED:
            return None
        case PaymentStatus.PAID:
            return _done(Milestone.PAYMENT, D.PAID, _paid_on(receivable, balance.amount))
        case PaymentStatus.REPORTED | PaymentStatus.PART_PAID if receivable.claim and receivable.open_claim:
            said_on = civil_date(receivable.claim.claimed_at, facts.renewal.registration.zone)
            seen_by = working_day_after(said_on, SEEN_AFTER)
            return _awaited(facts, Milestone.PAYMENT, D.PAYMENT_REPORTED, "vendor", seen_by)
    detail = D.PAYMENT_PART if balance.status is PaymentStatus.PART_PAID else D.PAYMENT_AWAITED
    return _awaited(facts, Milestone.PAYMENT, detail, "office", balance.due_on)


def _paid_on(receivable: Receivable, amount: int) -> date:
    """The day on which all of `amount` was here."""
    receipts = sorted(
        (each for each in receivable.receipts if each.counts), key=lambda each: each.received_on
    )
    paid = 0
    for receipt in receipts:
        paid += receipt.amount
        if paid >= amount:
            return receipt.received_on
    raise ValueError("not all is paid")


def _invoice(facts: ProgressFacts) -> ProgressPoint | None:
    invoice = facts.invoice
    if not is_shown(invoice, facts.renewal) or invoice.status is InvoiceStatus.CANCELLED:
        return None
    if invoice.issued:
        return _done(Milestone.INVOICE, D.INVOICE_ISSUED, invoice.issued[-1].dated)
    return _awaited(facts, Milestone.INVOICE, D.INVOICE_AWAITED, "vendor", invoice.wanted_on)


def _issued_on(renewal: Renewal) -> date:
    """The day on which the contract was sealed."""
    sealed = [paper.filed_at for paper in renewal.dossier if paper.kind == "sealed_contract"]
    return civil_date(sealed[-1], renewal.registration.zone) if sealed else _since(renewal)


def _since(renewal: Renewal) -> date:
    return civil_date(renewal.waits_since, renewal.registration.zone)


def _done(milestone: Milestone, detail: PointDetail, on: date) -> ProgressPoint:
    return ProgressPoint(milestone, PointState.DONE, detail, on=on)


def _awaited(
    facts: ProgressFacts,
    milestone: Milestone,
    detail: PointDetail,
    waits_for: Literal["office", "vendor"],
    until: date | None = None,
) -> ProgressPoint:
    late = until is not None and until < facts.today
    return ProgressPoint(milestone, PointState.NEXT, detail, waits_for=waits_for, until=until, late=late)
