"""The facts of a registration's progress, as renewal knows them. `shared.progress` computes the line and the
next step from them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, is_shown
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.domain.payment.commitment import SEEN_AFTER
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.wait import wait_until
from services.renewal.domain.working_days import working_day_after
from shared.events.base import SendBy
from shared.progress.facts import InvoiceFacts, PaymentFacts, ProgressFacts
from shared.situation import Turn
from shared.time.calendar import civil_date

S = RegistrationStatus
_POSTING = (S.AWAITING_PAPER, S.PAPER_RETURNED)
_ENDED: dict[RegistrationStatus, Literal["refused", "cancelled"]] = {
    S.REFUSED: "refused",
    S.CANCELLED: "cancelled",
}
_TURNS = {
    S.AWAITING_SIGNATURE: Turn.SIGN,
    S.AWAITING_PAPER: Turn.SEND_PAPER,
    S.PAPER_RETURNED: Turn.SEND_PAPER,
    S.AWAITING_ASSENT: Turn.ASSENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalProgress:
    """What renewal knows. `licence`: None where the copy is missing. `form_by` is the last day on which the
    office should sign or show its form, None where no day is set. `overtaken`: a later registration of the
    same product is open or has a contract."""

    renewal: Renewal
    receivable: Receivable
    invoice: RequestedInvoice
    licence: LicenceCopy | None
    form_by: date | None
    today: date
    overtaken: bool = False

    @property
    def facts(self) -> ProgressFacts:
        renewal, licence = self.renewal, self.licence
        made, status = renewal.registration, renewal.status
        known = licence.contracts if licence else None
        return ProgressFacts(
            today=self.today,
            declared_on=made.registered_on,
            turn=_turn(renewal),
            form_by=self.form_by,
            post_by=expected_by(renewal),
            form_on=_form_day(renewal),
            on_paper=_is_on_paper(renewal),
            form_shown=_is_shown(renewal),
            form_returned=status is S.PAPER_RETURNED,
            accepted=status in (S.ACCEPTED, S.ASSENT_RECEIVED, S.AWAITING_ASSENT),
            answer_by=wait_until(renewal),
            sign_by=renewal.sign_by,
            contract_here=status is S.ASSENT_RECEIVED,
            contract_on=_issued_on(renewal) if status is S.CONTRACT_ISSUED else None,
            recorded=known is None or made.renewal_id in known,
            disputed=licence is not None and made.renewal_id in licence.disputed,
            unpaid=licence is not None and made.renewal_id in licence.unpaid,
            temporary_until=licence.temporary_on(self.today) if licence else None,
            payment=_payment(self.receivable, renewal, self.today),
            invoice=_invoice(self.invoice, renewal),
            closed=_closed(renewal),
            closed_on=_since(renewal),
            replaced=renewal.replaced_by is not None,
            overtaken=self.overtaken,
        )


def _closed(renewal: Renewal) -> Literal["refused", "cancelled", "contract_void"] | None:
    """How a closed registration ended."""
    return "contract_void" if renewal.voided_in_force else _ENDED.get(renewal.status)


def _turn(renewal: Renewal) -> Turn:
    if renewal.status in OPEN and renewal.turn is Turn.CONFIRM:
        return Turn.CONFIRM
    return _TURNS.get(renewal.status, Turn.VENDOR)


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


def _form_day(renewal: Renewal) -> date | None:
    """The day on which the form came. None while it is awaited, and where it never came."""
    if renewal.status in OPEN and _turn(renewal) not in (Turn.VENDOR, Turn.ASSENT):
        return None
    on_paper, zone = _is_on_paper(renewal), renewal.registration.zone
    if on_paper and renewal.posted:
        return renewal.posted.received_on
    if not on_paper and renewal.form_signed_at:
        return civil_date(renewal.form_signed_at, zone)
    if form := renewal.basis_form:
        return civil_date(form.filed_at, zone)
    return None if renewal.status in _ENDED else _since(renewal)


def _payment(receivable: Receivable, renewal: Renewal, today: date) -> PaymentFacts | None:
    """None where nothing is to be paid."""
    balance = PaymentBalance.of(receivable, renewal, today)
    match balance.status:
        case PaymentStatus.CLOSED | PaymentStatus.HELD | PaymentStatus.REFUNDED:
            return None
        case PaymentStatus.PAID:
            return PaymentFacts(paid_on=_paid_on(receivable, balance.amount))
    claim = receivable.claim if receivable.open_claim else None
    said_on = civil_date(claim.claimed_at, renewal.registration.zone) if claim else None
    return PaymentFacts(
        due_on=balance.due_on,
        is_here=not balance.asked,
        is_reported=claim is not None,
        seen_by=working_day_after(said_on, SEEN_AFTER) if said_on else None,
        in_part=balance.status is PaymentStatus.PART_PAID,
    )


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


def _invoice(invoice: RequestedInvoice, renewal: Renewal) -> InvoiceFacts | None:
    if not is_shown(invoice, renewal) or invoice.status is InvoiceStatus.CANCELLED:
        return None
    issued_on = invoice.issued[-1].dated if invoice.issued else None
    return InvoiceFacts(wanted_on=invoice.wanted_on, issued_on=issued_on)


def _issued_on(renewal: Renewal) -> date:
    """The day on which the contract was sealed."""
    sealed = [paper.filed_at for paper in renewal.dossier if paper.kind == "sealed_contract"]
    return civil_date(sealed[-1], renewal.registration.zone) if sealed else _since(renewal)


def _since(renewal: Renewal) -> date:
    return civil_date(renewal.waits_since, renewal.registration.zone)
