"""What an office is told of its invoice."""

from services.renewal.domain import money
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.request_steps import request_by_rule
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.office.invoice_state import InvoiceState
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.texts import INVOICE_STATUSES
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

MADE = registration()
DECLARED = RequestedInvoice.of(MADE, money.in_words(MADE.order.total))


def renewal(status: RegistrationStatus) -> Renewal:
    made = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_status(status, NOW)


def test_contract_of_an_earlier_release_waits_for_no_contract() -> None:
    """Guards against: after an upgrade the history says that the invoice of an old contract waits for it."""
    waiting = InvoiceState.of(DECLARED, renewal(RegistrationStatus.AWAITING_SIGNATURE))
    assert waiting is not None
    assert waiting.text == INVOICE_STATUSES["declared"]
    in_force = renewal(RegistrationStatus.CONTRACT_ISSUED)
    assert InvoiceState.of(DECLARED, in_force) is None
    requested = request_by_rule(DECLARED, in_force, NOW)
    assert requested is not None
    state = InvoiceState.of(requested.state, in_force)
    assert state is not None
    assert state.text == INVOICE_STATUSES["requested"]


def test_closed_registration_tells_only_what_was_issued() -> None:
    closed = renewal(RegistrationStatus.CANCELLED)
    assert InvoiceState.of(DECLARED, closed) is None
    entry = InvoiceEntry(symbol="1C26TAA", number="1", dated=TODAY, total=MADE.order.total)
    issued = record_invoice(DECLARED, closed, entry, (), "clerk-1", NOW)
    assert issued is not None
    assert InvoiceState.of(issued.state, closed) is not None
