"""One signature for several products, on real Kafka and MongoDB."""

from uuid import UUID

from deploy.local.people.pki import Credential
from services.signing.domain.form import FormStatus
from shared.events.renewal import CoveredProduct, JoinedRegistration
from shared.events.signing import ContractIssued, FormSigned, SealFailed, SigningSuperseded
from shared.ids import fresh, subscription_id
from shared.storage.documents import Provenance
from tests.services.signing.factory import OFFICE, contract_prepared, registered, reissue, term, terminated
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signer import signed
from tests.support.service_process import until


async def registered_jointly(signing: World) -> tuple[UUID, UUID, str]:
    """The lead and the joined product's renewal, and that product's code, once signing knows both."""
    lead, other, product = fresh(), fresh(), f"p-{fresh().hex[:8]}"
    form = await signing.put(issued())
    joined = JoinedRegistration(
        renewal_id=other,
        subscription_id=subscription_id(OFFICE, product),
        product_code=product,
        product_name="Phần mềm",
        term=term(),
        total_vnd=1_234_567,
    )
    await signing.publish(
        registered(renewal_id=lead, form=form, joined=(joined,)),
        registered(renewal_id=other, product_code=product, form=form, lead_id=lead),
    )
    await until(lambda: signing.forms.get(lead), "the lead's form")
    await until(lambda: signing.forms.get(other), "the joined product's form")
    return lead, other, product


async def upload(signing: World, renewal: UUID, file: bytes) -> int:
    url = f"/v1/forms/{renewal}/signed-file"
    return (await signing.client.post(url, content=file, headers=signing.bearer())).status_code


async def page_of(signing: World, renewal: UUID) -> tuple[int, str | None]:
    """The status of the page to which a banner leads, and where it sends the browser."""
    cookie = {"cookie": f"giahan_session={signing.token()}"}
    answer = await signing.client.get(f"/signing/forms/{renewal}?lang=vi", headers=cookie)
    return answer.status_code, answer.headers.get("location")


async def test_one_signature_leads_to_a_contract_of_each(signing: World, office: Credential) -> None:
    """Also where the lead's form is restated, for the lead alone, before the contract of another product."""
    lead, other, product = await registered_jointly(signing)
    assert await page_of(signing, other) == (303, f"/signing/forms/{lead}?lang=vi")
    assert (await page_of(signing, lead))[0] == 200
    file = await signed(issued(), office)
    assert await upload(signing, other, file) == 409, "a joined product's form isn't signed itself"
    assert await upload(signing, lead, file) == 200
    assert await page_of(signing, other) == (303, f"/signing/forms/{lead}?lang=vi")
    of_lead, of_other = [await signing.wait_for(FormSigned, id) for id in (lead, other)]
    assert of_lead.signed_form == of_other.signed_form
    alone = await signing.put(issued("vendor"))
    await signing.publish(reissue(renewal_id=lead, form=alone, unconfirmed=(1,)))

    async def waits_again() -> bool:
        form = await signing.forms.get(lead)
        return form is not None and form.status is FormStatus.AWAITING

    await until(waits_again, "the lead's own form, which awaits a signature again")
    contract = await signing.put(issued("vendor"), Provenance("contract", other))
    about = {"renewal_id": other, "product_code": product, "signed_form": of_other.signed_form}
    await signing.publish(contract_prepared(**about, contract=contract))
    assert (await signing.wait_for(ContractIssued, other)).product_code == product


async def test_one_seal_is_over_both_products_or_none(signing: World, office: Credential) -> None:
    """The same sealed file is of both, and neither gets another contract."""
    lead, other, product = await registered_jointly(signing)
    assert await upload(signing, lead, await signed(issued(), office)) == 200
    of_lead = await signing.wait_for(FormSigned, lead)
    await signing.wait_for(FormSigned, other)
    file = await signing.put(issued("vendor"), Provenance("contract", lead))
    own = await signing.put(issued("vendor"), Provenance("contract", other))
    alone = contract_prepared(renewal_id=lead, signed_form=of_lead.signed_form, contract=file)
    product_of = {
        "renewal_id": other,
        "subscription_id": subscription_id(OFFICE, product),
        "product_code": product,
    }
    covered = CoveredProduct(**alone.model_dump() | product_of)
    untrue = covered.model_copy(update={"users": 99})
    await signing.publish(alone.model_copy(update={"covers": (untrue,)}))
    assert (await signing.wait_for(SealFailed, lead)).reason == "order_differs"
    await signing.publish(alone.model_copy(update={"covers": (covered,)}))
    sealed = [await signing.wait_for(ContractIssued, id) for id in (lead, other)]
    assert [each.lead_id for each in sealed] == [None, lead]
    assert len({each.contract.sha256 for each in sealed}) == 1
    for event in sealed:
        of = Provenance("sealed_contract", event.renewal_id)
        assert await signing.signing.documents.is_of(event.contract.sha256, of)
    second = alone.model_copy(update={**product_of, "contract": own, "contract_number": "2/2026/HĐ-GH"})
    await signing.publish(second)
    assert (await signing.wait_for(SealFailed, other)).reason == "sealed_already"
    assert len(signing.published(ContractIssued, other)) == 1


async def test_termination_of_a_joined_product_supersedes_what_is_not_signed(
    signing: World, office: Credential
) -> None:
    unsigned = await registered_jointly(signing)
    done = await registered_jointly(signing)
    await upload(signing, done[0], await signed(issued(), office))
    await signing.wait_for(FormSigned, done[1])
    later = await signing.form(product_code=done[2])
    await signing.publish(*(terminated(product_code=product) for _, _, product in (done, unsigned)))
    superseded = await signing.wait_for(SigningSuperseded, unsigned[1])
    assert superseded.form_revision == 1
    await signing.wait_for(SigningSuperseded, later)  # signing takes a subscription's forms in their order
    kept = await signing.forms.get(done[1])
    assert kept
    assert kept.status is FormStatus.AWAITING
    assert signing.published(SigningSuperseded, done[1]) == []
