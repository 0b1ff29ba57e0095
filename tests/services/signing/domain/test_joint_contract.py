"""One contract over several products of a form: all of them get its seal, or none."""

from typing import Any

import pytest

from services.signing.domain.attempt import Completion
from services.signing.domain.contract import SealStatus, prepare, record_seal, void
from services.signing.domain.form import SigningForm
from services.signing.domain.proof import WithholdReason, find_any_mismatch
from shared.events.renewal import ContractPrepared, ContractVoided, CoveredProduct
from shared.events.signing import ContractIssued, SealFailed
from tests.services.signing.factory import (
    JOINED,
    NOW,
    OFFICE,
    OTHER,
    RENEWAL,
    TODAY,
    awaiting,
    certificate,
    contract_prepared,
    document,
    term,
)

SEALED = document("sealed")


def covered(**change: Any) -> CoveredProduct:
    known = {
        "renewal_id": OTHER,
        "registration_no": "GH-0001",
        "subscription_id": JOINED.subscription_id,
        "product_code": "qlcb",
        "term": term(),
        "package": "standard",
        "users": 10,
        "total_vnd": 1_234_567,
    }
    return CoveredProduct(**known | change)


def contract(**change: Any) -> ContractPrepared:
    return contract_prepared(covers=(covered(**change),))


def forms() -> list[SigningForm]:
    lead = awaiting(joined=(JOINED,))
    signed = lead.sign(Completion(document("signed form"), certificate()), NOW, NOW).state
    other = awaiting(renewal_id=OTHER, product_code="qlcb", lead_id=RENEWAL)
    return [signed, other.signed_with_lead(signed)]


def test_contract_that_agrees_with_all_registrations_is_sealed() -> None:
    assert find_any_mismatch(forms(), contract(), TODAY) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"term": term(term_to=TODAY)}, WithholdReason.TERM_DIFFERS),
        ({"users": 11}, WithholdReason.ORDER_DIFFERS),
        ({"total_vnd": 0}, WithholdReason.ORDER_DIFFERS),
        ({"registration_no": "GH-0002"}, WithholdReason.ORDER_DIFFERS),
        ({"product_code": "qlts"}, WithholdReason.ANOTHER_SUBSCRIPTION),
        ({"renewal_id": RENEWAL}, WithholdReason.ANOTHER_SUBSCRIPTION),
    ],
)
def test_mismatch_of_one_product_withholds_the_contract(
    change: dict[str, Any], reason: WithholdReason
) -> None:
    assert find_any_mismatch(forms(), contract(**change), TODAY) is reason


def test_product_of_another_form_is_not_covered() -> None:
    """Guards against: a forged contract gives a term to a product that is registered and signed alone."""
    lead, other = forms()
    for lead_id in (None, OTHER):
        alone = other.with_changes(lead_id=lead_id)
        found = find_any_mismatch([lead, alone], contract(), TODAY)
        assert found is WithholdReason.ANOTHER_SUBSCRIPTION


def test_unknown_or_closed_registration_of_one_product_withholds_the_contract() -> None:
    lead, other = forms()
    assert find_any_mismatch([lead, None], contract(), TODAY) is WithholdReason.REGISTRATION_UNKNOWN
    ended = other.with_changes(ended=True)
    assert find_any_mismatch([lead, ended], contract(), TODAY) is WithholdReason.REGISTRATION_CLOSED


def test_one_seal_is_told_of_each_product_with_its_own_term_and_order() -> None:
    event = contract(term=term(years=2), users=7, package="small")
    told = record_seal(prepare(event).state, SEALED, certificate(), NOW).events
    of_lead, of_other = [each for each in told if isinstance(each, ContractIssued)]
    assert (of_lead.renewal_id, of_lead.lead_id, of_lead.covers) == (RENEWAL, None, event.covers)
    assert (of_other.renewal_id, of_other.lead_id, of_other.covers) == (OTHER, RENEWAL, ())
    assert (of_other.subscription_id, of_other.product_code) == (JOINED.subscription_id, "qlcb")
    assert (of_other.term.years, of_other.users, of_other.package) == (2, 7, "small")
    assert (of_lead.term, of_lead.users) == (event.term, event.users)
    shared = {"contract_number", "contract_date", "contract", "signed_form", "office_ref", "sealed_at"}
    assert of_lead.model_dump(include=shared) == of_other.model_dump(include=shared)


def test_contract_of_one_product_is_told_as_by_releases_before() -> None:
    (told,) = record_seal(prepare(contract_prepared()).state, SEALED, certificate(), NOW).events
    assert not {"covers", "lead_id"} & set(told.model_dump())


def test_void_contract_is_told_of_each_product_and_never_sealed() -> None:
    event = contract()
    about = event.model_dump(exclude={"covers"})
    decision = void(prepare(event).state, ContractVoided(**about, reason="a wrong name"), NOW)
    assert decision
    assert decision.state.status is SealStatus.VOID
    told = [each for each in decision.events if isinstance(each, SealFailed)]
    assert [(each.renewal_id, each.product_code, each.reason) for each in told] == [
        (RENEWAL, "qlts", SealFailed.VOIDED),
        (OTHER, "qlcb", SealFailed.VOIDED),
    ]
    assert {each.office_ref for each in told} == {OFFICE}
