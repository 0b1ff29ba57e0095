"""Validation reports over HTTP: of our own documents, and of any PDF. On real Kafka and MongoDB."""

import json
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.uploaded.file import LARGEST
from services.signing.reports.composition import LARGER_BODIES
from shared.events.signing import ContractIssued, FormSigned, SignaturesReported
from shared.ids import fresh
from shared.storage.documents import Provenance
from tests.services.signing import changes
from tests.services.signing.factory import contract_prepared, registered
from tests.services.signing.paper import issued
from tests.services.signing.reports.papers import NUMBER, paper, written_anew
from tests.services.signing.service import World
from tests.services.signing.signer import signed, updated
from tests.support.service_process import until


@pytest.fixture(scope="module")
async def form(signing: World, office: Credential) -> UUID:
    """A form that its office has signed."""
    renewal = await signing.form()
    url = f"/v1/forms/{renewal}/signed-file"
    answer = await signing.client.post(url, content=await signed(issued(), office), headers=signing.bearer())
    assert answer.status_code == 200, answer.text
    return renewal


async def ask(signing: World, path: str, **who: str) -> httpx.Response:
    return await signing.client.get(path, headers=signing.bearer(**who))


async def check(signing: World, pdf: bytes, **headers: str) -> httpx.Response:
    return await signing.client.post("/v1/reports", content=pdf, headers={**signing.bearer(), **headers})


async def origin(signing: World, pdf: bytes, **who: str) -> dict[str, Any]:
    answer = await signing.client.post("/v1/reports", content=pdf, headers=signing.bearer(**who))
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["origin"])


async def numbered(signing: World) -> tuple[UUID, bytes]:
    """A registration whose form names its number, which no other has, and the form."""
    renewal, number = fresh(), f"GH-{fresh().hex[:4]}-{fresh().hex[:4]}".upper()
    pdf = paper(f"Phiếu đăng ký số {number}", "office")
    reference = await signing.put(pdf, Provenance("form", renewal))
    await signing.publish(registered(renewal_id=renewal, registration_no=number, form=reference))
    await until(lambda: signing.forms.get(renewal), "the form")
    return renewal, pdf


async def test_form_is_reported_as_of_its_signature_and_the_report_kept(signing: World, form: UUID) -> None:
    first = await ask(signing, f"/v1/forms/{form}/report")
    assert first.status_code == 200, first.text
    report, event = first.json(), await signing.wait_for(FormSigned, form)
    assert (report["indication"], report["origin"]) == ("TOTAL_PASSED", None)
    assert report["document"] == {
        "kind": "form",
        "registration_no": "GH-0001",
        "contract_number": None,
        "office_ref": "hagiang-stc",
        "tax_code": "0101243150-001",
        "budget_code": "1047665",
    }
    assert report["mismatch"] is None
    assert report["sha256"] == event.signed_form.sha256
    assert report["judged_at"] == event.signed_at.isoformat().replace("+00:00", "Z")
    (signature,) = report["signatures"]
    assert signature["facts"]["level"] == "PAdES-BASELINE-B"
    assert signature["facts"]["certificate"]["tax_codes"] == ["0101243150-001"]
    later = await ask(signing, f"/v1/forms/{form}/report", role="member")
    assert later.json() == report
    assert (
        await signing.signing.database["validation_reports"].count_documents({"_id": report["sha256"]}) == 1
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [({"office": "another"}, 404), ({"role": "desk"}, 200), ({"office": "another", "role": "ops"}, 200)],
)
async def test_who_may_read_the_report(signing: World, form: UUID, who: dict[str, str], status: int) -> None:
    assert (await ask(signing, f"/v1/forms/{form}/report", **who)).status_code == status


async def test_nobody_reads_without_signing_in(signing: World, form: UUID) -> None:
    assert (await signing.client.get(f"/v1/forms/{form}/report")).status_code == 401
    assert (await signing.client.post("/v1/reports", content=issued())).status_code == 401


