"""What renewal tells of a joint registration is what the other services expect of each product: its contract
agrees with what was registered, and its share of the money with what was ordered."""

from typing import TypeVar
from uuid import UUID

import pytest

from services.renewal.domain.contract.contract import prepare_contract
from services.renewal.domain.desk import approval
from services.renewal.domain.joint.events import for_each_product
from services.renewal.domain.joint.members import accept_joined
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.registration.form import register
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from services.signing.domain.form import SigningForm, accept_paper, open_form
from services.signing.domain.proof import find_mismatch
from services.subscription.domain.changes import payment, registration
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.contract_check import check_contract
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, SendBy
from shared.events.paper_form import PaperFormAccepted
from shared.events.payment import PaymentRecorded
from shared.events.renewal import ContractPrepared, RenewalRegistered
from shared.events.signing import ContractIssued
from tests.services.renewal.domain.joint.examples import CODES, joint_registration
from tests.services.renewal.examples import NOW, OFFICE_REF, TODAY, judged
from tests.services.renewal.messages import certificate, document, posted_form
from tests.services.subscription.examples import BOTH, licence

E = TypeVar("E", bound=Event)
REGISTERED = for_each_product(
    register(joint_registration(send_by=SendBy.PAPER), document("form 1"), EXAMPLE_VENDOR, NOW)
)


def subscription(code: str) -> Subscription:
    """The product's subscription, which knows its registration."""
    basis = joint_registration().term.basis_expires_on
    state = adopt(OFFICE_REF, code, licence(basis), NOW, BOTH, next_policy="r117").state
    decided = registration.register(state, told(RenewalRegistered, code, REGISTERED.events), NOW, BOTH)
    assert decided
    return decided.state


def told(kind: type[E], code: str, events: tuple[Event, ...]) -> E:
    return next(each for each in events if isinstance(each, kind) and each.product_code == code)


def accepted() -> Renewal:
    received = paper_form.receive(REGISTERED.state, posted_form(), NOW).state
    waits = paper_form.accept(received, "clerk-1", judged(), NOW).state
    return approval.accept(waits, "clerk-1", "in order", waits.registration.term.basis_expires_on, NOW).state


def prepared(place: int) -> ContractPrepared:
    """The contract of the product at that place; the lead is at 0."""
    lead = accepted()
    renewal = lead if place == 0 else accept_joined(lead, place - 1, NOW, moved=False).state
    number = ContractNumber(year=TODAY.year, n=place + 1)
    decision = prepare_contract(renewal, number, TODAY, document(f"contract {place}"), NOW)
    (event,) = decision.events
    assert isinstance(event, ContractPrepared)
    return event


def signing_form(code: str) -> SigningForm:
    received = paper_form.receive(REGISTERED.state, posted_form(), NOW).state
    events = for_each_product(paper_form.accept(received, "clerk-1", judged(), NOW)).events
    opened = open_form(told(RenewalRegistered, code, REGISTERED.events)).state
    return accept_paper(opened, told(PaperFormAccepted, code, events)).state


@pytest.mark.parametrize("place", range(len(CODES)))
def test_contract_of_each_product_is_sealed_and_applied(place: int) -> None:
    contract = prepared(place)
    assert find_mismatch(signing_form(CODES[place]), contract, TODAY) is None
    fields = contract.model_dump(include=set(ContractIssued.model_fields))
    issued = ContractIssued(**fields, sealed_at=NOW, certificate=certificate("vendor"))
    assert check_contract(subscription(CODES[place]), issued, NOW) is None


@pytest.mark.parametrize("code", CODES)
def test_full_payment_is_what_each_product_ordered(code: str) -> None:
    lead, total = REGISTERED.state, REGISTERED.state.registration.total
    paid = record_receipt(Receivable.of(lead.registration), lead, total, TODAY, "FT1", "clerk-1", NOW)
    event = told(PaymentRecorded, code, paid.events)
    assert payment.is_ordered(subscription(code), event)
    assert event.paid_vnd >= event.total_vnd


def test_each_product_is_told_under_its_own_ids() -> None:
    ids: set[UUID] = {each.renewal_id for each in REGISTERED.events if isinstance(each, RenewalRegistered)}
    assert ids == {each.renewal_id for each in REGISTERED.state.registration.on_form}
    assert len(ids) == len(CODES)
