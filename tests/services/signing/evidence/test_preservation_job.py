"""The daily look makes the versions that are due, once each, on real MongoDB with real time stamps."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import generate_latest

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import Credential, Pki
from services.signing.domain.form import SigningForm
from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import PreservationFailure, PreservedFile, PreservedVersion
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.long_term.evidence import NoTimeStamp
from services.signing.pades.long_term.extension import ExtendedPdf
from services.signing.pades.long_term.preserver import Preserver
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.preservation.files import FAILED, INDEXES, PreservedFiles
from services.signing.preservation.handlers import PreservationHandlers
from services.signing.preservation.job import DailyLook, PreservationJob
from services.signing.preservation.meters import PreservationMeter
from services.signing.signatures.prepared_pdfs import PreparedPdfStore
from services.signing.signatures.service import SigningService
from services.signing.signatures.views import form_view
from shared.background.leader_loop import LeaderLoop
from shared.background.workers import WorkEnded
from shared.events.base import DocumentRef
from shared.events.dossier import DossierDeleted
from shared.ids import fresh
from shared.observability.metrics import Metrics
from shared.resilience.errors import MissingDocument, Unproven
from shared.storage.aggregate import Cause
from shared.storage.documents import Provenance
from shared.storage.indexes import ensure
from tests.contracts.specimen import specimen
from tests.services.renewal.dying_parts import BeforeCall
from tests.services.signing.evidence.conftest import MakeSigner
from tests.services.signing.evidence.judge import is_archival
from tests.services.signing.evidence.responders import Responders
from tests.services.signing.factory import OFFICE, document
from tests.services.signing.service import MARGIN, World
from tests.support.clock import FixedClock

LIFETIME, DAY, YEAR = timedelta(minutes=30), timedelta(days=1), timedelta(days=365)
ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class ToldPreserver(Preserver):
    """Fails as it is told, once for each failure, and else answers with other bytes at once."""

    failures: list[Exception] = field(default_factory=list)
    levels: list[SignatureLevel] = field(default_factory=list)

    async def preserve(self, pdf: bytes, level: SignatureLevel, moment: datetime) -> ExtendedPdf:
        self.levels.append(level)
        if self.failures:
            raise self.failures.pop(0)
        return ExtendedPdf(pdf + b"+", moment + 3 * YEAR)


@dataclass(frozen=True)
class Listed:
    """A list of its own, and what the job needs around it."""

    world: World
    files: PreservedFiles
    clock: FixedClock

    async def add(self, name: str = "a", *, stored: bool = True) -> DocumentRef:
        """A basic file, due at once. Its name is its content."""
        pdf = f"{name} {fresh()}".encode()
        reference = await self.world.put(pdf) if stored else document(str(fresh()))
        await self.files.add("signed_form", fresh(), OFFICE, reference, SignatureLevel.BASIC)
        return reference

    async def file(self, reference: DocumentRef) -> PreservedFile:
        found = await self.files.find(reference.sha256)
        assert found
        return found

    def job(self, preserver: Preserver) -> PreservationJob:
        service = self.world.signing
        look = DailyLook(self.clock, ZONE)
        loop = LeaderLoop("t", service.lease("t"), look.is_open, 60)
        return PreservationJob(self.files, service.documents, preserver, look, loop)


async def run_day(job: PreservationJob) -> int:
    """Do the steps of one look. Returns how many it took."""
    steps = 0
    while job.look.is_open():
        await job.step(_leads)
        steps += 1
    return steps


async def _leads() -> None:
    """It leads."""


@pytest.fixture
async def listed(signing: World) -> AsyncIterator[Listed]:
    clock = FixedClock(signing.signing.clock.now())
    store = signing._store(f"preserved_{fresh().hex}", PreservedFile)
    await ensure(store.collection, INDEXES)
    yield Listed(signing, PreservedFiles(store, clock, MARGIN), clock)
    await store.collection.drop()


async def test_form_signed_without_a_stamp_gets_one(
    listed: Listed,
    make_signer: MakeSigner,
    responders: Responders,
    office_with_responder: Credential,
    own_pki: Pki,
) -> None:
    """The file that the event names stays; the version with proof is served beside it."""
    responders.moment = listed.clock.now()
    signing = signing_service(listed, make_signer(stamps=False))
    renewal = await listed.world.form()
    attempt = await signing.begin(await form_of(listed, renewal), office_with_responder.chain)
    token = Token(office_with_responder.p12.read_bytes(), office_with_responder.password)
    value = token.sign(attempt.digest, attempt.algorithm)
    form = await signing.complete(await form_of(listed, renewal), attempt.n, value)
    assert form.signed_form
    before = form_view(form, await signing.proof(form)).proof
    assert before
    assert (before.level, before.version, before.newest) == (SignatureLevel.BASIC, 0, form.signed_form)
    assert await run_day(listed.job(Preserver(make_signer()))) == 2
    view = form_view(form, await signing.proof(form))
    assert view.proof
    assert (view.proof.level, view.proof.version) == (SignatureLevel.ARCHIVAL, 1)
    assert view.signed_form == form.signed_form
    reference, pdf = await signing.newest_file(form)
    assert reference == view.proof.newest
    assert pdf.startswith(await signing.documents.get(form.signed_form.sha256))
    assert await is_archival(pdf, "office", own_pki, listed.clock.now(), listed.clock.now())


def signing_service(listed: Listed, signer: DeferredSigner) -> SigningService[SigningForm]:
    world, service = listed.world, listed.world.signing
    prepared = PreparedPdfStore(service.documents, service.real, LIFETIME)
    return SigningService(
        world.forms, service.documents, prepared, signer, listed.clock, LIFETIME, listed.files
    )


async def form_of(listed: Listed, renewal: UUID) -> SigningForm:
    found = await listed.world.forms.get(renewal)
    assert found
    return found


async def test_all_that_is_due_gets_a_version_once(listed: Listed, make_signer: MakeSigner) -> None:
    """More than one step takes; then nothing until the new proof ages."""
    files = [await listed.add() for _ in range(60)]
    told = ToldPreserver(make_signer())
    job = listed.job(told)
    assert await run_day(job) == 3
    assert len(told.levels) == 60
    for reference in files[::20]:
        found = await listed.file(reference)
        pdf = await listed.world.signing.documents.get(found.newest.sha256)
        assert pdf == await listed.world.signing.documents.get(reference.sha256) + b"+"
    listed.clock.move_to(listed.clock.now() + DAY)
    assert await run_day(job) == 1
    assert len(told.levels) == 60
    listed.clock.move_to(listed.clock.now() + 3 * YEAR - MARGIN)
    assert await run_day(job) == 3
    assert told.levels[60:] == [SignatureLevel.ARCHIVAL] * 60
    assert len((await listed.file(files[0])).versions) == 2


async def test_two_processes_add_one_version(listed: Listed, make_signer: MakeSigner) -> None:
    reference = await listed.add()
    first, second = (listed.job(ToldPreserver(make_signer())) for _ in range(2))
    (stored,) = await listed.files.due()
    await asyncio.gather(first._preserve(stored), second._preserve(stored))
    assert len((await listed.file(reference)).versions) == 1


async def test_failures_are_listed_with_their_reason_and_tried_the_next_day(
    listed: Listed, make_signer: MakeSigner
) -> None:
    reasons = [InvalidityReason.CERTIFICATE_REVOKED, PreservationFailure.INTERRUPTED]
    for _ in reasons:
        await listed.add()
    told = ToldPreserver(make_signer(), [Rejected(InvalidityReason.CERTIFICATE_REVOKED), WorkEnded("t")])
    job = listed.job(told)
    await run_day(job)
    assert sorted(each.failed.reason for each in await listed.files.failed() if each.failed) == reasons
    assert await listed.files.count_failed() == dict.fromkeys(reasons, 1)
    assert await listed.files.count_due() == 0
    listed.clock.move_to(listed.clock.now() + DAY)
    await run_day(job)
    assert await listed.files.failed() == []
    assert len(told.levels) == 4


async def test_file_that_is_gone_holds_up_nobody(listed: Listed, make_signer: MakeSigner) -> None:
    gone, there = await listed.add(stored=False), await listed.add()
    await run_day(listed.job(ToldPreserver(make_signer())))
    failed = (await listed.file(gone)).failed
    assert failed
    assert failed.reason == PreservationFailure.FILE_MISSING
    assert (await listed.file(there)).versions


async def test_silent_authority_ends_the_look(listed: Listed, make_signer: MakeSigner) -> None:
    """The others stay due, and are the first of the next day."""
    for _ in range(3):
        await listed.add()
    told = ToldPreserver(make_signer(), [NoTimeStamp("status 503")])
    job = listed.job(told)
    assert await run_day(job) == 1
    assert (len(await listed.files.failed()), await listed.files.count_due()) == (1, 2)
    listed.clock.move_to(listed.clock.now() + DAY)
    await run_day(job)
    assert (len(await listed.files.failed()), await listed.files.count_due()) == (0, 0)


async def test_file_that_is_listed_during_a_step_is_not_left_for_tomorrow(
    listed: Listed, make_signer: MakeSigner
) -> None:
    job = listed.job(ToldPreserver(make_signer()))
    openings = job.look.openings
    job.look.reopen()
    job.look.close(openings)
    assert job.look.is_open()
    job.look.close(job.look.openings)
    assert not job.look.is_open()


async def test_seal_on_a_basic_signature_is_basic(listed: Listed) -> None:
    """The lower level of both counts, so that the office's signature gets its proof too. So does one that an
    older release took, which isn't listed."""
    end = listed.clock.now() + YEAR
    for office in (await listed.add(), document(str(fresh()))):
        sealed = document(str(fresh()))
        await listed.files.add(
            "sealed_contract", fresh(), OFFICE, sealed, SignatureLevel.LONG_TERM, end, signed_before=office
        )
        found = await listed.file(sealed)
        assert (found.level, found.due) == (SignatureLevel.BASIC, listed.clock.now())


