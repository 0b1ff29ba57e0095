"""No step ends a product of an accepted joint registration alone, while it is paid with the others."""

from datetime import timedelta

import pytest

from services.renewal.domain.contract import assent, contract
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import OPEN, FlowStep, RegistrationStatus
from services.renewal.domain.joint.closure import is_cancellable, refusal_of
from services.renewal.domain.joint.members import accept_joined, release_joined
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import sending
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.replacement import Replacement
from shared.events.signing import SealFailed
from tests.services.renewal.domain.joint.examples import accepted_lead, lead
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document, seal_failed

NUMBER = ContractNumber(n=1, year=2026)
REPLACEMENT = Replacement(registration=registration(), form=document("form 2"))


def prepared(renewal: Renewal, *, assents: bool = False) -> Renewal:
    made = renewal.registration.model_copy(update={"assent_days": 10 if assents else None})
    signs = renewal.with_changes(registration=made)
    return contract.prepare_contract(signs, NUMBER, TODAY, document("contract"), NOW).state


def let_go(renewal: Renewal, *, lapsed: bool) -> Renewal:
    """Its contract is voided, by the desk or because it lapsed, and signing has released it."""
    decision = (
        assent.lapse(renewal, NOW + timedelta(days=60))
        if lapsed
        else contract.void_contract(renewal, "clerk-1", "a wrong name", NOW)
    )
    assert decision
    assert decision.state.voiding
    failed = seal_failed(str(NUMBER), SealFailed.VOIDED)
    after = contract.record_failed_seal(decision.state, failed, NOW)
    assert after
    return after.state


@pytest.mark.parametrize("lapsed", [False, True])
def test_lead_that_was_let_go_is_not_closed(lapsed: bool) -> None:
    """Guards against: the other products, which go on, are never asked for, because their lead is closed."""
    waits = let_go(prepared(release_joined(accepted_lead()).state, assents=lapsed), lapsed=lapsed)
    assert waits.status is RegistrationStatus.AWAITING_CONFIRMATION
    assert not is_cancellable(waits)
    for replacement in (None, REPLACEMENT):
        with pytest.raises(RenewalError, match="joint-accepted"):
            sending.cancel(waits, "office", "changed our mind", NOW, replacement)
    with pytest.raises(RenewalError, match="joint-accepted"):
        approval.refuse(waits, "no", NOW)
    again = approval.accept(waits, "clerk-1", "again", waits.registration.term.basis_expires_on, NOW)
    assert again.state.status is RegistrationStatus.ACCEPTED


def test_product_that_was_let_go_is_not_cancelled_or_replaced() -> None:
    """Guards against: it is registered anew, and paid a second time."""
    waits = let_go(prepared(accept_joined(accepted_lead(), 0, NOW, moved=False).state), lapsed=False)
    assert not is_cancellable(waits)
    for replacement in (None, REPLACEMENT):
        with pytest.raises(RenewalError, match="joint-product"):
            sending.cancel(waits, "desk", "a wrong order", NOW, replacement)
    assert approval.refuse(waits, "no", NOW).state.status is RegistrationStatus.REFUSED


def test_contract_of_a_lead_that_carries_products_is_not_voided() -> None:
    """Guards against: the lead is open again and can be closed whole, while one product has a contract."""
    with pytest.raises(RenewalError, match="joint-unmade"):
        contract.void_contract(prepared(accepted_lead()), "clerk-1", "a wrong name", NOW)
    assert assent.lapse(prepared(accepted_lead(), assents=True), NOW + timedelta(days=60)) is None


@pytest.mark.parametrize("status", OPEN)
def test_until_it_is_accepted_nothing_of_that_is_prevented(status: RegistrationStatus) -> None:
    for renewal in (lead(), lead().with_changes(registration=registration())):
        stands = renewal.with_changes(status=status)
        assert {refusal_of(stands, step) for step in (FlowStep.CANCEL, FlowStep.REFUSE)} == {None}
