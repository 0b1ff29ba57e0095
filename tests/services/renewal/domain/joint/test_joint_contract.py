"""One contract over all products of a form: one number, each product's own term; it is voided for all."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.renewal.contract.editions import check_editions
from services.renewal.domain.contract import contract, void_steps
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.joint.closure import refusal_of
from services.renewal.domain.joint.declaration import declare_joint
from services.renewal.domain.joint.members import accept_joined, release_joined
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.catalogue import Catalogue, ContractNumbering
from services.renewal.domain.registration.registration import Registrant
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.render.renderer import TEMPLATES
from shared.events.base import SendBy
from shared.events.order import FullGrant
from shared.events.renewal import ContractPrepared, ContractVoided, RenewalAccepted
from shared.events.signing import SealFailed
from shared.runtime.settings import BadSettings
from tests.services.renewal.domain.joint.examples import (
    CODES,
    accepted_lead,
    joined_products,
    joint_declaration,
    lead,
)
from tests.services.renewal.examples import NOW, TODAY, judged, product
from tests.services.renewal.messages import contract_issued, document, posted_form, seal_failed

NUMBER = ContractNumber(n=7, year=2026)
ORDER = ContractNumbering.ORDER


def numbered(renewal: Renewal) -> tuple[Renewal, ContractPrepared]:
    decision = contract.prepare_contract(renewal, NUMBER, TODAY, document("contract"), NOW)
    (event,) = decision.events
    assert isinstance(event, ContractPrepared)
    return decision.state, event


def together() -> tuple[Renewal, list[Renewal]]:
    """The lead, whose contract has its number, and the renewals of the others."""
    prepared, _ = numbered(accepted_lead(ORDER))
    others = [accept_joined(prepared, place, NOW, moved=False).state for place in (0, 1)]
    return release_joined(prepared).state, others


@pytest.mark.parametrize(
    ("change", "numbering"),
    [
        ({}, ORDER),
        ({"contract_number": ContractNumbering.EACH}, ContractNumbering.EACH),
        ({"assent_days": 10}, ContractNumbering.EACH),
        ({"full_grant": FullGrant.AT_PAYMENT}, ContractNumbering.EACH),
    ],
)
def test_order_has_one_contract_where_each_product_allows_it(
    change: dict[str, Any], numbering: ContractNumbering
) -> None:
    products = joined_products(numbering=ORDER)
    products[-1] = replace(products[-1], product=products[-1].product.model_copy(update=change))
    by = Registrant(sub="renewer-1", on_behalf=False, send_by=SendBy.PAPER)
    assert declare_joint(joint_declaration(), products, by, NOW).numbering is numbering


def test_stored_registration_without_the_field_has_a_contract_each() -> None:
    stored = accepted_lead(ORDER).model_dump(mode="json")
    del stored["registration"]["numbering"]
    _, event = numbered(Renewal.model_validate(stored))
    assert event.covers == ()


def test_contract_of_the_lead_covers_each_product_with_its_own_term_and_order() -> None:
    renewal = accepted_lead(ORDER)
    prepared, event = numbered(renewal)
    assert [each.product_code for each in event.covers] == list(CODES[1:])
    for covered, joined in zip(event.covers, renewal.registration.joined, strict=True):
        assert (covered.renewal_id, covered.subscription_id) == (joined.renewal_id, joined.subscription_id)
        assert (covered.registration_no, covered.term) == (joined.number, joined.term)
        assert (covered.total_vnd, covered.users) == (joined.order.total, joined.order.users)
    assert prepared.contract_covers == tuple(each.renewal_id for each in event.covers)
    assert "covers" not in numbered(accepted_lead())[1].model_dump()


def test_joined_products_have_the_leads_number_and_file_and_prepare_none() -> None:
    prepared, _ = numbered(accepted_lead(ORDER))
    for place in (0, 1):
        decision = accept_joined(prepared, place, NOW, moved=False)
        made = decision.state
        assert (made.contract_number, made.contract_date) == (NUMBER, TODAY)
        assert made.contract_of == prepared.registration.renewal_id
        assert made.newest_document("contract") == document("contract")
        assert [type(event) for event in decision.events] == [RenewalAccepted]


def test_contract_that_a_release_before_prepared_covers_no_other() -> None:
    """Guards against: a number is copied that the sealed contract doesn't give to that product."""
    prepared, _ = numbered(accepted_lead(ORDER))
    old = prepared.with_changes(contract_covers=())
    made = accept_joined(old, 0, NOW, moved=False).state
    assert (made.contract_number, made.contract_of) == (None, None)


def test_product_that_moved_after_the_number_keeps_its_contract() -> None:
    """Subscription finds that the basis isn't the same, and the desk decides on that product alone."""
    prepared, _ = numbered(accepted_lead(ORDER))
    assert accept_joined(prepared, 0, NOW, moved=True).state.status is RegistrationStatus.ACCEPTED
    assert accept_joined(accepted_lead(), 0, NOW, moved=True).state.needs_desk is DeskReason.EXPIRY_MOVED