@pytest.mark.parametrize(("first", "second"), [(200, 1800), (1800, 200)])
async def test_seal_is_due_with_the_earlier_proof(listed: Listed, first: int, second: int) -> None:
    """The sealed file holds the office's proof too, which may end long before the seal's."""
    office, sealed = document(str(fresh())), document(str(fresh()))
    now, level = listed.clock.now(), SignatureLevel.LONG_TERM
    await listed.files.add("signed_contract", fresh(), OFFICE, office, level, now + first * DAY)
    await listed.files.add(
        "sealed_contract", fresh(), OFFICE, sealed, level, now + second * DAY, signed_before=office
    )
    assert (await listed.file(sealed)).due == now + 200 * DAY - listed.files.margin


async def test_lists_are_read_by_their_indexes(listed: Listed) -> None:
    collection = listed.files.store.collection
    for query, index in (({"due": {"$lte": listed.clock.now()}}, "due"), (FAILED, "failed")):
        sort = "due" if index == "due" else "failed.since"
        plan = str((await collection.find(query).sort(sort, 1).explain())["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan
        assert f"'indexName': '{index}'" in plan


async def test_counts_are_metrics(listed: Listed, make_signer: MakeSigner) -> None:
    await listed.add()
    await listed.add()
    told = ToldPreserver(make_signer(), [Rejected(InvalidityReason.CERTIFICATE_REVOKED)])
    (first, _) = await listed.files.due()
    await listed.job(told)._preserve(first)
    metrics = Metrics()
    await PreservationMeter(listed.files).register(metrics)()
    shown = generate_latest(metrics.registry).decode()
    assert "giahan_preservation_due 1.0" in shown
    assert "giahan_reports_missing 2.0" in shown
    assert 'giahan_preservation_failed{reason="certificate_revoked"} 1.0' in shown


async def test_versions_go_with_the_documents_of_a_deleted_dossier(
    listed: Listed, make_signer: MakeSigner
) -> None:
    """Only once the document itself is gone: an event alone deletes no proof."""
    documents = listed.world.signing.documents
    deleted, other = await listed.add(), await listed.add()
    await run_day(listed.job(ToldPreserver(make_signer())))
    version = (await listed.file(deleted)).newest
    assert version != deleted
    known = specimen(DossierDeleted.model_json_schema()) | {
        "renewal_id": (await listed.file(deleted)).renewal_id,
        "files": (deleted.sha256,),
    }
    event = DossierDeleted.model_validate(known)
    handlers = PreservationHandlers(listed.files, documents, listed.world.forms)
    with pytest.raises(Unproven):
        await handlers.delete_versions(event, Cause.command())
    assert await documents.get(version.sha256)
    await documents.forget(deleted.sha256)
    for _ in range(2):
        await handlers.delete_versions(event, Cause.command())
        with pytest.raises(MissingDocument):
            await documents.get(version.sha256)
    assert (await listed.file(deleted)).deleted_at
    assert (await listed.file(other)).newest != other
    assert await listed.files.count_due() == 0


async def filed(listed: Listed) -> tuple[UUID, str, DocumentRef]:
    """A registration with its form and a signed file that its dossier never got."""
    world = listed.world
    renewal = await world.form(form=await world.put(f"form {fresh()}".encode()))
    unfiled = await world.put(f"signed late {fresh()}".encode(), Provenance("signed_form", renewal))
    await listed.files.add("signed_form", renewal, OFFICE, unfiled, SignatureLevel.BASIC)
    return renewal, (await form_of(listed, renewal)).form.sha256, unfiled


def deleted(renewal: UUID, *files: str, shared: tuple[str, ...] | None = ()) -> DossierDeleted:
    known = specimen(DossierDeleted.model_json_schema())
    about = {"renewal_id": renewal, "files": files, "shared": shared}
    return DossierDeleted.model_validate(known | about)


async def test_a_signed_file_that_was_never_filed_goes_too(listed: Listed, make_signer: MakeSigner) -> None:
    """Only where the registration's own form is gone, and nobody else has the file."""
    documents = listed.world.signing.documents
    renewal, form, unfiled = await filed(listed)
    await run_day(listed.job(ToldPreserver(make_signer())))
    version = (await listed.file(unfiled)).newest
    handlers = PreservationHandlers(listed.files, documents, listed.world.forms)
    kept = {unfiled.sha256, version.sha256}
    nobodys = "ab" * 32
    await documents.forget(form)
    for event in (
        deleted(renewal, nobodys),
        deleted(renewal, form, shared=(unfiled.sha256,)),
        deleted(renewal, form, shared=None),
    ):
        await handlers.delete_versions(event, Cause.command())
        assert await documents.find_stored(sorted(kept)) == kept
    await handlers.delete_versions(deleted(renewal, form), Cause.command())
    assert await documents.find_stored(sorted(kept)) == set()
    assert (await listed.file(unfiled)).deleted_at


async def test_a_signed_file_of_two_registrations_stays(listed: Listed) -> None:
    documents = listed.world.signing.documents
    renewal, form, unfiled = await filed(listed)
    await documents.put(
        await documents.get(unfiled.sha256), media_type="", name="", of=Provenance("paper_copy", fresh())
    )
    await documents.forget(form)
    handlers = PreservationHandlers(listed.files, documents, listed.world.forms)
    await handlers.delete_versions(deleted(renewal, form), Cause.command())
    assert await documents.get(unfiled.sha256)


@pytest.mark.parametrize("lead_first", [True, False])
async def test_what_a_lead_never_filed_goes_with_the_last_dossier_of_its_form(
    listed: Listed, *, lead_first: bool
) -> None:
    """The form of a joint registration is in the dossiers of all its products."""
    documents, world = listed.world.signing.documents, listed.world
    lead, form, unfiled = await filed(listed)
    known = await form_of(listed, lead)
    other = await world.form(form=known.form, lead_id=lead, product_code=f"p-{fresh().hex[:8]}")
    handlers = PreservationHandlers(listed.files, documents, world.forms)
    first, last = (lead, other) if lead_first else (other, lead)
    await handlers.delete_versions(deleted(first, shared=(form,)), Cause.command())
    assert await documents.find_stored([unfiled.sha256]), "the form is still in the other dossier"
    await documents.forget(form)
    await handlers.delete_versions(deleted(last, form), Cause.command())
    assert not await documents.find_stored([unfiled.sha256])
    assert (await listed.file(unfiled)).deleted_at


async def test_a_dossier_of_another_office_leaves_what_a_lead_never_filed(listed: Listed) -> None:
    """Guards against: an event names a lead of another office."""
    documents, world = listed.world.signing.documents, listed.world
    lead, form, unfiled = await filed(listed)
    known = await form_of(listed, lead)
    foreign = await world.form(form=known.form, lead_id=lead, office_ref="another-office")
    await documents.forget(form)
    handlers = PreservationHandlers(listed.files, documents, world.forms)
    await handlers.delete_versions(deleted(foreign, form), Cause.command())
    assert await documents.find_stored([unfiled.sha256])


async def test_a_version_that_comes_during_the_deletion_goes_too(
    listed: Listed, make_signer: MakeSigner
) -> None:
    documents, reference = listed.world.signing.documents, await listed.add()
    await documents.forget(reference.sha256)
    late = await listed.world.put(f"late {fresh()}".encode())
    now = listed.clock.now()

    async def add_late() -> None:
        version = PreservedVersion(n=1, document=late, made_at=now, proved_until=now + YEAR)
        assert await listed.files.add_version(reference.sha256, version)

    files: Any = BeforeCall(listed.files, "record_deletion", add_late)
    handlers = PreservationHandlers(files, documents, listed.world.forms)
    event = deleted((await listed.file(reference)).renewal_id, reference.sha256)
    await handlers.delete_versions(event, Cause.command())
    assert (await listed.file(reference)).deleted_at
    assert await documents.find_stored([late.sha256]) == set()


async def test_a_version_that_was_made_of_a_deleted_file_is_not_kept(
    listed: Listed, make_signer: MakeSigner
) -> None:
    reference = await listed.add()
    (stored,) = await listed.files.due()
    made = await listed.world.signing.documents.get(reference.sha256) + b"+"
    await listed.files.record_deletion(stored.state, Cause.command())
    await listed.job(ToldPreserver(make_signer()))._preserve(stored)
    gone = sha256(made).hexdigest()
    assert await listed.world.signing.documents.find_stored([gone]) == set()
