"""One form for several products: it is signed once, and counts for each of them."""

from datetime import date

import pytest

from services.signing.domain.attempt import Completion
from services.signing.domain.form import FormStatus, SigningForm, keep_signature, replace_form
from services.signing.domain.proof import WithholdReason, find_mismatch
from shared.events.signing import FormSigned
from shared.ids import subscription_id
from shared.storage.aggregate import Decision
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
    reissue,
    term,
)


def joined() -> SigningForm:
    return awaiting(renewal_id=OTHER, product_code="qlcb", lead_id=RENEWAL)


def signed() -> Decision[SigningForm]:
    lead = awaiting(joined=(JOINED,))
    return lead.sign(Completion(document("signed form"), certificate()), NOW, NOW)


def test_signature_is_told_of_each_product() -> None:
    told = [event for event in signed().events if isinstance(event, FormSigned)]
    assert [(each.renewal_id, each.subscription_id, each.product_code) for each in told] == [
        (RENEWAL, subscription_id(OFFICE, "qlts"), "qlts"),
        (OTHER, JOINED.subscription_id, "qlcb"),
    ]
    assert len({each.signed_form.sha256 for each in told}) == 1


def test_joined_form_is_not_signed_itself() -> None:
    assert not joined().can_be_signed
    assert awaiting(joined=(JOINED,)).can_be_signed


def test_contract_of_a_joined_product_stands_on_the_leads_signature() -> None:
    contract = contract_prepared(renewal_id=OTHER, product_code="qlcb")
    assert find_mismatch(joined(), contract, TODAY) is WithholdReason.FORM_NOT_SIGNED
    assert find_mismatch(joined().signed_with_lead(signed().state), contract, TODAY) is None
    assert joined().signed_with_lead(awaiting(joined=(JOINED,))) == joined()


def restated_alone() -> tuple[SigningForm, SigningForm]:
    """The lead's form, whose next revision is the lead's alone and awaits a signature, and the joined one."""
    event = reissue(unconfirmed=(1,))
    kept = keep_signature(joined(), signed().state, event)
    assert kept
    assert keep_signature(kept.state, signed().state, event) is None
    return replace_form(signed().state, event).state, kept.state


def test_late_contract_of_a_joined_product_stands_on_what_was_signed() -> None:
    """Guards against: the lead is restated alone, and the contracts of the others get no seal."""
    lead, other = restated_alone()
    contract = contract_prepared(renewal_id=OTHER, product_code="qlcb")
    assert lead.status is FormStatus.AWAITING
    assert find_mismatch(other.signed_with_lead(lead), contract, TODAY) is None
    again = lead.sign(Completion(document("signed again"), certificate()), NOW, NOW).state
    assert find_mismatch(other.signed_with_lead(again), contract, TODAY) is None
    assert keep_signature(other, again, reissue(form_revision=3)) is None


@pytest.mark.parametrize(("unconfirmed", "status"), [((), FormStatus.SIGNED), ((1,), FormStatus.AWAITING)])
def test_joined_form_that_was_replaced_first_keeps_what_counts(
    unconfirmed: tuple[int, ...], status: FormStatus
) -> None:
    of_all = reissue(unconfirmed=unconfirmed)
    about = {"renewal_id": OTHER, "product_code": "qlcb", "lead_id": RENEWAL, "unconfirmed": unconfirmed}
    replaced = replace_form(joined(), reissue(**about)).state
    kept = keep_signature(replaced, signed().state, of_all)
    assert kept
    assert (kept.state.status, kept.state.signed_revision, kept.state.revision) == (status, 1, 2)
    later = keep_signature(joined(), signed().state, of_all)
    assert later
    other_order = replace_form(later.state, reissue(**about)).state
    assert (other_order.status, other_order.signed_revision) == (status, 1)


def test_form_of_its_own_keeps_the_revision_that_was_signed() -> None:
    """Guards against: a signature of the first revision counts as one of the second."""
    lead = replace_form(signed().state, reissue()).state
    about = {"renewal_id": OTHER, "product_code": "qlcb"}
    second = replace_form(joined(), reissue(**about, lead_id=RENEWAL)).state
    own = replace_form(second.signed_with_lead(lead), reissue(**about, form_revision=3, unconfirmed=(1,)))
    assert own.state.status is FormStatus.AWAITING


def test_form_of_its_own_can_be_signed() -> None:
    """The product's last day of use moved after the joint registration was accepted. What the office signed
    before still counts where the term doesn't end earlier."""
    later = term(basis_expires_on=date(2026, 12, 1), term_from=date(2026, 12, 2), term_to=date(2027, 12, 1))
    about = {"renewal_id": OTHER, "product_code": "qlcb", "term": later}
    as_signed = joined().signed_with_lead(signed().state)
    own = replace_form(as_signed, reissue(**about)).state
    assert (own.lead_id, own.status, own.signed_form) == (None, FormStatus.SIGNED, document("signed form"))
    again = replace_form(as_signed, reissue(**about, unconfirmed=(1,))).state
    assert again.can_be_signed


def test_form_issued_again_for_all_stays_the_leads() -> None:
    about = {"renewal_id": OTHER, "product_code": "qlcb", "lead_id": RENEWAL}
    restated = replace_form(joined(), reissue(**about)).state
    assert (restated.revision, restated.can_be_signed) == (2, False)