def test_lead_waits_where_a_joined_product_moved_before_the_number() -> None:
    received = paper_form.receive(lead(SendBy.PAPER, ORDER), posted_form(), NOW).state
    facts = replace(judged(), joined_moved=True)
    waits = paper_form.accept(received, "clerk-1", facts, NOW).state
    assert (waits.status, waits.needs_desk) == (
        RegistrationStatus.AWAITING_CONFIRMATION,
        DeskReason.EXPIRY_MOVED,
    )


def test_each_product_is_in_force_by_the_same_contract() -> None:
    first, others = together()
    for renewal in (first, *others):
        event = contract_issued(str(NUMBER), renewal_id=renewal.registration.renewal_id)
        after = contract.record_issued_contract(renewal, event, NOW).state
        assert after.status is RegistrationStatus.CONTRACT_ISSUED
        assert after.newest_document("sealed_contract") == event.contract


def test_contract_is_not_voided_for_one_product_and_the_refusal_names_the_lead() -> None:
    first, (other, _) = together()
    issued = other.with_changes(status=RegistrationStatus.CONTRACT_ISSUED)
    for decide, state in ((contract.void_contract, other), (void_steps.propose_void, issued)):
        with pytest.raises(RenewalError, match="contract-of-lead") as refused:
            decide(state, "clerk-1", "a wrong name", NOW)
        assert refused.value.about["registration_no"] == first.registration.number
    for step in (FlowStep.VOID_CONTRACT, FlowStep.PROPOSE_VOID):
        assert refusal_of(other, step) == "contract-of-lead"
    with pytest.raises(RenewalError, match="void-of-lead"):
        void_steps.propose_void(
            first.with_changes(status=RegistrationStatus.CONTRACT_ISSUED), "clerk-1", "no", NOW
        )


@pytest.mark.parametrize("lead_first", [True, False])
def test_unsealed_contract_is_voided_for_all_and_each_then_has_its_own(lead_first: bool) -> None:
    """In either order in which signing's answers arrive."""
    first, others = together()
    decision = contract.void_contract(first, "clerk-1", "a wrong name", NOW)
    told = [event for event in decision.events if isinstance(event, ContractVoided)]
    assert [(each.product_code, each.lead_id is None) for each in told] == [
        (code, code == CODES[0]) for code in CODES
    ]
    failed = seal_failed(str(NUMBER), SealFailed.VOIDED)
    released = contract.record_failed_seal(decision.state, failed, NOW)
    assert released
    known = released.state if lead_first else decision.state
    for state in (released, *(contract.record_failed_seal(each, failed, NOW, known) for each in others)):
        assert state
        waits = state.state
        assert (waits.needs_desk, waits.contract_number) == (DeskReason.CONTRACT_VOIDED, None)
        assert [void.number for void in waits.void_contracts] == [NUMBER]
        assert (waits.contract_covers, waits.contract_of) == ((), None)
        basis = waits.registration.term.basis_expires_on
        again = approval.accept(waits, "clerk-1", "again", basis, NOW).state
        assert numbered(again)[1].covers == ()


def test_failure_of_the_leads_seal_alone_leaves_the_others_waiting() -> None:
    first, _ = together()
    failed = contract.record_failed_seal(first, seal_failed(str(NUMBER), "term_differs"), NOW)
    assert failed
    assert failed.state.needs_desk is DeskReason.SEAL_FAILED


def catalogue(since: date, **change: Any) -> Catalogue:
    sold = product().model_dump() | {"joint": True, "contract_number": "order"} | change
    return Catalogue.model_validate({"editions": [{"effective_from": since, "products": [sold]}]})


def test_catalogue_needs_editions_that_say_so(tmp_path: Path) -> None:
    check_editions(catalogue(date(2025, 7, 1)))
    check_editions(catalogue(date(2024, 7, 1), joint=False))
    with pytest.raises(BadSettings, match="contract_number order"):
        check_editions(catalogue(date(2025, 6, 30)))
    for kind, text in (("joint-contract", ""), ("joint", "each has its own")):
        folder = tmp_path / "hcsn" / kind
        folder.mkdir(parents=True)
        (folder / "2025-07-01.html").write_text(text)
    with pytest.raises(BadSettings, match="doesn't say so"):
        check_editions(catalogue(date(2025, 7, 1)), tmp_path)
    (tmp_path / "hcsn/joint-contract/2025-07-01.html").unlink()
    with pytest.raises(BadSettings, match="joint-contract"):
        check_editions(catalogue(date(2025, 7, 1)), tmp_path)
    assert (TEMPLATES / "general/joint-contract").is_dir()
