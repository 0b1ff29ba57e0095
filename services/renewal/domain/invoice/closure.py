"""What becomes of an invoice when its registration is closed: the request is cancelled, and an issued one is
for the desk to look at."""

from datetime import datetime

from services.renewal.domain.flow import OPEN
from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.request_steps import cancel_request
from services.renewal.domain.invoice.requested_invoice import InvoiceLook, RequestedInvoice, is_invoiced
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.storage.aggregate import Decision


def follow_registration(
    state: RequestedInvoice, renewal: Renewal, reason: str, now: datetime
) -> Decision[RequestedInvoice] | None:
    """`reason`: what the office and the e-invoice system read about a cancelled request. None where nothing
    is to be done, or not yet."""
    closed = not is_invoiced(renewal)
    if state.status is InvoiceStatus.REQUESTED:
        return cancel_request(state, renewal, reason, now) if closed else None
    if not state.before_contract or renewal.status in OPEN:
        return None
    return Decision(state.with_changes(before_contract=False, look_since=now if closed else state.look_since))


def follow_void_contract(
    state: RequestedInvoice | None, renewal: Renewal, now: datetime
) -> Decision[RequestedInvoice] | None:
    """The contract in force is void: an issued invoice stays, and is for the desk to have adjusted. None
    where none was issued, or the desk looks at it already. A request that waits is cancelled by
    `follow_registration`."""
    if state is None or is_invoiced(renewal) or not state.issued or state.look_since:
        return None
    return Decision(state.with_changes(look_since=now))


def clear_look(state: RequestedInvoice, reason: str, now: datetime) -> Decision[RequestedInvoice]:
    """A clerk looked at the issued invoice, and nothing is left to do. Raises RenewalError where none is to
    be looked at."""
    if state.look_since is None:
        raise RenewalError("invoice-looked-at")
    return Decision(
        state.with_changes(
            look_since=None,
            correct_by=None,
            refunds_looked_at=len(state.refunds),
            looked=InvoiceLook(at=now, reason=reason),
        )
    )
