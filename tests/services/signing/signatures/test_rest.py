"""An office signs its form over HTTP, on real Kafka and MongoDB."""

import asyncio
from base64 import b64encode
from datetime import timedelta
from uuid import UUID

import pytest

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from shared.events.base import DocumentRef, SendBy
from shared.events.signing import FormSigned
from shared.ids import fresh
from shared.storage.documents import Provenance
from shared.storage.mongo import Database
from shared.time.clock import OffsetClock
from tests.services.signing.factory import cancelled, changed_sending, named, withdrawn
from tests.services.signing.moment import read_stamp, written_moment
from tests.services.signing.offices import Office, chain
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.support.service_process import until
from tests.support.topic import records


@pytest.fixture
async def desk(signing: World) -> Office:
    """An office with a form that waits for its signature."""
    return Office(signing, await signing.form())


async def test_form_is_signed(desk: Office, office: Credential, trust: TrustSettings) -> None:
    attempt = await desk.begin(office)
    assert (attempt["attempt"], attempt["algorithm"], attempt["warnings"]) == (1, "PS256", [])
    signed = (await desk.answer(office, attempt)).json()
    assert signed["status"] == "signed"
    event = await desk.signing.wait_for(FormSigned, desk.renewal)
    assert event.signed_form.sha256 == signed["signed_form"]["sha256"]
    assert event.certificate.match == "tax_code"
    assert event.certificate.fingerprint == office.fingerprint
    pdf = await desk.signing.signing.documents.get(event.signed_form.sha256)
    await verify(pdf, issued(), "office", trust, event.signed_at, old_padding=False)
    assert (written_moment(pdf), read_stamp(pdf)) == (event.signed_at, event.signed_at)


async def test_repeated_signature_is_accepted_once(desk: Office, office: Credential) -> None:
    attempt = await desk.begin(office)
    first = await desk.answer(office, attempt)
    again = await desk.answer(office, attempt)
    assert (again.status_code, again.json()) == (200, first.json())
    await desk.signing.wait_for(FormSigned, desk.renewal)
    stored = await desk.signing.signing.database["forms"].find_one({"_id": str(desk.renewal)})
    assert stored is not None
    assert stored["sequence"] == 1


async def test_old_token_and_other_certificate_are_warned_of(desk: Office, pki: Pki) -> None:
    other = pki.credential("other-office", Holder("Đơn vị khác", ("MST:0100686209",)))
    attempt = await desk.begin(other)
    assert [warning["code"] for warning in attempt["warnings"]] == ["needs_review"]
    signed = (await desk.answer(other, attempt, algorithm="RS256")).json()
    assert [warning["code"] for warning in signed["warnings"]] == ["needs_review", "old_padding"]
    assert (await desk.signing.wait_for(FormSigned, desk.renewal)).certificate.match == "review"


async def test_only_the_office_s_renewer_may(desk: Office) -> None:
    signing = desk.signing

    async def status(headers: dict[str, str]) -> int:
        return (await signing.client.get(desk.form, headers=headers)).status_code

    assert await status({}) == 401
    assert await status(signing.bearer(role="member")) == 403
    assert await status(signing.bearer(office="another")) == 404
    assert await status(signing.bearer(role="desk")) == 403
    assert await status(signing.bearer()) == 200


async def died(signing: World, document: DocumentRef) -> bool:
    """Whether a dead letter names the document."""
    dead = signing.signing.names.dead("signing")
    found = await records(signing.signing.settings.kafka, dead)
    return any(document.sha256.encode() in (record.value or b"") for record in found)


async def test_member_whom_the_desk_named_signs_until_it_is_withdrawn(signing: World) -> None:
    """The test uses offices of its own: a person named for one of them gets no rights at the others."""
    ref = f"O-{fresh().hex[:8]}"
    desk = Office(signing, await signing.form(office_ref=ref))
    member, stranger = signing.bearer(office=ref, role="member"), signing.bearer(role="member")

    async def signed_kind(status: int) -> bool:
        return (await signing.client.get(desk.form, headers=member)).status_code == status

    assert await signed_kind(403)
    foreign = await signing.put(b"%PDF of others", Provenance("renewer_evidence", "another-office"))
    evidence = await signing.put(b"%PDF evidence", Provenance("renewer_evidence", ref))
    await signing.publish(named("p1", office_ref=ref, evidence=foreign))
    await until(lambda: died(signing, foreign), "the dead letter of what has no evidence")
    assert await signed_kind(403)
    await signing.publish(named("p1", office_ref=ref, evidence=evidence))
    await until(lambda: signed_kind(200), "the member may sign")
    assert (await signing.client.get(desk.form, headers=stranger)).status_code == 403
    clerk = signing.bearer(office=ref, role="desk")
    assert (await signing.client.get(desk.form, headers=clerk)).status_code == 403
    await signing.publish(withdrawn("p1", office_ref=ref))
    await until(lambda: signed_kind(403), "the member may sign no more")


async def test_wrong_signature_leaves_the_attempt_open(desk: Office, office: Credential, pki: Pki) -> None:
    other = pki.credential("another-key", Holder("Sở Tài chính"))
    attempt = await desk.begin(office)
    refused = await desk.answer(other, attempt)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:giahan:problem:signature-mismatch"
    assert refused.json()["title"].startswith("Chữ ký số không khớp")
    english = await desk.answer(other, attempt, language="en")
    assert english.json()["title"].startswith("The signature does not belong")
    assert (await desk.answer(office, attempt)).status_code == 200


