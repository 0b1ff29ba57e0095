"""A contract in force is voided by two clerks."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from services.renewal.domain import money
from services.renewal.domain.contract import contract, void_steps
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.closure import follow_registration, follow_void_contract
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.request_steps import request_by_rule
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.invoice.warnings import InvoiceWarningKind, invoice_warnings
from services.renewal.domain.joint.form_carrier import FormCarrier
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus, settled
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.progress import RenewalProgress
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.renewal import ContractVoided
from shared.ids import fresh
from shared.progress.line import progress_line
from shared.progress.point import PointDetail
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import contract_issued, document, form_signed

MADE = registration()
NUMBER = ContractNumber(year=2026, n=7)


def in_force() -> Renewal:
    made = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    signed = contract.record_signed_form(made, form_signed(), licence(), judged(), NOW).state
    prepared = contract.prepare_contract(signed, NUMBER, TODAY, document("contract"), NOW).state
    return contract.record_issued_contract(prepared, contract_issued(str(NUMBER)), NOW).state


def proposed() -> Renewal:
    return void_steps.propose_void(in_force(), "clerk-1", "ký nhầm đơn vị", NOW).state


def void() -> Renewal:
    return void_steps.approve_void(proposed(), "clerk-2", NOW).state


def test_a_second_clerk_voids_it_and_the_number_stays_used() -> None:
    decision = void_steps.approve_void(proposed(), "clerk-2", NOW)
    (event,) = decision.events
    assert isinstance(event, ContractVoided)
    assert (event.contract_number, event.in_force, event.lapsed) == (str(NUMBER), True, False)
    state = decision.state
    assert (state.status, state.cancelled) == (RegistrationStatus.CANCELLED, "ký nhầm đơn vị")
    (gone,) = state.void_contracts
    assert (gone.number, gone.by, gone.approved_by) == (NUMBER, "clerk-1", "clerk-2")
    assert state.voided_in_force == gone
    assert all(state.is_void(paper) for paper in state.dossier)


def test_nobody_approves_the_own_proposal_and_it_can_be_withdrawn() -> None:
    with pytest.raises(RenewalError, match="void-same-person"):
        void_steps.approve_void(proposed(), "clerk-1", NOW)
    with pytest.raises(RenewalError, match="void-proposed"):
        void_steps.propose_void(proposed(), "clerk-2", "nữa", NOW)
    assert void_steps.withdraw_void(proposed()).state == in_force()
    for step in (void_steps.withdraw_void, lambda it: void_steps.approve_void(it, "clerk-2", NOW)):
        with pytest.raises(RenewalError, match="void-not-proposed"):
            step(in_force())
    with pytest.raises(RenewalError, match="no-contract-in-force"):
        void_steps.propose_void(void(), "clerk-1", "lại", NOW)


def test_a_later_registration_stands_in_the_way() -> None:
    later = MADE.term.model_copy(update={"basis_expires_on": MADE.term.term_to})
    other = in_force().with_changes(registration=MADE.model_copy(update={"term": later}))
    with pytest.raises(RenewalError, match="void-followed"):
        void_steps.check_not_followed(in_force(), [in_force(), other])
    lead = MADE.model_copy(
        update={
            "renewal_id": fresh(),
            "subscription_id": UUID(int=5),
            "joined": (MADE.model_copy(update={"term": later}),),
        }
    )
    joint = form.register(lead, document("form 2"), EXAMPLE_VENDOR, NOW).state
    with pytest.raises(RenewalError, match="void-followed"):
        void_steps.check_not_followed(in_force(), [joint])
    closed = other.with_changes(status=RegistrationStatus.CANCELLED)
    void_steps.check_not_followed(in_force(), [in_force(), closed])


def test_a_contract_of_the_form_of_several_products_stays() -> None:
    lead = MADE.model_copy(update={"joined": (MADE,)})
    with pytest.raises(RenewalError, match="void-of-lead"):
        void_steps.propose_void(in_force().with_changes(registration=lead), "clerk-1", "nhầm", NOW)


def test_a_product_of_such_a_form_isnt_voided_alone() -> None:
    """Guards against: its receivable and its invoice are the lead's, and are asked for as before."""
    carrier = FormCarrier(renewal_id=UUID(int=77), number="GH-77")
    joined = MADE.model_copy(update={"lead": carrier})
    proposals: list[tuple[Renewal, Callable[[Renewal], object]]] = [
        (in_force(), lambda it: void_steps.propose_void(it, "clerk-1", "nhầm", NOW)),
        (proposed(), lambda it: void_steps.approve_void(it, "clerk-2", NOW)),
    ]
    for renewal, step in proposals:
        with pytest.raises(RenewalError, match="void-of-joined") as refused:
            step(renewal.with_changes(registration=joined))
        lead = {"registration": str(carrier.renewal_id), "registration_no": carrier.number}
        assert refused.value.about == lead


def test_money_that_came_is_held_for_the_desk() -> None:
    paid = record_receipt(
        Receivable.of(MADE), in_force(), MADE.order.total, TODAY, "FT1", "clerk-1", NOW
    ).state
    balance = PaymentBalance.of(paid, void(), TODAY)
    assert (balance.status, balance.over) == (PaymentStatus.HELD, MADE.order.total)
    assert settled(paid, void(), NOW).over_since == NOW


def test_an_issued_invoice_stays_and_is_named_for_the_desk() -> None:
    declared = RequestedInvoice.of(MADE, money.in_words(MADE.order.total))
    requested = request_by_rule(declared, in_force(), NOW)
    assert requested
    cancelled = follow_registration(requested.state, void(), "hợp đồng hủy", NOW)
    assert cancelled, "a request that waits is cancelled"
    entry = InvoiceEntry(symbol="1C26TAA", number="1", dated=TODAY, total=MADE.order.total, kind="original")
    issued = record_invoice(requested.state, in_force(), entry, (), "clerk-1", NOW)
    assert issued
    assert follow_void_contract(issued.state, in_force(), NOW) is None
    named = follow_void_contract(issued.state, void(), NOW)
    assert named
    assert named.state.look_since == NOW
    assert named.state.issued == issued.state.issued
    kinds = {each.kind for each in invoice_warnings(named.state, void(), Receivable.of(MADE), TODAY)}
    assert InvoiceWarningKind.REGISTRATION_CLOSED in kinds
    assert follow_void_contract(named.state, void(), NOW + timedelta(days=1)) is None


def test_the_progress_line_says_how_it_ended() -> None:
    declared = RequestedInvoice.of(MADE, money.in_words(MADE.order.total))
    line = progress_line(
        RenewalProgress(
            renewal=void(),
            receivable=Receivable.of(MADE),
            invoice=declared,
            licence=licence(),
            form_by=None,
            today=TODAY,
        ).facts
    )
    assert line.points[-1].detail is PointDetail.CONTRACT_VOID
