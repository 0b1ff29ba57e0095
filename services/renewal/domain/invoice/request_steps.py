"""The steps of an invoice's request: by the rule, by the desk, changed, cancelled.

The form carries the request, so the rule sends it when the contract is in force.
"""

from datetime import datetime

from services.renewal.domain.invoice.invoice_flow import INVOICE_FLOW, InvoiceStatus, InvoiceStep
from services.renewal.domain.invoice.requested_invoice import (
    InvoiceDetails,
    RequestChange,
    RequestedInvoice,
    Side,
    is_invoiced,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.declaration import InvoiceRequest
from services.renewal.domain.registration.order import PricedLine
from services.renewal.domain.registration.registration import Registration, invoice_errors
from services.renewal.domain.renewal import Renewal, event_fields
from shared.events.invoice import (
    InvoiceLine,
    InvoiceRequestCancelled,
    InvoiceRequestChanged,
    InvoiceRequested,
)
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

_MOST_CHANGES = 100


def request_by_rule(
    state: RequestedInvoice, renewal: Renewal, now: datetime
) -> Decision[RequestedInvoice] | None:
    """The contract is in force: requests the invoice. None where it was requested, cancelled or issued
    before, or nothing is to be invoiced."""
    if state.status is not InvoiceStatus.DECLARED or not is_invoiced(renewal):
        return None
    return _request(state, renewal, now)


def request_by_desk(state: RequestedInvoice, renewal: Renewal, now: datetime) -> Decision[RequestedInvoice]:
    """Requests the invoice before the contract, or again after it was cancelled. Raises RenewalError."""
    _check_invoiced(renewal)
    if not INVOICE_FLOW.may(state.status, InvoiceStep.REQUEST):
        raise RenewalError("invoice-requested")
    return _request(state, renewal, now)


def _request(state: RequestedInvoice, renewal: Renewal, now: datetime) -> Decision[RequestedInvoice]:
    requested = state.with_changes(requested_at=now, cancelled=None, revision=state.revision + 1)
    event = InvoiceRequested(**event_fields(renewal.registration, now), **_request_fields(requested, renewal))
    return Decision(requested, (event,))


def change_request(
    state: RequestedInvoice,
    renewal: Renewal,
    details: InvoiceDetails,
    side: Side,
    reason: str,
    now: datetime,
) -> Decision[RequestedInvoice] | None:
    """The office or the desk changes the buyer or the wanted date. None where nothing differs. Raises
    RenewalError once the invoice is issued, for a wanted date that has passed or is far away, and for an
    office's change too many."""
    _check_invoiced(renewal)
    _check(state, InvoiceStep.CHANGE)
    if (details.buyer, details.wanted_on) == (state.buyer, state.wanted_on):
        return None
    if details.wanted_on != state.wanted_on:
        today = civil_date(now, renewal.registration.zone)
        if errors := invoice_errors(InvoiceRequest(wanted_on=details.wanted_on), today):
            raise RenewalError("invoice-invalid", *errors)
    if side == "office" and state.changes >= _MOST_CHANGES:
        raise RenewalError("invoice-changes-full")
    changed = state.with_changes(
        buyer=details.buyer,
        wanted_on=details.wanted_on,
        change=RequestChange(side=side, at=now, reason=reason),
        revision=state.revision + 1 if state.requested_at else 0,
        changes=state.changes + (side == "office"),
    )
    if state.status is InvoiceStatus.DECLARED:
        return Decision(changed)
    fields = event_fields(renewal.registration, now) | _request_fields(changed, renewal)
    return Decision(changed, (InvoiceRequestChanged(**fields, changed_by=side, reason=reason),))


def cancel_request(
    state: RequestedInvoice, renewal: Renewal, reason: str, now: datetime
) -> Decision[RequestedInvoice]:
    """The invoice isn't to be issued. Raises RenewalError once it is."""
    _check(state, InvoiceStep.CANCEL)
    cancelled = state.with_changes(cancelled=reason)
    if state.status is InvoiceStatus.DECLARED:
        return Decision(cancelled)
    fields = event_fields(renewal.registration, now)
    return Decision(cancelled, (InvoiceRequestCancelled(**fields, revision=state.revision, reason=reason),))


def _check_invoiced(renewal: Renewal) -> None:
    if not is_invoiced(renewal):
        raise RenewalError("nothing-to-invoice")


def _check(state: RequestedInvoice, step: InvoiceStep) -> None:
    if not INVOICE_FLOW.may(state.status, step):
        issued = state.status is not InvoiceStatus.CANCELLED
        raise RenewalError("invoice-issued" if issued else "invoice-cancelled")


def _request_fields(state: RequestedInvoice, renewal: Renewal) -> dict[str, object]:
    number = renewal.contract_number
    return {
        "revision": state.revision,
        "buyer": state.buyer,
        "wanted_on": state.wanted_on,
        "lines": invoice_lines(renewal.registration),
        "total_vnd": state.total,
        "total_in_words": state.total_in_words,
        "contract_number": str(number) if number else None,
        "contract_date": renewal.contract_date,
    }


def invoice_lines(registration: Registration) -> tuple[InvoiceLine, ...]:
    """The lines of all products on the form; the item of a joint registration names the product first."""
    return tuple(
        InvoiceLine(
            **line.model_dump() | {"item": item_of(line, each, registration)},
            net_vnd=line.net,
            vat_vnd=line.vat,
        )
        for each in registration.on_form
        for line in each.order.lines
    )


def item_of(line: PricedLine, of: Registration, lead: Registration) -> str:
    return f"{of.product_name}: {line.item}" if lead.joined else line.item
