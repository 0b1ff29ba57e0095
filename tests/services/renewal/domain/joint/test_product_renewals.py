"""Each product of a joint registration stands by itself, for the grants of its resources."""

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.joint.allocation import allocate
from services.renewal.domain.joint.members import accept_joined
from services.renewal.domain.joint.product_renewals import by_product
from services.renewal.domain.payment.commitment import Commitment, CommitmentStatus
from services.renewal.domain.payment.commitment_steps import settle_commitment
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.grant import GrantCause
from services.renewal.domain.resources.wanted import ResourceFacts, WantedGrant, wanted_grants
from tests.services.renewal.domain.joint.examples import joint_registration, lead, licence_of
from tests.services.renewal.examples import NOW, TODAY

MADE = joint_registration()
JOINED = MADE.joined[0]
SUBSCRIPTIONS = [each.subscription_id for each in MADE.on_form]


def committed() -> Renewal:
    pay_by = MADE.payment_day
    return lead().with_changes(commitment=Commitment(pay_by=pay_by, status=CommitmentStatus.ACCEPTED))


def wanted(*found: Renewal) -> list[WantedGrant]:
    """The grants that the joined product should have."""
    renewals = list(by_product(found, {JOINED.subscription_id}))
    return list(wanted_grants(ResourceFacts(licence_of(JOINED.product_code), renewals, TODAY)))


def test_commitment_on_the_lead_grants_what_is_ordered_of_each_product() -> None:
    (grant,) = wanted(committed())
    assert (grant.cause, grant.renewal_id) == (GrantCause.COMMITMENT, JOINED.renewal_id)
    assert (grant.cause_no, grant.resources.users) == (JOINED.number, JOINED.order.users)


def test_grant_stays_when_the_product_gets_a_renewal_of_its_own() -> None:
    """Guards against: access is taken and given again when the vendor accepts."""
    accepted = committed().with_status(RegistrationStatus.ACCEPTED, NOW)
    own = accept_joined(accepted, 0, NOW, moved=False).state
    (before,), (after,) = wanted(accepted), wanted(accepted, own)
    assert after == before


def test_contract_of_the_lead_is_none_of_the_product() -> None:
    issued = lead().with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)
    (stands,) = by_product([issued], {JOINED.subscription_id})
    assert (stands.status, stands.registration) == (RegistrationStatus.ACCEPTED, JOINED)


def test_cancelled_lead_grants_nothing() -> None:
    assert wanted(committed().with_status(RegistrationStatus.CANCELLED, NOW)) == []


def test_only_what_was_asked_for() -> None:
    """Guards against: an office that asks for one product reads or changes the grants of another."""
    asked = {MADE.subscription_id}
    assert [each.registration for each in by_product([lead()], asked)] == [MADE]


def test_product_that_an_allocation_pays_keeps_its_resources_when_the_rest_is_not_paid() -> None:
    """Guards against: an office that paid for one product loses it with those that it didn't pay for."""
    renewal = committed()
    part = record_receipt(Receivable.of(MADE), renewal, JOINED.order.total, TODAY, "FT1", "clerk-1", NOW)
    decision = allocate(part.state, renewal, {JOINED.renewal_id: JOINED.order.total}, NOW)
    assert decision
    assert decision.state.unsettled_since == NOW
    settled = settle_commitment(renewal, decision.state, NOW)
    assert settled
    assert settle_commitment(settled.state, decision.state, NOW) is None
    kept = settled.state.commitment
    assert kept
    assert (kept.paid, kept.paid_of) == (False, (JOINED.renewal_id,))
    broken = kept.model_copy(update={"status": CommitmentStatus.BROKEN})
    products = by_product([settled.state.with_changes(commitment=broken)], set(SUBSCRIPTIONS))
    in_default = [each.commitment and each.commitment.is_in_default for each in products]
    assert in_default == [True, False, True]


def test_payment_of_all_leaves_no_share_behind() -> None:
    renewal = committed()
    whole = record_receipt(Receivable.of(MADE), renewal, MADE.total, TODAY, "FT1", "clerk-1", NOW).state
    settled = settle_commitment(renewal, whole, NOW)
    assert settled
    assert settled.state.commitment
    assert (settled.state.commitment.paid, settled.state.commitment.paid_of) == (True, ())
