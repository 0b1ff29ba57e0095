"""What a refund asks of an invoice that was issued: the e-invoice system must adjust or replace it.

The refund is noted on the receivable. The invoice follows it: the desk is reminded, the clerk who noted the
refund owns it, and the office sees until when its invoice is corrected.
"""

from datetime import date, datetime

from services.renewal.domain.invoice.requested_invoice import InvoiceRefund, RequestedInvoice
from services.renewal.domain.invoice.warnings import needs_look
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.working_days import working_day_after
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

CORRECTED_IN = 5
"""Working days in which an invoice is corrected after its money was given back."""


def follow_refunds(
    state: RequestedInvoice, renewal: Renewal, receivable: Receivable, now: datetime
) -> Decision[RequestedInvoice] | None:
    """Records the refunds that the invoice doesn't know yet, and what is paid now. An issued one is to be
    corrected where less than it says is left, until the office pays again. None where there is nothing
    new."""
    known = {refund.receipt_id for refund in state.refunds}
    new = tuple(
        InvoiceRefund(
            receipt_id=receipt.id,
            amount=receipt.amount,
            left=receivable.paid,
            by=receipt.reversal.by,
            at=receipt.reversal.at,
        )
        for receipt in receivable.receipts
        if receipt.reversal and receipt.reversal.refunded and receipt.id not in known
    )
    refunds = (*state.refunds, *new)
    if not refunds:
        return None
    after = state.with_changes(refunds=refunds, paid=receivable.paid)
    after = follow_duty(after, renewal, now)
    return Decision(after) if after != state else None


def follow_duty(state: RequestedInvoice, renewal: Renewal, now: datetime) -> RequestedInvoice:
    """With the last day to correct the invoice, where a refund asks for it; a later refund moves no day that
    is told. Without it, where none does: then the desk looks only at what is odd besides."""
    if state.to_refund:
        by = state.correct_by or _last_day(renewal, now)
        return state.with_changes(correct_by=by, look_since=state.look_since or now)
    if state.correct_by is None:
        return state
    looks = state.look_since if needs_look(state, renewal) else None
    return state.with_changes(correct_by=None, look_since=looks)


def _last_day(renewal: Renewal, now: datetime) -> date:
    return working_day_after(civil_date(now, renewal.registration.zone), CORRECTED_IN)
