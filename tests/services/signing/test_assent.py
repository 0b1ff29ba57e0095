"""A contract that its office signs first is sealed with that signature or the accepted paper, or never."""

from typing import Any

import pytest

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.domain.contract import SealStatus, seal_id
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from shared.events.renewal import ContractPrepared, ContractVoided
from shared.events.signing import ContractIssued, ContractSigned, FormSigned, SealFailed
from shared.storage.documents import Provenance
from tests.services.signing.factory import contract_assented
from tests.services.signing.offices import Office, chain
from tests.services.signing.paper import issued
from tests.services.signing.service import World


@pytest.fixture
async def contract(signing: World) -> ContractPrepared:
    """A contract recorded at signing. It waits for its office, which registered on paper."""
    return await signing.waiting_contract(await signing.accepted_on_paper())


async def sign(signing: World, contract: ContractPrepared, who: Credential) -> ContractSigned:
    office = Office(signing, contract.renewal_id, "contracts")
    answer = await office.answer(who, await office.begin(who))
    assert (answer.status_code, answer.json()["status"]) == (200, "signed")
    return await signing.wait_for(ContractSigned, contract.renewal_id)


def voided(contract: ContractPrepared, *, lapsed: bool) -> ContractVoided:
    fields = contract.model_dump(include=set(ContractVoided.model_fields))
    return ContractVoided(**fields, reason="quá hạn", lapsed=lapsed)


async def dead(signing: World, contract: ContractPrepared) -> SealFailed:
    return await signing.wait_for(SealFailed, contract.renewal_id)


async def test_office_signs_first_and_the_vendor_last(
    signing: World, contract: ContractPrepared, office: Credential, trust: TrustSettings
) -> None:
    signed = await sign(signing, contract, office)
    assert (signed.contract_number, signed.issued_contract) == (
        contract.contract_number,
        contract.contract.sha256,
    )
    assert signed.certificate.match == "tax_code"
    documents = signing.signing.documents
    theirs = await documents.get(signed.signed_contract.sha256)
    await verify(theirs, issued("office", "vendor"), "office", trust, signed.signed_at, old_padding=False)
    assert signing.published(ContractIssued, contract.renewal_id) == []
    await signing.publish(contract_assented(contract, contract=signed.signed_contract))
    event = await signing.wait_for(ContractIssued, contract.renewal_id)
    both = await documents.get(event.contract.sha256)
    await verify(both, theirs, "vendor", trust, event.sealed_at, old_padding=False)
    answer = await signing.client.get(f"/v1/contracts/{contract.renewal_id}", headers=signing.bearer())
    assert (answer.json()["status"], answer.json()["signed_contract"]["sha256"]) == (
        "sealed",
        event.contract.sha256,
    )


async def test_accepted_paper_lets_the_contract_be_sealed(
    signing: World, contract: ContractPrepared, trust: TrustSettings
) -> None:
    scan = await signing.put(b"%PDF scan of the contract", Provenance("paper", contract.renewal_id))
    await signing.publish(contract_assented(contract, scan=scan))
    event = await signing.wait_for(ContractIssued, contract.renewal_id)
    pdf = await signing.signing.documents.get(event.contract.sha256)
    await verify(pdf, issued("office", "vendor"), "vendor", trust, event.sealed_at, old_padding=False)


@pytest.mark.parametrize("forged", ["no signature", "another file", "a scan of another"])
async def test_assent_that_signing_knows_nothing_of_gets_no_seal(
    signing: World, contract: ContractPrepared, forged: str
) -> None:
    """Guards against: anybody who can write to the topic can assent for the office. The desk gets
    SealFailed."""
    changed: dict[str, Any] = {}
    if forged == "another file":
        of = Provenance("signed_contract", contract.renewal_id)
        changed = {"contract": await signing.put(issued("office", "vendor", "more"), of)}
    if forged == "a scan of another":
        another = await signing.accepted_on_paper()
        changed = {"scan": await signing.put(b"%PDF of another", Provenance("paper", another))}
    await signing.publish(contract_assented(contract, **changed))
    assert (await dead(signing, contract)).reason == "not_assented"
    stored = await signing.contracts.load(seal_id(contract.renewal_id))
    assert stored is not None
    assert stored.state.status is SealStatus.PREPARED


async def test_certificate_of_another_office_signs_no_contract(
    signing: World, contract: ContractPrepared, pki: Pki
) -> None:
    """The desk reviews a form signed with it; a contract is rejected at once."""
    other = pki.credential("other-office", Holder("Đơn vị khác", ("MST:0100686209",)))
    refused = await Office(signing, contract.renewal_id, "contracts").ask(chain(other))
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:giahan:problem:certificate-of-another",
    )


async def test_certificate_that_signed_the_form_signs_the_contract(signing: World, pki: Pki) -> None:
    """The certificate names no code of the office, but the desk accepted it with the form."""
    other = pki.credential("other-office", Holder("Đơn vị khác", ("MST:0100686209",)))
    desk = Office(signing, await signing.form())
    await desk.answer(other, await desk.begin(other))
    form = (await signing.wait_for(FormSigned, desk.renewal)).signed_form
    contract = await signing.waiting_contract(desk.renewal, signed_form=form)
    assert (await sign(signing, contract, other)).certificate.match == "review"


async def test_contract_is_its_own_office_s_to_see_and_to_sign(
    signing: World, contract: ContractPrepared, office: Credential
) -> None:
    path = f"/v1/contracts/{contract.renewal_id}"
    for bearer, status in (
        ({}, 401),
        (signing.bearer(role="member"), 403),
        (signing.bearer(office="another"), 404),
        (signing.bearer(), 200),
    ):
        assert (await signing.client.get(path, headers=bearer)).status_code == status
    asks_nobody = await signing.accepted_on_paper()
    refused = await Office(signing, asks_nobody, "contracts").ask(chain(office))
    assert refused.status_code == 404


async def test_one_that_lapsed_is_void_unless_it_was_signed_before(
    signing: World, contract: ContractPrepared, office: Credential
) -> None:
    await signing.publish(voided(contract, lapsed=True))
    assert (await dead(signing, contract)).reason == "voided"
    refused = await Office(signing, contract.renewal_id, "contracts").ask(chain(office))
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:giahan:problem:contract-not-awaiting",
    )
    in_time = await signing.waiting_contract(await signing.accepted_on_paper())
    signed = await sign(signing, in_time, office)
    assented = contract_assented(in_time, contract=signed.signed_contract)
    await signing.publish(voided(in_time, lapsed=True), assented)
    await signing.wait_for(ContractIssued, in_time.renewal_id)
    assert signing.published(SealFailed, in_time.renewal_id) == []


async def test_what_the_desk_voids_is_not_sealed_though_it_is_signed(
    signing: World, contract: ContractPrepared, office: Credential
) -> None:
    signed = await sign(signing, contract, office)
    assented = contract_assented(contract, contract=signed.signed_contract)
    await signing.publish(voided(contract, lapsed=False), assented)
    assert (await dead(signing, contract)).reason == "voided"
    later = await signing.waiting_contract(await signing.accepted_on_paper())
    signed = await sign(signing, later, office)
    await signing.publish(contract_assented(later, contract=signed.signed_contract))
    await signing.wait_for(ContractIssued, later.renewal_id)
    assert signing.published(ContractIssued, contract.renewal_id) == []