async def test_unsigned_and_unknown_documents_have_no_report(signing: World) -> None:
    unsigned = await ask(signing, f"/v1/forms/{await signing.form()}/report")
    assert (unsigned.status_code, unsigned.json()["type"]) == (409, "urn:giahan:problem:not-signed")
    assert (await ask(signing, f"/v1/contracts/{fresh()}/report")).status_code == 404


async def test_sealed_contract_is_reported_as_of_its_seal(signing: World) -> None:
    renewal = await signing.accepted_on_paper()
    prepared = await signing.put(issued("vendor"), Provenance("contract", renewal))
    await signing.publish(contract_prepared(renewal_id=renewal, contract=prepared))
    event = await signing.wait_for(ContractIssued, renewal)
    answer = await ask(signing, f"/v1/contracts/{renewal}/report")
    assert answer.status_code == 200, answer.text
    assert answer.json()["indication"] == "TOTAL_PASSED"
    document = answer.json()["document"]
    assert (document["kind"], document["contract_number"]) == ("contract", event.contract_number)
    assert (document["registration_no"], document["office_ref"]) == ("GH-0001", event.office_ref)
    assert datetime.fromisoformat(answer.json()["judged_at"]) == event.sealed_at.replace(microsecond=0)
    told = await signing.wait_for(SignaturesReported, renewal)
    assert (told.document, told.indication) == (event.contract.sha256, "TOTAL_PASSED")


async def test_reports_are_published_for_the_dossiers(signing: World, form: UUID) -> None:
    """Once, whoever asks before or after; with the same report as JSON and as PDF."""
    signed = await signing.wait_for(FormSigned, form)
    told = await signing.wait_for(SignaturesReported, form)
    assert (told.document, told.indication) == (signed.signed_form.sha256, "TOTAL_PASSED")
    asked = (await ask(signing, f"/v1/forms/{form}/report")).json()
    printed, view = told.files
    assert json.loads(await signing.signing.documents.get(view.sha256)) == asked
    pdf = await signing.signing.documents.get(printed.sha256)
    assert asked["sha256"] in "".join(
        "".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).split()
    )
    about = Provenance("validation_report", told.document)
    assert [await signing.signing.documents.is_of(file.sha256, about) for file in told.files] == [True, True]
    listed = await signing.preserved.find(told.document)
    assert listed
    assert listed.reported_at
    assert told.document not in {file.document.sha256 for file in await signing.preserved.unreported(100)}
    assert len(signing.published(SignaturesReported, form)) == 1


async def test_any_pdf_is_reported_and_not_stored(signing: World, office: Credential) -> None:
    service, file = signing.signing, await signed(paper("Công văn", "office"), office)
    documents = service.client[service.settings.database("documents")]["documents"]
    before = await documents.count_documents({})
    answer = await check(signing, file)
    assert (answer.status_code, answer.json()["indication"]) == (200, "TOTAL_PASSED")
    assert answer.json()["origin"]["status"] == "unknown"
    assert await documents.count_documents({}) == before
    kept = service.database["validation_reports"]
    assert await kept.find_one({"_id": answer.json()["sha256"]}) is None


async def test_certificate_of_a_person_is_named_and_the_verdict_stays(signing: World, pki: Pki) -> None:
    person = pki.credential("report-person", Holder("Nguyễn Thị Thử", ("CCCD:001082000001",)))
    renewal = await signing.form()
    file, path = await signed(issued(), person), f"/v1/forms/{renewal}/signed-file"
    answer = await signing.client.post(path, content=file, headers=signing.bearer())
    assert answer.status_code == 200, answer.text
    report = (await ask(signing, f"/v1/forms/{renewal}/report")).json()
    assert (report["indication"], report["mismatch"]["code"]) == ("TOTAL_PASSED", "no_code")


