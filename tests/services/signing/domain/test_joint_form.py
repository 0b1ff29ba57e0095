"""One form for several products: it is signed once, and counts for each of them."""

from datetime import date

from services.signing.domain.attempt import Completion
from services.signing.domain.form import FormStatus, SigningForm, replace_form
from services.signing.domain.proof import WithholdReason, find_mismatch
from shared.events.renewal import JoinedRegistration
from shared.events.signing import FormSigned
from shared.ids import derived, subscription_id
from shared.storage.aggregate import Decision
from tests.services.signing.factory import (
    NOW,
    OFFICE,
    RENEWAL,
    TODAY,
    awaiting,
    certificate,
    contract_prepared,
    document,
    reissue,
    term,
)

OTHER = derived("test renewal", "joined")
JOINED = JoinedRegistration(
    renewal_id=OTHER,
    subscription_id=subscription_id(OFFICE, "qlcb"),
    product_code="qlcb",
    product_name="Phần mềm Quản lý cán bộ",
    term=term(),
    total_vnd=3_000_000,
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