async def test_certificate_is_checked_before_anything_is_signed(desk: Office, pki: Pki) -> None:
    stranger = pki.credential("stranger", Holder("Sở Tài chính"), trusted=False)
    for certificates, problem in (
        ([b64encode(der).decode() for der in stranger.chain], "certificate-untrusted"),
        ([b64encode(b"not DER").decode()], "certificate-unreadable"),
        (["abc"], "invalid"),
        ([], "invalid"),
    ):
        refused = await desk.ask(certificates)
        assert (refused.status_code, refused.json()["type"]) == (422, f"urn:giahan:problem:{problem}")


async def test_newer_attempt_closes_the_older(desk: Office, office: Credential) -> None:
    older, newer = await desk.begin(office), await desk.begin(office)
    refused = await desk.answer(office, older)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:attempt-closed")
    assert (await desk.answer(office, newer)).status_code == 200
    assert (await desk.answer(office, {**newer, "attempt": 7})).status_code == 404


async def test_attempt_runs_out_of_time(desk: Office, office: Credential) -> None:
    attempt = await desk.begin(office)
    assert isinstance(desk.signing.signing.clock, OffsetClock)
    desk.signing.signing.clock.move(timedelta(hours=1))
    refused = await desk.answer(office, attempt)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:attempt-expired")


async def test_form_sent_on_paper_is_not_signed_until_the_office_changes_back(
    signing: World, office: Credential
) -> None:
    """Guards against: the office chooses paper on one screen, and the signing session on another screen stays
    open."""
    paper = await signing.form(send_by=SendBy.PAPER)
    desk = Office(signing, paper)
    refused = await desk.ask(chain(office))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:not-awaiting")
    await signing.publish(changed_sending(SendBy.ELECTRONIC, renewal_id=paper))
    await until(lambda: shows(signing, paper, "awaiting", SendBy.ELECTRONIC), "signable")
    attempt = await desk.begin(office)
    await signing.publish(changed_sending(SendBy.PAPER, renewal_id=paper))
    await until(lambda: shows(signing, paper, "awaiting", SendBy.PAPER), "on paper again")
    late = await desk.answer(office, attempt)
    assert (late.status_code, late.json()["type"]) == (409, "urn:giahan:problem:not-awaiting")


async def test_form_of_a_cancelled_registration_can_not_be_signed(signing: World, office: Credential) -> None:
    renewal = await signing.form()
    await signing.publish(cancelled(renewal_id=renewal))
    await until(lambda: shows(signing, renewal, "closed", SendBy.ELECTRONIC), "closed")
    refused = await Office(signing, renewal).ask(chain(office))
    assert refused.status_code == 409


async def shows(signing: World, renewal: UUID, status: str, send_by: SendBy) -> bool:
    answer = await signing.client.get(f"/v1/forms/{renewal}", headers=signing.bearer())
    return (answer.json()["status"], answer.json()["send_by"]) == (status, send_by)


async def _prepared_pdfs(desk: Office) -> list[str]:
    """The prepared PDFs of this form's attempts that are still stored."""
    form = await desk.signing.signing.database["forms"].find_one({"_id": str(desk.renewal)})
    assert form is not None
    made = [attempt["prepared"] for attempt in form["attempts"]]
    return [sha256 for sha256 in made if await _documents(desk)["documents"].find_one({"_id": sha256})]


def _documents(desk: Office) -> Database:
    service = desk.signing.signing
    return service.client[service.settings.database("documents")]


async def test_newer_attempt_takes_the_place_of_the_one_before(desk: Office, office: Credential) -> None:
    """The prepared PDF of the earlier attempt is deleted with its bytes, however often somebody begins."""
    files = _documents(desk)["fs.files"]
    begun: set[str] = set()
    for _ in range(4):
        attempt = await desk.begin(office)
        begun.update(await _prepared_pdfs(desk))
    (last,) = await _prepared_pdfs(desk)
    kept = {"filename": {"$in": list(begun)}}
    assert [file["filename"] async for file in files.find(kept)] == [last]
    assert (await desk.answer(office, attempt)).status_code == 200
    assert await _prepared_pdfs(desk) == []
    assert await files.count_documents(kept) == 0


async def test_what_a_crash_or_an_end_leaves_is_dropped_by_the_database(
    desk: Office, office: Credential
) -> None:
    await desk.begin(office)
    (stored,) = await _prepared_pdfs(desk)
    documents, now = _documents(desk), desk.signing.signing.real.now()
    for collection, id in (("documents", stored), ("provenance", f"{stored}/prepared_form/{desk.renewal}")):
        found = await documents[collection].find_one({"_id": id})
        assert found is not None
        assert timedelta(0) < found["until"] - now < timedelta(days=1)
        assert (await documents[collection].index_information())["until"]["expireAfterSeconds"] == 0
    assert await documents["documents"].count_documents({"until": None}) > 0  # issued documents stay


async def test_revision_that_the_page_did_not_show_is_not_signed(desk: Office, office: Credential) -> None:
    """Guards against: a page is open, the form is issued anew, and the signer presses the button."""
    shown, present = await desk.signing.reissued(desk.renewal)
    refused = await desk.ask(chain(office), document=shown)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:form-changed")
    assert await _prepared_pdfs(desk) == []
    assert (await desk.ask(chain(office), document=present)).status_code == 201


async def test_attempt_whose_pdf_is_gone_is_over(desk: Office, office: Credential) -> None:
    attempt = await desk.begin(office)
    (stored,) = await _prepared_pdfs(desk)
    await desk.signing.signing.documents.forget(stored)
    answer = await desk.answer(office, attempt)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:giahan:problem:attempt-closed")
    assert (await desk.answer(office, await desk.begin(office))).status_code == 200


async def test_same_signature_at_the_same_time_is_accepted_once(desk: Office, office: Credential) -> None:
    attempt = await desk.begin(office)
    answers = await asyncio.gather(*(desk.answer(office, attempt) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["signed_form"]["sha256"] for answer in answers}) == 1
