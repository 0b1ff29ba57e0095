"""An office uploads its form or contract, signed with a program of its own, on real Kafka and MongoDB."""

from uuid import UUID

import httpx
import pytest
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import TextStampStyle

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.uploaded.file import LARGEST
from services.signing.texts import REFUSALS
from shared.events.base import SendBy
from shared.events.signing import ContractIssued, ContractSigned, FormSigned
from tests.services.signing.factory import contract_assented
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signer import signed, signed_elsewhere

OVER_TEXT = SigFieldSpec("Signature1", on_page=0, box=(40, 680, 400, 790))


async def send(signing: World, renewal: UUID, file: bytes, kind: str = "forms") -> httpx.Response:
    url = f"/v1/{kind}/{renewal}/signed-file"
    return await signing.client.post(url, content=file, headers=signing.bearer())


async def test_file_signed_elsewhere_signs_the_form_once(signing: World, office: Credential) -> None:
    renewal, file = await signing.form(), await signed(issued(), office)
    first = await send(signing, renewal, file)
    assert (first.status_code, first.json()["status"]) == (200, "signed")
    again = await send(signing, renewal, file)
    assert (again.status_code, again.json()) == (200, first.json())
    event = await signing.wait_for(FormSigned, renewal)
    assert (event.certificate.match, event.looks) == ("tax_code", ())
    assert await signing.signing.documents.get(event.signed_form.sha256) == file
    stored = await signing.signing.database["forms"].find_one({"_id": str(renewal)})
    assert stored is not None
    assert stored["sequence"] == 1


async def test_two_people_sign(signing: World, office: Credential, pki: Pki) -> None:
    """The director with a certificate of her own first, then the office."""
    person = pki.credential("upload-director", Holder("Giám đốc", ("CCCD:001082000001",)))
    first = await signed_elsewhere(issued(), person, "Signature1", place=SigFieldSpec("Signature1"))
    renewal = await signing.form()
    answer = await send(signing, renewal, await signed(first, office))
    assert answer.status_code == 200, answer.text
    assert (await signing.wait_for(FormSigned, renewal)).certificate.fingerprint == office.fingerprint


async def test_stamp_over_the_text_is_for_the_desk(signing: World, office: Credential) -> None:
    style = TextStampStyle(stamp_text="%(signer)s")
    file = await signed_elsewhere(issued(), office, "Signature1", place=OVER_TEXT, stamp=style)
    renewal = await signing.form()
    assert (await send(signing, renewal, file)).status_code == 200
    assert "stamp_covers_content" in (await signing.wait_for(FormSigned, renewal)).looks


@pytest.mark.parametrize(
    ("file", "status", "name"),
    [
        (b"hello", 422, "file-unreadable"),
        (issued(), 422, "signature-missing"),
        (issued("other"), 422, "file-resaved"),
        (bytes(LARGEST + 1), 413, "too-large"),
    ],
    ids=["no PDF", "not signed", "saved anew", "too large"],
)
async def test_refused_with_its_reason(signing: World, file: bytes, status: int, name: str) -> None:
    renewal = await signing.form()
    answer = await send(signing, renewal, file)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:giahan:problem:{name}")
    form = await signing.forms.get(renewal)
    assert form
    assert form.can_be_signed


async def test_file_of_an_earlier_revision(signing: World, office: Credential) -> None:
    """The office downloaded the form, which was issued anew before it came back."""
    renewal, file = await signing.form(), await signed(issued(), office)
    await signing.reissued(renewal)
    await signing.reissued(renewal)
    answer = await send(signing, renewal, file)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:giahan:problem:form-changed")
    assert answer.json()["title"] == REFUSALS["form_changed"].vi
    present = await signed(issued("office", "revision-3"), office)
    assert (await send(signing, renewal, present)).status_code == 200
    again = await send(signing, renewal, file)
    assert (again.status_code, again.json()["type"]) == (409, "urn:giahan:problem:not-awaiting")


async def test_form_sent_on_paper_takes_no_file(signing: World, office: Credential) -> None:
    renewal = await signing.form(send_by=SendBy.PAPER)
    answer = await send(signing, renewal, await signed_elsewhere(issued(), office))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:giahan:problem:not-awaiting")


async def test_contract_signed_elsewhere(signing: World, office: Credential) -> None:
    renewal = await signing.accepted_on_paper()
    prepared = await signing.waiting_contract(renewal)
    file = await signed(issued("office", "vendor"), office)
    answer = await send(signing, renewal, file, "contracts")
    assert (answer.status_code, answer.json()["status"]) == (200, "signed")
    event = await signing.wait_for(ContractSigned, renewal)
    assert event.certificate.match == "tax_code"
    await signing.publish(contract_assented(prepared, contract=event.signed_contract))
    issued_contract = await signing.wait_for(ContractIssued, renewal)
    pdf = await signing.signing.documents.get(issued_contract.contract.sha256)
    assert pdf.startswith(file)