async def test_altered_file_fails(signing: World, office: Credential) -> None:
    file = await signed(issued(), office)
    answer = await check(signing, file.replace(b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 0 395", 1))
    (signature,) = answer.json()["signatures"]
    assert (signature["indication"], signature["sub_indication"]) == ("TOTAL_FAILED", "HASH_FAILURE")
    assert signature["meaning"][0] != signature["meaning"][1]


@pytest.mark.parametrize(
    ("file", "status", "name"),
    [
        (b"no pdf", 422, "file-unreadable"),
        (b"", 422, "file-unreadable"),
        (b"%PDF-1.7" + bytes(LARGEST), 413, "too-large"),
    ],
    ids=["text", "empty", "large"],
)
async def test_refused_file(signing: World, file: bytes, status: int, name: str) -> None:
    answer = await check(signing, file)
    assert answer.status_code == status
    assert LARGER_BODIES["/v1/reports"] == LARGEST
    if status == 422:
        assert answer.json()["type"] == f"urn:giahan:problem:{name}"


@pytest.mark.parametrize(
    ("language", "query", "says"),
    [("vi", "", "Chữ ký số hợp lệ"), ("en", "", "The signature is valid"), ("en", "?lang=vi", "hợp lệ")],
)
async def test_report_as_pdf(
    signing: World, office: Credential, language: str, query: str, says: str
) -> None:
    answer = await signing.client.post(
        f"/v1/reports{query}",
        content=await signed(issued(), office),
        headers={**signing.bearer(language=language), "accept": "application/pdf"},
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert says in text
    assert "TOTAL_PASSED" in text
    assert "Sở Tài chính tỉnh Hà Giang" in " ".join(text.split())


async def test_our_document_is_recognised_by_its_bytes(signing: World, office: Credential) -> None:
    renewal, pdf = await numbered(signing)
    file = await signed(pdf, office)
    for each in (pdf, file):
        found = await origin(signing, each)
        assert (found["status"], found["kind"], found["renewal_id"]) == ("issued", "form", str(renewal))
    overlaid = await origin(signing, updated(file, changes.overlay))
    assert (overlaid["status"], overlaid["reason"]) == ("changed", "file_changed")
    document = (await check(signing, file)).json()["document"]
    assert (document["kind"], document["registration_no"]) == ("form", found["number"])
    assert document["office_ref"] == "hagiang-stc"


async def test_our_document_is_recognised_by_its_text(signing: World, office: Credential) -> None:
    renewal, pdf = await numbered(signing)
    altered = (await signed(pdf, office)).replace(b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 0 395", 1)
    for each in (written_anew(pdf), altered):
        anew = await origin(signing, each)
        assert (anew["status"], anew["renewal_id"]) == ("rewritten", str(renewal))
    number = anew["number"]
    other = await origin(signing, paper(f"Phiếu số {number}, giá 0 đồng", "office"))
    assert (other["status"], other["number"]) == ("other", number)
    named = await check(signing, paper(f"Phiếu số {number}, giá 0 đồng", "office"))
    assert named.json()["document"] is None
    assert (await origin(signing, paper(f"Phiếu đăng ký số {NUMBER}")))["status"] == "unknown"


async def test_another_offices_document_is_unknown(signing: World) -> None:
    _, pdf = await numbered(signing)
    for each in (pdf, written_anew(pdf)):
        found = await origin(signing, each, office="another")
        assert (found["status"], found["renewal_id"], found["number"]) == ("unknown", None, "")
        headers = signing.bearer(office="another")
        answer = await signing.client.post("/v1/reports", content=each, headers=headers)
        assert answer.json()["document"] is None
        assert (await origin(signing, each, role="desk"))["status"] in ("issued", "rewritten")


async def test_a_copy_of_a_document_that_was_deleted_still_gets_its_report(signing: World) -> None:
    """The copy can't be compared with what was issued any more; and a download of that says so."""
    renewal, pdf = await numbered(signing)
    await signing.signing.documents.forget(sha256(pdf).hexdigest())
    assert (await origin(signing, pdf))["status"] == "unknown"
    gone = await ask(signing, f"/v1/forms/{renewal}/newest-file")
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:giahan:problem:document-gone")
